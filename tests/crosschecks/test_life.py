"""The life of findings: whatever runs and persons do, findings and money add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import DecisionError
from hub.ledger import finding_life as life
from hub.ledger.finding_life import Event, EventKind, FindingState, Found, Standing

DUE = date(2026, 3, 9)
FOUND = Found("f", "proof", "treasury", 10_000)


def begun(found: Found = FOUND) -> Standing:
    event = life.first(found, DUE)
    return Standing(event.state, found.department, found.proof, found.amount_fen, due_on=DUE)


class History:
    """One finding, the events that happened to it, and whether the last run found it."""

    def __init__(self, found: Found) -> None:
        self.events = [life.first(found, DUE)]
        self.standing = begun(found)

    def happen(self, event: Event | None) -> None:
        if event is not None:
            self.events.append(event)
            self.standing = life.after(self.standing, event)

    def run(self, found: Found | None) -> None:
        if found is None:
            self.happen(life.gone(self.standing))
            self.standing = replace(self.standing, absent=True)
        else:
            self.happen(life.seen(self.standing, found, DUE))
            self.standing = replace(self.standing, proof=found.proof, absent=False)

    def person(self, what: str, fen: int, beyond: bool) -> None:
        try:
            if what == "confirm":
                self.happen(life.confirm(self.standing, DUE))
            elif what == "dismiss":
                self.happen(life.dismiss(self.standing))
            else:
                event = life.recover(self.standing, fen, DUE, beyond)
                if not beyond and fen > 0:
                    back = self.standing.recovered_fen + fen
                    assert back <= (self.standing.amount_fen or 0)
                self.happen(event)
        except DecisionError:
            pass


RUNS = st.tuples(
    st.just("run"),
    st.none()
    | st.builds(
        Found,
        st.just("f"),
        st.sampled_from(["proof", "other"]),
        st.sampled_from(["treasury", "funds"]),
        st.none() | st.integers(0, 20_000),
    ),
)
PERSONS = st.tuples(
    st.just("person"),
    st.tuples(
        st.sampled_from(["confirm", "dismiss", "recover", "recover"]),
        st.integers(-12_000, 12_000),
        st.booleans(),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(RUNS | PERSONS, max_size=12), min_size=1, max_size=5))
def test_findings_and_money_add_up_after_every_event(lives: list[list[Any]]) -> None:
    histories = []
    for moves in lives:
        history = History(FOUND)
        for kind, what in moves:
            history.run(what) if kind == "run" else history.person(*what)
            last, stands = history.events[-1], history.standing
            # What the last event says holds, and money is the sum of its parts.
            assert (last.state, last.amount_fen, last.due_on) == (
                stands.state, stands.amount_fen, stands.due_on,
            )  # fmt: skip
            back = [e.recovered_fen for e in history.events if e.recovered_fen is not None]
            assert stands.recovered_fen == sum(back) >= 0
            assert (stands.due_on is not None) == (stands.state in life.UNANSWERED)
            if stands.state is FindingState.RECOVERED:
                assert stands.recovered_fen >= (stands.amount_fen or 0)
            if stands.state is FindingState.RECOVERING:
                assert 0 < stands.recovered_fen < (stands.amount_fen or 0)
        histories.append(history)
    states = Counter(history.standing.state for history in histories)
    assert sum(states.values()) == len(histories)
    money = Counter[FindingState]()
    for history in histories:
        money[history.standing.state] += history.standing.amount_fen or 0
    assert sum(money.values()) == sum(h.standing.amount_fen or 0 for h in histories)


def test_what_no_run_finds_any_more_is_cleared_and_opened_again_when_it_recurs() -> None:
    history = History(FOUND)
    history.person("confirm", 0, False)
    history.run(None)
    assert history.standing.state is FindingState.CLEARED
    history.run(None)
    history.run(FOUND)
    kinds = [event.kind for event in history.events]
    assert kinds[-2:] == [EventKind.CLEARED, EventKind.REOPENED]
    assert history.standing.state is FindingState.OPEN


def test_what_was_dismissed_stays_away_while_its_evidence_is_the_same() -> None:
    history = History(FOUND)
    history.person("dismiss", 0, False)
    history.run(FOUND)
    history.run(None)
    history.run(FOUND)
    assert history.standing.state is FindingState.DISMISSED
    history.run(replace(FOUND, proof="other"))
    assert history.standing.state is FindingState.OPEN


def test_money_in_parts_ends_the_finding_and_a_correction_opens_it_again() -> None:
    history = History(FOUND)
    history.person("recover", 4_000, False)
    assert history.standing.state is FindingState.RECOVERING
    history.person("recover", 6_000, False)
    assert history.standing.state is FindingState.RECOVERED
    history.run(FOUND)
    assert history.standing.state is FindingState.RECOVERED, "the payment stays in the data"
    history.person("recover", -1_000, False)
    assert history.standing.state is FindingState.RECOVERING
    history.run(replace(FOUND, proof="other", amount_fen=9_000))
    assert history.standing.state is FindingState.RECOVERED, "no more is at stake than came back"


def test_more_at_stake_than_came_back_opens_a_recovered_finding() -> None:
    history = History(FOUND)
    history.person("recover", 10_000, False)
    history.run(replace(FOUND, proof="other", amount_fen=15_000))
    assert history.standing.state is FindingState.RECOVERING


@pytest.mark.parametrize(
    ("fen", "beyond"), [(10_001, False), (0, True), (-1, True)], ids=["too much", "nothing", "debt"]
)
def test_money_that_cannot_be_is_refused(fen: int, beyond: bool) -> None:
    with pytest.raises(DecisionError):
        life.recover(begun(), fen, DUE, beyond)


def test_more_than_is_at_stake_needs_a_reason() -> None:
    assert life.recover(begun(), 10_001, DUE, beyond=True).state is FindingState.RECOVERED


@pytest.mark.parametrize(("fen", "text"), [(-5, "-0.05"), (123456, "1,234.56"), (-100, "-1.00")])
def test_money_is_written_in_yuan(fen: int, text: str) -> None:
    assert life.yuan(fen) == text
