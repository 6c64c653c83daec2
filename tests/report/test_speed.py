"""Ten thousand checks, and a month of two hundred supplies, stay quick."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from hub.ledger.tables import batch
from hub.opened import Hub
from hub.report.batch import batch_document
from hub.report.month import hub_document
from hub.report.period import Month
from quality.scorecard.configuration import shelf
from tests.report.town import town

pytestmark = pytest.mark.slow
BEGIN = datetime(2026, 10, 31, 18, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def _batch(supply: str, day: int, rules: int) -> dict[str, object]:
    at = BEGIN + timedelta(days=day)
    outcomes = [
        {
            "code": "length",
            "rule_id": f"field_{number % 30}.length#{number}",
            "fields": [f"field_{number % 30}"],
            "expectation": {"type": "length", "kwargs": {"min_value": 1, "max_value": 9}},
            "severity": "error",
            "dimension": "conformity",
            "evaluated": 1000,
            "failed": number % 7,
            "success": not number % 7,
            "ran_on": "duckdb",
            "exception": None,
            "indicator": "0302",
        }
        for number in range(rules)
    ]
    counts = dict.fromkeys(("source", "landed", "accepted"), 1000)
    return {
        "id": f"{supply.replace('/', '.')}-{day:02d}",
        "supply": supply,
        "contract_version": "1.0.0",
        "mode": "snapshot",
        "as_of": at,
        "state": "checked",
        "verdict": "accept",
        "counts": counts | {"quarantined": 0, "unchanged": 0, "deleted": 0},
        "checked": {"quarantined": "none.parquet", "outcomes": outcomes},
        "opened_at": at,
        "closed_at": at,
    }


MEASURES = """
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < ? - 1)
INSERT INTO measure (subject, subject_id, department, supply, field, rule_id, indicator, numerator,
    denominator, holds, at, noted_at)
SELECT 'batch', id, substr(supply, 1, instr(supply, '/') - 1), supply, 'field_' || (n % 30),
    'field_' || (n % 30) || '.length#' || n,
    CASE n % 5 WHEN 0 THEN '0105' WHEN 1 THEN '0201' WHEN 2 THEN '0302' WHEN 3 THEN '0304'
        ELSE '0402' END, 1000 - n % 7, 1000, n % 7 = 0, as_of, closed_at
FROM batch, number
"""


def _fill(hub: Hub, batches: list[dict[str, object]], rules: int) -> int:
    """Every batch ran this many rules; returns how many measures that makes."""
    with hub.ledger.writing() as connection:
        connection.execute(insert(batch), batches)
        connection.exec_driver_sql(MEASURES, (rules,))
        return int(connection.exec_driver_sql("SELECT count(*) FROM measure").scalar() or 0)


def test_a_batch_of_ten_thousand_rules_is_reported_in_two_seconds(tmp_path: Path) -> None:
    with town(tmp_path, 0) as hub:
        assert _fill(hub, [_batch("office/register", 0, 10_000)], 10_000) == 10_000
        began = time.process_time()  # of this process: other ones are not its fault
        document = batch_document(hub, shelf(), "office.register-00", NOW)
        took = time.process_time() - began
        assert len(document.rules) == 10_000
        assert took < 2, took


def test_a_month_of_two_hundred_supplies_is_reported_in_ten_seconds(tmp_path: Path) -> None:
    with town(tmp_path, 0) as hub:
        supplies = [f"department_{n % 20}/supply_{n}" for n in range(200)]
        # The rules' words are read from one batch of each, the last: its outcomes are all it takes.
        batches = [_batch(s, day, 50 if day == 29 else 1) for s in supplies for day in range(30)]
        assert _fill(hub, batches, 50) == 300_000
        began = time.process_time()
        document = hub_document(hub, shelf(), Month(2026, 11), NOW)
        took = time.process_time() - began
        assert document.counts["batches"] == 6_000
        assert len(document.rules) == 10_000
        assert all(rule.batches == 30 for rule in document.rules)
        assert took < 10, took
