"""The laws of a request's life, over sequences of acts by anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import DecisionError
from hub.requests.life import Acted, Case, post, then
from hub.requests.states import DECIDING, FILING, JUDGING, OWNERS, SETTLING, TABLE, Act, State
from schemas.sharing import Application, Condition, GrantedField, Keep, Partial, Terms, Way
from schemas.terms import within

PEOPLE = ("ann", "bob", "eve", "sue")  # each may stand in every department: the worst case
PLACES = ("civil", "police", "bureau", "")
ON = date(2026, 3, 2)
FIELDS = ("name", "sex", "birth_date")


def some_terms(random: Random) -> Terms:
    """Terms of three fields, three masks, one row condition, two ways."""
    names = random.sample(FIELDS, random.randint(1, len(FIELDS)))
    masks = [Keep(), Partial(first=1), Partial()]
    return Terms(
        fields=tuple(GrantedField(name=name, mask=random.choice(masks)) for name in names),
        rows=random.choice([(), (Condition(field="sex", one_of=("1",)),)]),
        ways=random.choice([(Way.PULL,), (Way.PULL, Way.FILE)]),
        history=random.choice([True, False]),
        scope=random.choice(["grant", "subscriber"]),
    )


POOL = [some_terms(Random(number)) for number in range(40)]
DAYS = (date(2026, 3, 1), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31))


def application(random: Random) -> Application:
    return Application(
        subscriber="civil",
        dataset="population",
        terms=random.choice(POOL),
        until=random.choice(DAYS),
    )


@dataclass(frozen=True)
class Step:
    """What was the case, what was done, what became of it."""

    before: Case
    acted: Acted
    after: Case


@cache
def inside(wide: Terms) -> list[Terms]:
    """Those of the pool that may be decided where these are asked for."""
    return [one for one in POOL if not within(one, wide)]


def some_act(random: Random, case: Case) -> Acted:
    """Anything by anybody; mostly something that the table knows, from where it has to come."""
    known = [act for state, act in TABLE if state == case.state]
    sensible = known and random.random() < 0.9
    act = random.choice(known if sensible else list(Act))
    if act in (Act.WITHDRAW, Act.LAPSE) and random.random() < 0.95:
        act = random.choice(known or list(Act))
    place = random.choice(PLACES)
    if (case.state, act) in TABLE and random.random() < 0.9:
        place = post(case, TABLE[case.state, act][0])[1]  # type: ignore[index]
    within_asked = inside(case.application.terms)
    return Acted(
        act=act,
        by=random.choice((*PEOPLE, "hub")),
        department=place,
        on=ON,
        reason=random.choice(["", "理由", "理由", "理由"]),
        application=application(random) if act is Act.RESUBMIT else None,
        terms=random.choice([None, random.choice(POOL), *random.choices(within_asked, k=4)]),
        until=random.choice([None, *DAYS]),
        notice=random.choice([(), ("补充",)]),
        lacking=random.choice([(), (), (), ("缺少用途",)]),
        days=random.randint(1, 10),
    )


@cache
def play(seed: int) -> list[Step]:
    """What the rules let through of many acts, one after another."""
    random = Random(seed)
    free = random.choice([frozenset[str](), frozenset({"sex"}), frozenset(FIELDS)])
    provider = random.choice(["police", "police", "civil"])
    asked = application(random)
    case = Case("R2026-000001", "civil", provider, "bureau", asked, free)
    filed = Acted(Act.FILE, random.choice(PEOPLE), "civil", ON, application=asked)
    steps = [Step(case, filed, then(case, filed))]
    for _ in range(40):
        case = steps[-1].after
        acted = some_act(random, case)
        try:
            steps.append(Step(case, acted, then(case, acted)))
        except DecisionError:
            continue
    return steps


def plays() -> st.SearchStrategy[list[Step]]:
    return st.integers(0, 800).map(play)


MANY = settings(max_examples=150, deadline=None)


@MANY
@given(plays())
def test_what_is_decided_lies_within_what_was_asked(steps: list[Step]) -> None:
    for step in steps:
        case = step.after
        if case.decided is None:
            continue
        assert within(case.decided, case.application.terms) == []
        assert case.until is not None
        assert case.application.until is not None
        assert ON <= case.until <= case.application.until


@MANY
@given(plays())
def test_a_decision_changes_only_by_a_dispute_that_others_settle(steps: list[Step]) -> None:
    decided = False
    for step in steps:
        if decided and (step.before.decided, step.before.until) != (
            step.after.decided,
            step.after.until,
        ):
            assert step.before.state is State.DISPUTED
            assert step.acted.act is Act.OVERTURN
        if decided:  # what was looked at stays what it was
            assert step.after.application == step.before.application
        decided = decided or step.acted.act in {*DECIDING, Act.GRANT_BY_RULE}


@MANY
@given(plays())
def test_nobody_judges_what_they_filed_nor_settles_what_they_decided(steps: list[Step]) -> None:
    filed: set[str] = set()
    decided: set[str] = set()
    for step in steps:
        by, act = step.acted.by, step.acted.act
        assert not (act in JUDGING and by in filed)
        assert not (act in SETTLING and by in decided)
        assert (
            step.acted.department
            == post(step.before, TABLE[step.before.state or "begin", act][0])[1]
        )
        filed |= {by} if act in FILING else set()
        decided |= {by} if act in DECIDING else set()


@MANY
@given(plays())
def test_it_is_returned_at_most_once_and_goes_on_only_complete(steps: list[Step]) -> None:
    done = [step.acted.act for step in steps]
    assert done.count(Act.RETURN) <= 1
    for step in steps:
        if step.acted.act in {Act.ACCEPT, Act.RESUBMIT, Act.GRANT, Act.NARROW, Act.OVERTURN}:
            assert not step.acted.lacking


@MANY
@given(plays())
def test_what_is_unconditional_is_neither_refused_nor_narrowed(steps: list[Step]) -> None:
    for step in steps:
        if step.acted.act in {Act.REFUSE, Act.NARROW}:
            assert not step.before.unconditional
        if step.acted.act is Act.NARROW:
            asked = {f for f in step.before.application.terms.fields if f.name in step.before.free}
            assert step.after.decided is not None
            assert asked <= set(step.after.decided.fields)
        if step.acted.act is Act.GRANT_BY_RULE:
            assert step.before.unconditional


@MANY
@given(plays())
def test_every_state_that_is_not_final_has_an_owner_and_a_duty(steps: list[Step]) -> None:
    for step in steps:
        state = step.after.state
        assert state is not None
        goes_on = any(known == state for known, _ in TABLE) and not step.after.closed
        assert (step.after.owner is not None) == goes_on
        if step.after.owner is not None:
            assert step.after.owner[0] in ("civil", "police", "bureau")


def test_sequences_reach_every_state() -> None:
    reached = {step.after.state for seed in range(800) for step in play(seed)}
    assert reached == set(State)


def test_every_state_is_final_or_owned() -> None:
    assert set(OWNERS) == {State(known) for known, _ in TABLE if known != "begin"}
