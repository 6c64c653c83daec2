"""The life of an objection: whatever anybody tries, its laws hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.errors import DecisionError
from hub.objections.acting import ENDING
from hub.objections.life import (
    ANSWERING,
    FILING,
    JUDGING,
    OWNERS,
    REASONED,
    SETTLING,
    STANDING,
    TABLE,
    Act,
    Case,
    State,
    post,
    seat_of,
    then,
)
from hub.objections.words import ACTS, STATES

PEOPLE = st.sampled_from(["ann", "bob", "cat"])
CASES = [
    Case("O1", "tax", "police", "bureau"),
    Case("O1", "police", "bureau", "bureau"),  # the subscriber supplied the value itself
]
tries = st.lists(st.tuples(st.sampled_from(list(Act)), PEOPLE, st.sampled_from(["", "why"])))


@given(st.sampled_from(CASES), tries)
def test_nobody_judges_what_they_filed_or_settles_what_they_answered(
    case: Case, tried: list[tuple[Act, str, str]]
) -> None:
    filed: set[str] = set()
    answered: set[str] = set()
    for act, by, reason in tried:
        before = case
        try:
            case = then(case, act, by, reason)
        except DecisionError:
            assert case == before
            continue
        assert (before.state, act) in TABLE
        assert not (act in JUDGING and by in filed)
        assert not (act in SETTLING and by in answered)
        assert reason or act not in REASONED
        filed |= {by} if act in FILING else set()
        answered |= {by} if act in ANSWERING else set()
        assert before.state not in ENDING, "what has ended stays so"


def test_every_state_that_has_not_ended_has_an_owner_and_a_duty() -> None:
    for state in State:
        case = Case("O1", "tax", "police", "bureau", state)
        assert (case.owner is None) == (state in ENDING)
        assert (state in STANDING) == (state in OWNERS)


def test_where_the_subscriber_supplied_the_value_the_supervisor_answers() -> None:
    case = CASES[1]
    filed = then(case, Act.FILE, "ann", "why")
    assert post(filed, seat_of(filed, Act.UPHOLD)) == post(filed, seat_of(
        then(then(filed, Act.REJECT, "bob", "why"), Act.DISPUTE, "ann", "why"), Act.DISMISS
    ))  # fmt: skip


def test_every_state_and_act_has_words() -> None:
    assert set(STATES) == {state.value for state in State}
    assert set(ACTS) == {act.value for act in Act}
