"""What the ledger promises: a batch once, and state that moves with it or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread
from time import sleep

import pytest

from connectors.protocol import Totals, Window
from hub.errors import DecisionError, NotFound
from hub.ledger import Ledger, landings, verdicts
from hub.ledger import batches as books
from hub.ledger.releases import fold_of
from hub.ledger.rounds import Part, Shown, take_in
from hub.records import Batch, BatchState, Checked, Counts, Landing, Verdict
from hub.report.parts import orders_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _batch(window: Window) -> Batch:
    name = books.batch_id("office/things", "1.0.0", window)
    return Batch(name, "office/things", "1.0.0", "increment", window, BatchState.OPENED)


def _landed(ledger: Ledger, high: str) -> str:
    window = Window(NOW, high=high)
    batch = books.open_batch(ledger, _batch(window), NOW)
    landings.set_landed(
        ledger, Landing(batch.id, batch.supply, ("part",), 3, "0", Totals(3), window=window)
    )
    return batch.id


def _checked(batch_id: str, verdict: Verdict) -> Checked:
    counts = Counts(3, 3, 2, 1, 0, 0)
    return Checked(batch_id, "office/things", "a", "q", "r", verdict, counts, ())


def test_the_same_window_is_the_same_batch(ledger: Ledger) -> None:
    first = books.open_batch(ledger, _batch(Window(NOW)), NOW)
    again = books.open_batch(ledger, _batch(Window(NOW)), NOW + timedelta(days=1))
    assert first.id == again.id
    assert len(books.list_batches(ledger)) == 1


def test_another_time_or_another_contract_is_another_batch() -> None:
    names = {
        books.batch_id("office/things", version, Window(moment))
        for version in ("1.0.0", "1.1.0")
        for moment in (NOW, NOW + timedelta(seconds=1))
    }
    assert len(names) == 4


def test_a_delivered_file_is_the_same_batch_whenever_it_is_seen() -> None:
    window = Window(NOW, file="a.csv", file_digest="0")
    later = replace(window, as_of=NOW + timedelta(days=3))
    assert books.batch_id("s", "1", window) == books.batch_id("s", "1", later)


def test_the_watermark_moves_in_the_same_transaction_as_the_verdict(ledger: Ledger) -> None:
    batch_id = _landed(ledger, "2026-01-01")
    verdicts.close_batch(
        ledger, _checked(batch_id, Verdict.WARN), 2, lambda: NOW, keys_compared=True
    )
    state = books.state_of(ledger, "office/things")
    assert state is not None
    assert (state.watermark, state.batch_id, state.keys_compared_at) == (
        "2026-01-01",
        batch_id,
        NOW,
    )
    assert fold_of(ledger, "office/things").segments == (("a", batch_id, 2),)


def test_a_fault_of_ours_leaves_the_batch_to_be_checked_again(ledger: Ledger) -> None:
    batch_id = _landed(ledger, "x")
    verdicts.close_batch(
        ledger, _checked(batch_id, Verdict.FAULT), 2, lambda: NOW, keys_compared=False
    )
    assert [b.id for b in books.unfinished(ledger, "office/things")] == [batch_id]
    verdicts.close_batch(
        ledger, _checked(batch_id, Verdict.ACCEPT), 2, lambda: NOW, keys_compared=False
    )
    assert fold_of(ledger, "office/things").segments == (("a", batch_id, 2),)


def test_no_key_stays_in_the_ledger_once_a_batch_has_landed(ledger: Ledger) -> None:
    window = Window(NOW)
    batch = books.open_batch(ledger, _batch(window), NOW)
    landings.add_chunk(ledger, batch.id, "part", 3, "0", ["990101199001010009"])
    assert landings.chunks(ledger, batch.id)[0].after == ["990101199001010009"]
    landings.set_landed(ledger, Landing(batch.id, batch.supply, ("part",), 3, "0", Totals(3)))
    assert landings.chunks(ledger, batch.id)[0].after is None


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.REJECT, Verdict.FAULT])
def test_a_batch_that_does_not_move_on_changes_neither_table_nor_watermark(
    ledger: Ledger, verdict: Verdict
) -> None:
    verdicts.close_batch(
        ledger, _checked(_landed(ledger, "x"), verdict), 2, lambda: NOW, keys_compared=False
    )
    assert books.state_of(ledger, "office/things") is None
    assert fold_of(ledger, "office/things").segments == ()


def test_closing_twice_doubles_nothing(ledger: Ledger) -> None:
    checked = _checked(_landed(ledger, "x"), Verdict.ACCEPT)
    for _ in range(2):
        verdicts.close_batch(ledger, checked, 2, lambda: NOW, keys_compared=False)
    assert len(fold_of(ledger, "office/things").segments) == 1
    assert verdicts.checked_of(ledger, checked.batch_id) == checked


def test_an_unknown_batch_is_named(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="no batch nowhere"):
        books.batch_of(ledger, "nowhere")


def test_a_held_batch_moves_on_when_a_person_says_so_and_only_once(ledger: Ledger) -> None:
    batch_id = _landed(ledger, "x")
    verdicts.close_batch(
        ledger, _checked(batch_id, Verdict.HOLD), 2, lambda: NOW, keys_compared=False
    )
    with pytest.raises(DecisionError, match="needs a reason"):
        verdicts.decide(ledger, batch_id, Verdict.ACCEPT, " ", "li", lambda: NOW)
    verdicts.decide(ledger, batch_id, Verdict.ACCEPT, "known", "li", lambda: NOW)
    assert fold_of(ledger, "office/things").segments == (("a", batch_id, 2),)
    with pytest.raises(DecisionError, match="not held"):
        verdicts.decide(ledger, batch_id, Verdict.REJECT, "late", "li", lambda: NOW)


def test_a_held_batch_cannot_cover_a_later_one(ledger: Ledger) -> None:
    held = _landed(ledger, "x")
    verdicts.close_batch(ledger, _checked(held, Verdict.HOLD), 2, lambda: NOW, keys_compared=False)
    window = Window(NOW + timedelta(days=1), high="y")
    later = books.open_batch(ledger, _batch(window), NOW)
    landings.set_landed(
        ledger, Landing(later.id, later.supply, ("part",), 3, "0", Totals(3), window=window)
    )
    after = NOW + timedelta(days=1)
    verdicts.close_batch(
        ledger, _checked(later.id, Verdict.ACCEPT), 2, lambda: after, keys_compared=False
    )
    with pytest.raises(DecisionError, match="superseded"):
        verdicts.decide(ledger, held, Verdict.ACCEPT, "too late", "li", lambda: after)
    assert books.batch_of(ledger, held).verdict is Verdict.HOLD


def test_a_batch_that_changes_no_row_is_not_what_the_table_was_changed_by(ledger: Ledger) -> None:
    first = _landed(ledger, "x")
    verdicts.close_batch(
        ledger, _checked(first, Verdict.ACCEPT), 2, lambda: NOW, keys_compared=False
    )
    window = Window(NOW + timedelta(days=1), high="y")
    second = books.open_batch(ledger, _batch(window), NOW)
    landings.set_landed(
        ledger, Landing(second.id, second.supply, ("part",), 3, "0", Totals(3), window=window)
    )
    verdicts.close_batch(
        ledger, _checked(second.id, Verdict.ACCEPT), 0, lambda: NOW, keys_compared=False
    )
    fold = fold_of(ledger, "office/things")
    assert (fold.last_batch_id, fold.changed_by) == (second.id, first)


def test_a_moment_comes_after_everything_that_is_being_noted(ledger: Ledger) -> None:
    begun = Event()
    told: list[str] = []

    def moment() -> datetime:
        told.append("moment")
        return NOW

    def note() -> None:
        with ledger.writing():
            begun.set()
            sleep(0.2)
            told.append("noted")

    writer = Thread(target=note)
    writer.start()
    begun.wait()
    ledger.moment(moment)
    writer.join()
    assert told == ["noted", "moment"]


def test_a_report_never_counts_an_order_that_was_taken_in_after_it(ledger: Ledger) -> None:
    fault = Shown("d", "c", "quarantine", ("n.required",))
    part = Part("office/things", "office", date(2026, 12, 1), {"d": fault})
    taken = NOW + timedelta(hours=1)  # a killed hub takes in later what it had not
    take_in(ledger, "b", "b", NOW.date(), NOW, lambda: taken, [part])
    assert orders_of(ledger, NOW + timedelta(minutes=59)) == {}
    assert orders_of(ledger, taken)["office/things"].open == 1
