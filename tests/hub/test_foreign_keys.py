"""Foreign keys between supplies, from the contract to the quarantine; severity per verdict."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hub.opened import Hub, open_hub
from hub.records import Checked, RuleOutcome, Verdict
from hub.steps import check, collect

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 1, 30, 20, tzinfo=UTC)
FILES = {
    "departments/office.yaml": """\
name: office
title: {zh: 登记处, en: Office}
node: {url: "sqlite:///${HUB_HOME}/office.db"}
""",
    "departments/treasury.yaml": """\
name: treasury
title: {zh: 财政局, en: Treasury}
node: {url: "sqlite:///${HUB_HOME}/office.db"}
""",
    "contracts/supply/office/people.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: office.people
name: 人员
version: 1.0.0
status: active
schema:
  - name: people
    properties:
      - {name: person, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - name: mentor
        logicalType: string
        relationships: [{to: people.person}]
      - name: company
        logicalType: string
        customProperties:
          - {property: identifier, value: uscc}
          - property: identifierSeverity
            value: {check_digit: warning, inner: info, division: info}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
""",
    "contracts/supply/treasury/payments.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: treasury.payments
name: 支付
version: 1.0.0
status: active
schema:
  - name: payments
    properties:
      - {name: payment, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - name: payee
        logicalType: string
        relationships:
          - to: ../office/people.odcs.yaml#/schema/people/properties/person
            customProperties: [{property: severity, value: error}]
      - {name: witness, logicalType: string}
    relationships:
      - {from: payments.witness, to: people.person}
customProperties:
  - {property: directory, value: {shareType: unconditional}}
  - {property: verdict, value: {warn: 0, hold: null, reject: null}}
""",
}
PEOPLE = [("p1", None, "91350100M000100Y43"), ("p2", "p1", "91350100M000100Y44")]
PAYMENTS = [("1", "p1", None), ("2", "p9", "p2"), ("3", None, "p9")]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    for name, text in FILES.items():
        path = tmp_path / "catalog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "office.db")) as db, db:
        db.execute("CREATE TABLE people (person TEXT PRIMARY KEY, mentor TEXT, company TEXT)")
        db.execute("CREATE TABLE payments (payment TEXT PRIMARY KEY, payee TEXT, witness TEXT)")
        db.executemany("INSERT INTO people VALUES (?, ?, ?)", PEOPLE)
        db.executemany("INSERT INTO payments VALUES (?, ?, ?)", PAYMENTS)
    with open_hub(tmp_path, tmp_path / "catalog") as hub:
        yield hub


def pull(hub: Hub, supply: str, day: int) -> Checked:
    (batch_id,) = collect(hub, supply, FIRST + timedelta(days=day))
    return check(hub, batch_id)


def outcome(checked: Checked, part: str) -> RuleOutcome:
    (found,) = [o for o in checked.outcomes if part in o.rule_id]
    return found


def test_a_foreign_key_is_held_against_the_other_supply(hub: Hub) -> None:
    early = pull(hub, "treasury/payments", 0)
    found = outcome(early, "payee.relationship")
    assert (found.evaluated, found.failed, found.success) == (0, 0, True)  # nobody is known yet
    assert early.verdict is Verdict.ACCEPT

    pull(hub, "office/people", 1)
    late = pull(hub, "treasury/payments", 2)
    payee = outcome(late, "payee.relationship#office/people.person")
    assert (payee.severity, payee.evaluated, payee.failed) == ("error", 2, 1)
    witness = outcome(late, "witness.relationship")
    assert (witness.severity, witness.evaluated, witness.failed) == ("warning", 2, 1)
    held = pq.read_table(hub.store.path(late.quarantined)).to_pylist()
    assert [(row["payment"], row["_rules"]) for row in held] == [
        ("2", ["payee.relationship#office/people.person"])
    ]


def test_a_key_into_its_own_table_sees_the_whole_table(hub: Hub, tmp_path: Path) -> None:
    first = pull(hub, "office/people", 0)
    assert outcome(first, "mentor.relationship").failed == 0
    with closing(sqlite3.connect(tmp_path / "office.db")) as db, db:
        db.execute("INSERT INTO people VALUES ('p3', 'p2', NULL), ('p4', 'p5', NULL)")
    found = outcome(pull(hub, "office/people", 1), "mentor.relationship")
    assert (found.evaluated, found.failed) == (3, 1)


def test_a_broken_check_digit_warns_where_the_contract_says_so(hub: Hub) -> None:
    checked = pull(hub, "office/people", 0)
    found = outcome(checked, "uscc.check_digit")
    assert (found.severity, found.failed) == ("warning", 1)
    assert (checked.verdict, checked.counts.quarantined) == (Verdict.WARN, 0)
    assert outcome(checked, "uscc.inner").severity == "info"
