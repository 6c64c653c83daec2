"""The quarantine shows what is still open: mended rows leave it, old ones stay until then."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.opened import Hub, open_hub
from hub.quarantine import by_rule, export_rows
from hub.steps import run_all

pytestmark = pytest.mark.slow

CATALOG = Path(__file__).parent.parent / "laws" / "catalog"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with sqlite3.connect(tmp_path / "office.db") as db:
        db.execute("CREATE TABLE register (number TEXT PRIMARY KEY, label TEXT)")
        db.execute(
            "CREATE TABLE payments (payment TEXT PRIMARY KEY, number TEXT, label TEXT,"
            " amount TEXT, changed INTEGER)"
        )
    with open_hub(tmp_path, CATALOG) as opened:
        yield opened


def _pay(hub: Hub, day: int, *rows: tuple[str, str]) -> dict[str, int]:
    """Book payments (key, amount) on a day, run, and count what the quarantine still holds."""
    with sqlite3.connect(hub.settings.home / "office.db") as db:
        db.executemany(
            "INSERT OR REPLACE INTO payments VALUES (?, '1', NULL, ?, ?)",
            [(key, amount, day) for key, amount in rows],
        )
    assert run_all(hub, DAY + timedelta(days=day)).faults == []
    return {row["rule"]: row["rows"] for row in by_rule(hub, "office/payments")}


def test_an_incremental_row_stays_open_until_it_is_mended(hub: Hub, tmp_path: Path) -> None:
    assert _pay(hub, 1, ("a", "-1.00"), ("b", "2.00")) == {"amount.range": 1}
    # An illegal cell is named as such, and not as missing too.
    assert _pay(hub, 2, ("c", "x"), ("d", "3.00")) == {"amount.range": 1, "amount.type": 1}
    out = tmp_path / "rows.csv"
    assert [entry["rows"] for entry in export_rows(hub, out, "office/payments")] == [2]
    assert "amount=x" in out.read_text(encoding="utf-8")
    assert _pay(hub, 3, ("a", "1.00")) == {"amount.type": 1}
    assert _pay(hub, 4, ("c", "4.00")) == {}


def test_the_newest_snapshot_says_what_is_open(hub: Hub) -> None:
    with sqlite3.connect(hub.settings.home / "office.db") as db:
        db.execute("INSERT INTO register VALUES ('1', NULL), ('2', 'two')")
    run_all(hub, DAY)
    assert [row["rule"] for row in by_rule(hub, "office/register")] == ["label.required"]
    with sqlite3.connect(hub.settings.home / "office.db") as db:
        db.execute("UPDATE register SET label = 'one' WHERE number = '1'")
    run_all(hub, DAY + timedelta(days=1))
    assert by_rule(hub, "office/register") == []
