"""Held and rejected batches: their rows and their tables become orders; decisions count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.answering import answer
from hub.errors import DecisionError
from hub.ledger.batches import list_batches
from hub.ledger.verdicts import decide
from hub.orders import refresh_supply
from hub.orders.sheet import write_order
from hub.records import Verdict
from schemas.workdays import add_working_days, read_workdays
from tests.orders.office import REGISTER, Office, town, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Office]:
    """The office under a contract that holds beyond a fifth and rejects beyond a half."""
    with town(tmp_path, verdict={"warn": 0.0, "hold": 0.2, "reject": 0.5}) as opened:
        yield opened


def test_a_rejected_batch_is_one_order_of_its_rows(strict: Office) -> None:
    strict.register(n1=None, n2=None, n3="three")
    strict.run()
    assert list_batches(strict.hub.ledger, REGISTER)[0].verdict is Verdict.REJECT
    [order] = strict.orders(REGISTER)
    assert (order["items"], order["rules"][0]["rule"]) == (2, "label.required")
    strict.register(n1="one", n2="two", n3="three")
    strict.run()
    assert strict.orders(REGISTER)[0]["state"] == "closed"


def test_a_missing_column_is_an_order_about_the_table(strict: Office) -> None:
    strict.register(n1="one", n2=None, n3="x", n4="x", n5="x", n6="x")
    strict.run()
    assert [o["items"] for o in strict.orders(REGISTER)] == [1]
    strict.sql("ALTER TABLE register RENAME COLUMN label TO tag")
    strict.run()
    orders = strict.orders(REGISTER)
    # A table without its column shows nothing of the row that was wrong before: that stays open.
    assert orders[0]["states"] == {"open": 1}
    kinds = {rule["kind"] for order in orders for rule in order["rules"]}
    assert kinds == {"quarantine", "table"}
    table = [r for order in orders for r in order["rules"] if r["kind"] == "table"]
    assert [line["rule"] for line in table] == ["label.drift.column_missing"]
    assert table[0]["mend_zh"] and table[0]["mend_en"]
    strict.sql("ALTER TABLE register RENAME COLUMN tag TO label")
    strict.register(n1="one", n2="two")
    strict.run()
    assert {order["state"] for order in strict.orders(REGISTER)} == {"closed"}


def test_what_a_person_lets_pass_is_waived_with_the_reason(strict: Office) -> None:
    strict.register(n1="one", n2="two")
    strict.run()
    strict.register()  # an emptied table is held
    strict.run()
    held = list_batches(strict.hub.ledger, REGISTER)[0]
    assert held.verdict is Verdict.HOLD
    [order] = strict.orders(REGISTER)
    assert order["rules"][0]["rule"] == "table.batch.empty"
    decide(strict.hub.ledger, held.id, Verdict.ACCEPT, "moved out", "steward", strict.hub.now)
    refresh_supply(strict.desk, REGISTER)
    refresh_supply(strict.desk, REGISTER)
    [order] = strict.orders(REGISTER)
    assert order["states"] == {"waived": 1}
    last = order["history"][-1]
    assert (last["by"], last["reason"]) == ("steward", "moved out")


def test_no_answer_passes_a_held_batch(strict: Office, tmp_path: Path) -> None:
    strict.register(n1=None, n2="two", n3="x", n4="x")
    strict.run()
    [order] = strict.orders(REGISTER)
    out = tmp_path / "out.csv"
    write_order(strict.desk, order["id"], out)
    with pytest.raises(DecisionError, match="is held"):
        answer(strict.hub, order["id"], out, "clerk")
    assert len(list_batches(strict.hub.ledger, REGISTER)) == 1


def test_rows_without_a_key_are_mended_at_the_source(tmp_path: Path) -> None:
    with town(tmp_path, keyless=True) as office:
        office.register(n1=None)
        office.run()
        [order] = office.orders(REGISTER)
        sent = write_csv(tmp_path / "sent.csv", [{"number": "n1", "label": "x"}])
        with pytest.raises(DecisionError, match="have no key"):
            answer(office.hub, order["id"], sent, "clerk")
        office.register(n1="one")
        office.run()
        assert office.orders(REGISTER)[0]["state"] == "closed"


def test_the_deadline_is_the_contract_s(tmp_path: Path) -> None:
    with town(tmp_path, feedback={"workingDays": 1}) as office:
        office.register(n1=None)
        office.run()
        [order] = office.orders(REGISTER)
    opened = datetime.fromisoformat(order["opened_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert order["due_on"] == add_working_days(opened.date(), 1, read_workdays()).isoformat()
