"""Several people act at the same time: each case is decided once, each clock runs once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hub import clocks, grants, requests
from hub.errors import DecisionError, HubError
from hub.opened import Hub
from hub.requests.cases import case_of
from tests.requests.city import (
    ASKED,
    FREE,
    INCOMPLETE,
    LESS,
    OFFICERS,
    UNTIL,
    Clock,
    asking,
    sharing_hub,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def city(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Hub, Clock]]:
    if request.param == "postgresql":
        monkeypatch.setenv("HUB_LEDGER_URL", request.getfixturevalue("postgres_database"))
    with sharing_hub(tmp_path) as opened:
        yield opened


def tried(act: Callable[[], Any]) -> bool:
    try:
        act()
    except DecisionError:
        return False
    return True


def test_ten_decisions_at_once_make_one_grant(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = requests.file(hub, ASKED, "ann").id
    requests.accept(hub, case, "sue")
    acts = [
        lambda n=n: requests.decide(hub, case, "grant" if n % 2 else "refuse", "paul", "理由")
        for n in range(10)
    ]
    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(tried, acts))
    assert done.count(True) == 1
    assert len(grants.grants_of(hub)) == (requests.request_of(hub, case).state == "granted")
    places = [event.place for event in requests.history_of(hub, case)]
    assert places == [1, 2, 3]


def test_ten_filed_at_once_have_ten_numbers_in_a_row(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    with ThreadPoolExecutor(5) as pool:
        filed = list(pool.map(lambda _: requests.file(hub, ASKED, "ann").id, range(10)))
    assert sorted(filed) == [f"R2026-{number:06d}" for number in range(1, 11)]


def test_what_is_granted_by_rule_waits_for_nobody(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    lacking = FREE.model_copy(update={"purpose": ""})
    cases = [requests.file(hub, lacking, "ann").id for _ in range(8)]
    for case in cases:
        requests.give_back(hub, case, "sue")
    acts: list[Callable[[], Any]] = []
    for case in cases:
        acts.append(lambda case=case: requests.resubmit(hub, case, FREE, "amy"))
        acts.append(lambda: requests.file(hub, FREE, "ann"))
        acts.append(lambda: clocks.warn_and_breach(hub))
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(tried, acts))
    assert {request.state for request in requests.requests_of(hub)} == {"granted"}
    assert len({grant.id for grant in grants.active_grants(hub)}) == 16


USUAL = {
    "filed": [0, 1],
    "returned": [2, 11],
    "accepted": [1, 3, 4, 5, 6],
    "narrowed": [8],
    "refused": [8],
    "disputed": [9, 10],
}
"""Of the acts of `walk`, those that are likely to be let through."""


def walk(hub: Hub, clock: Clock, random: Random) -> None:
    """Anybody tries anything, days go by; what is refused leaves the ledger as it was."""
    everybody = [name for officers in OFFICERS.values() for name in officers]
    given = [ASKED, asking(terms=LESS), INCOMPLETE, asking(subscriber="police")]
    filer = random.choice(["ann", "pat"])
    case = requests.file(hub, random.choice(given[:3] if filer == "ann" else given[3:]), filer).id
    for _ in range(14):
        owner = case_of(hub, requests.request_of(hub, case), requests.history_of(hub, case)).owner
        people = list(OFFICERS[owner[0]]) if owner and random.random() < 0.8 else everybody
        by = random.choice(people)
        acts: list[Callable[[], Any]] = [
            lambda: requests.accept(hub, case, by),  # noqa: B023
            lambda: requests.give_back(hub, case, by, ["补充"]),  # noqa: B023
            lambda: requests.resubmit(hub, case, random.choice(given), by),  # noqa: B023
            lambda: requests.decide(hub, case, "grant", by),  # noqa: B023
            lambda: requests.decide(hub, case, "narrow", by, "少", LESS, UNTIL),  # noqa: B023
            lambda: requests.decide(hub, case, "refuse", by, "无据"),  # noqa: B023
            lambda: requests.ask_extension(hub, case, by, 5, "会商"),  # noqa: B023
            lambda: requests.consent(hub, case, by),  # noqa: B023
            lambda: requests.dispute(hub, case, by, "有据"),  # noqa: B023
            lambda: requests.settle(hub, case, by, True, "维持"),  # noqa: B023
            lambda: requests.settle(hub, case, by, False, "改变"),  # noqa: B023
            lambda: requests.lapse(hub),
        ]
        before = told(hub, case)
        able = [acts[n] for n in USUAL.get(before[0].state, range(len(acts)))]
        try:
            random.choice(able if random.random() < 0.7 else acts)()
        except HubError:
            assert told(hub, case) == before
        holds(hub, case)
        clock.days(random.choice([0, 0, 1, 3, 9]))


def told(hub: Hub, case: str) -> tuple[Any, ...]:
    return (
        requests.request_of(hub, case),
        len(requests.history_of(hub, case)),
        clocks.clocks_of(hub, "request", case),
        len(grants.grants_of(hub)),
    )


def holds(hub: Hub, case: str) -> None:
    """One clock runs, of whom and of what the state says; what is active is what was decided."""
    request = requests.request_of(hub, case)
    owner = case_of(hub, request, requests.history_of(hub, case)).owner
    held = [c for c in clocks.clocks_of(hub, "request", case) if c.stopped_on is None]
    running = [(c.department, c.duty) for c in held if c.paused_on is None]
    assert running == ([owner] if owner is not None else [])
    assert len(held) - len(running) == (request.state == "returned")
    active = [g for g in grants.grants_of(hub) if g.request_id == case and g.ended_at is None]
    assert [grant.terms for grant in active] == [request.decided] * len(active)
    assert len(active) == (request.decided is not None)


@pytest.mark.slow
def test_in_every_state_one_clock_runs_of_who_has_to_act(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        random = Random(5)
        start = clock.at
        for _ in range(16):
            clock.at = start
            walk(hub, clock, random)
        cases = [request.id for request in requests.requests_of(hub)]
        reached = {event.state for case in cases for event in requests.history_of(hub, case)}
    assert len(reached) >= 8, reached


def test_the_hub_asks_for_the_time_inside_of_the_transaction(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    filed = requests.file(hub, ASKED, "ann")
    assert filed.filed_at == clock.at
    later = replace(hub, now=lambda: clock.at.replace(hour=9))
    requests.accept(later, filed.id, "sue")
    assert requests.history_of(hub, filed.id)[-1].at == clock.at.replace(hour=9)
