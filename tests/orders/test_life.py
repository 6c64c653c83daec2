"""The life of an order: opened by a batch, handed out, answered, closed by the next batch."""

from __future__ import annotations

import stat
from pathlib import Path

import openpyxl
import pytest

from hub.answering import answer
from hub.errors import DecisionError, NotFound
from hub.ledger.batches import list_batches, state_of
from hub.ledger.orders import ItemState, items_of
from hub.orders.refresh import refresh_dataset, refresh_supply
from hub.orders.sheet import write_order
from hub.orders.states import decide_items, hand_out
from hub.orders.view import list_orders
from hub.publish import read_manifest
from hub.quarantine import by_rule
from hub.released import relation
from hub.steps import current_table, publish
from tests.orders.office import DAY, PAYMENTS, REGISTER, Office, read_csv, town, write_csv

pytestmark = pytest.mark.slow


def test_every_fault_is_in_one_open_order_and_the_next_batch_closes_it(office: Office) -> None:
    office.pay(("a", "-1.00"), ("b", "x"), ("c", "3.00"))
    office.run()
    [first] = office.orders(PAYMENTS)
    assert (first["items"], first["state"]) == (2, "open")
    assert {rule["rule"] for rule in first["rules"]} == {"amount.range", "amount.type"}
    office.pay(("d", "-4.00"))
    office.run()
    first, second = office.orders(PAYMENTS)
    assert (first["items"], first["unresolved"], second["items"]) == (2, 2, 1)
    office.pay(("a", "1.00"), ("b", "2.00"))
    office.run()
    first, second = office.orders(PAYMENTS)
    assert first["states"] == {"corrected": 2} and first["state"] == "closed"
    assert second["state"] == "open"
    closed_by = {item.closed_by for item in items_of(office.hub.ledger, first["id"])}
    assert closed_by == {list_batches(office.hub.ledger, PAYMENTS)[0].id}


def test_a_row_mended_back_to_what_it_was_before_closes_too(office: Office, tmp_path: Path) -> None:
    office.register(n1="one", n2=None)
    office.run()
    office.register(n1=None, n2=None)
    office.run()
    [_, order] = office.orders(REGISTER)
    out = tmp_path / "order.csv"
    write_order(office.desk, order["id"], out)
    sent = write_csv(out, [{**row, "label": "one"} for row in read_csv(out)])
    assert answer(office.hub, order["id"], sent, "clerk").counts.unchanged == 1
    assert [o["state"] for o in office.orders(REGISTER)] == ["open", "closed"]
    # The quarantine agrees: the snapshot before the answer still counts, and n1 has been mended.
    assert [(row["rule"], row["rows"]) for row in by_rule(office.hub, REGISTER)] == [
        ("label.required", 1)
    ]


def test_a_corrected_row_that_breaks_again_is_a_new_item_that_names_the_old_order(
    office: Office,
) -> None:
    for amount in ("-1.00", "1.00", "-1.00"):
        office.pay(("a", amount))
        office.run()
    first, second = office.orders(PAYMENTS)
    assert (first["state"], second["state"]) == ("closed", "open")
    assert second["history"][0]["detail"]["again"] == {first["id"]: 1}


def test_a_row_deleted_at_the_source_is_closed_by_the_comparison_of_keys(office: Office) -> None:
    office.pay(("a", "-1.00"), ("b", "2.00"))
    office.run()
    office.sql("DELETE FROM payments WHERE payment = 'a'")
    office.pay(("c", "2.00"))
    office.run()
    assert office.orders(PAYMENTS)[0]["state"] == "closed"


def test_a_snapshot_closes_what_it_no_longer_shows(office: Office) -> None:
    office.register(n1=None, n2="two", n3=None)
    office.run()
    office.register(n2="two", n3=None)
    office.run()
    [order] = office.orders(REGISTER)
    assert order["states"] == {"corrected": 1, "open": 1}


def test_refreshing_again_changes_nothing(office: Office) -> None:
    office.register(n1=None)
    office.pay(("a", "-1.00"))
    office.run()
    before = list_orders(office.desk)
    assert refresh_supply(office.desk, PAYMENTS) == []
    assert refresh_dataset(office.desk, "things") == []
    assert list_orders(office.desk) == before


def test_waived_and_confirmed_rows_stay_away_until_they_change(office: Office) -> None:
    office.register(n1=None, n2=None, n3="x")
    office.pay(("a", "-1.00"), ("b", "-2.00"))
    office.run()
    [order] = office.orders(PAYMENTS)
    decide_items(office.desk, order["id"], ItemState.WAIVED, "bureau", "old case", everything=True)
    [register] = office.orders(REGISTER)
    decide_items(
        office.desk, register["id"], ItemState.CONFIRMED, "clerk", "so it is", rule="label.required"
    )
    office.pay(("a", "-1.00"), ("b", "-2.50"))
    office.run()
    first, second = office.orders(PAYMENTS)
    assert first["states"] == {"waived": 2}
    # `changed` moved with every booking: both rows are other rows now, and still wrong.
    assert second["items"] == 2
    assert [o["id"] for o in office.orders(REGISTER)] == [register["id"]]
    assert office.orders(REGISTER)[0]["state"] == "closed"


def test_illegal_transitions_are_refused(office: Office) -> None:
    office.pay(("a", "-1.00"))
    office.run()
    [order] = office.orders(PAYMENTS)
    name = order["id"]
    [item] = items_of(office.hub.ledger, name)
    with pytest.raises(DecisionError, match="need a reason"):
        decide_items(office.desk, name, ItemState.WAIVED, "b", " ", everything=True)
    with pytest.raises(DecisionError, match="name items"):
        decide_items(office.desk, name, ItemState.WAIVED, "b", "why")
    with pytest.raises(NotFound):
        decide_items(office.desk, name, ItemState.WAIVED, "b", "why", items=["0" * 12])
    with pytest.raises(NotFound):
        decide_items(office.desk, name, ItemState.WAIVED, "b", "why", rule="amount.none")
    assert hand_out(office.desk, name, "clerk") == 1
    assert hand_out(office.desk, name, "clerk") == 0
    assert office.states(name) == ["returned"]
    decide_items(office.desk, name, ItemState.DISPUTED, "c", "not ours", items=[item.digest[:10]])
    assert hand_out(office.desk, name, "clerk") == 0  # a second file settles no dispute
    assert hand_out(office.desk, name, "bureau", "it is yours", disputed=True) == 1
    decide_items(office.desk, name, ItemState.WAIVED, "b", "small", rule="amount.range")
    with pytest.raises(DecisionError, match="cannot become disputed"):
        decide_items(office.desk, name, ItemState.DISPUTED, "c", "no", items=[item.digest])
    with pytest.raises(DecisionError, match="closed"):
        hand_out(office.desk, name, "clerk")
    actions = [event["action"] for event in office.orders(PAYMENTS)[0]["history"]]
    assert actions == ["opened", "returned", "disputed", "returned", "waived"]


def test_an_answer_becomes_a_batch_and_its_rows_reach_the_next_release(
    office: Office, tmp_path: Path
) -> None:
    office.register(n1=None, n2="two", n3=None)
    office.run()
    [order] = office.orders(REGISTER)
    out = tmp_path / "order.csv"
    assert write_order(office.desk, order["id"], out) == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = read_csv(out)
    assert [row["hub_key"] for row in rows] == ["n1", "n3"]
    assert all("label" in row["hub_rules_en"] and row["hub_rules_zh"] for row in rows)
    rows[0]["label"] = "=SUM(1)"  # a label that a spreadsheet would run
    strange = {**rows[0], "number": "n2", "label": "stolen"}
    sent = write_csv(tmp_path / "mended.csv", [*rows, strange])
    checked = answer(office.hub, order["id"], sent, "clerk")
    assert checked.counts.ties_out()
    assert (checked.counts.accepted, checked.counts.quarantined) == (1, 2)
    with office.hub.store.connect() as connection:
        table = connection.execute(
            f"SELECT number, label FROM ({current_table(office.hub, REGISTER).sql}) ORDER BY 1"
        ).fetchall()
    assert table == [("n1", "=SUM(1)"), ("n2", "two")]
    release = publish(office.hub, "things", DAY)
    assert release is not None
    golden = relation(office.hub.store, read_manifest(office.hub.store, release), "golden")
    with office.hub.store.connect() as connection:
        released = connection.execute(f"SELECT number, label FROM ({golden})").fetchall()
    assert dict(released) == dict(table)
    [order] = office.orders(REGISTER)  # the strange row has opened no order
    assert order["states"] == {"corrected": 1, "open": 1}
    told = order["history"][-2]
    assert (told["action"], told["by"], told["detail"]["refused"]) == ("answered", "clerk", 1)
    again = answer(office.hub, order["id"], sent, "clerk")
    assert again.batch_id == checked.batch_id
    assert len(office.orders(REGISTER)[0]["history"]) == len(order["history"])


def test_an_answer_moves_no_watermark_and_a_later_pull_wins(office: Office, tmp_path: Path) -> None:
    office.pay(("a", "-1.00"), ("b", "2.00"))
    office.run()
    before = state_of(office.hub.ledger, PAYMENTS)
    assert before is not None
    [order] = office.orders(PAYMENTS)
    out = tmp_path / "order.xlsx"
    write_order(office.desk, order["id"], out)
    book = openpyxl.load_workbook(out)
    sheet = book.active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, heads.index("amount") + 1)
    assert cell.data_type == "s" and cell.value == "-1.00"
    cell.value = "1.00"
    book.save(out)
    checked = answer(office.hub, order["id"], out, "clerk")
    assert checked.counts.accepted == 1
    after = state_of(office.hub.ledger, PAYMENTS)
    assert after is not None and after.watermark == before.watermark
    office.run()
    [order] = office.orders(PAYMENTS)
    assert order["state"] == "closed"
    office.pay(("a", "-7.00"))  # the source sends it wrong again: a new item
    office.run()
    first, second = office.orders(PAYMENTS)
    assert (first["state"], second["state"]) == ("closed", "open")


def test_answers_that_cannot_be_taken_are_refused_in_words(office: Office, tmp_path: Path) -> None:
    office.pay(("a", "-1.00"))
    office.run()
    [order] = office.orders(PAYMENTS)
    batches = len(list_batches(office.hub.ledger))
    lacking = write_csv(tmp_path / "lacking.csv", [{"payment": "a", "amount": "1"}])
    with pytest.raises(DecisionError, match="lacks number"):
        answer(office.hub, order["id"], lacking, "clerk")
    (tmp_path / "noise.xlsx").write_bytes(b"no workbook")
    with pytest.raises(DecisionError, match="cannot be read"):
        answer(office.hub, order["id"], tmp_path / "noise.xlsx", "clerk")
    with pytest.raises(NotFound):
        answer(office.hub, "office.payments-20000101-1", lacking, "clerk")
    assert len(list_batches(office.hub.ledger)) == batches
    decide_items(office.desk, order["id"], ItemState.WAIVED, "b", "why", everything=True)
    with pytest.raises(DecisionError, match="closed"):
        answer(office.hub, order["id"], lacking, "clerk")


@pytest.mark.server
def test_the_same_life_on_postgresql(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_LEDGER_URL", postgres_database)
    with town(tmp_path) as office:
        office.register(n1=None, n2=None, n3="three")
        office.run()
        [order] = office.orders(REGISTER)
        out = tmp_path / "order.csv"
        write_order(office.desk, order["id"], out)
        hand_out(office.desk, order["id"], "desk")
        rows = read_csv(out)
        sent = write_csv(out, [{**rows[0], "label": "one"}])
        assert answer(office.hub, order["id"], sent, "clerk").counts.accepted == 1
        decide_items(
            office.desk, order["id"], ItemState.WAIVED, "bureau", "old", rule="label.required"
        )
        [order] = office.orders(REGISTER)
        assert (order["state"], order["states"]) == ("closed", {"corrected": 1, "waived": 1})
        office.register(n1=None, n2=None, n3="three")
        office.run()
        # n2 is as it was waived; n1 is wrong again, and its item names the order of before.
        [first, second] = office.orders(REGISTER)
        assert second["items"] == 1
        assert second["history"][0]["detail"]["again"] == {first["id"]: 1}
