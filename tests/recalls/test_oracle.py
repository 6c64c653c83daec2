"""Recalls against a brute-force oracle: who is told of which record and field, and of no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import recalls
from hub.digests import digest_key
from hub.ledger.recalls import recalls as noted
from hub.masking import scope_key
from hub.opened import Hub
from hub.records import Grant
from schemas.sharing import Terms
from tests.recalls.past import Cell, another, correct, deliver, release
from tests.shares.oracle import expected
from tests.shares.world import make_grant, make_hub

pytestmark = pytest.mark.slow

ENTITIES = [f"e{n}" for n in range(5)]
FIELDS = ("full_name", "division", "visits", "secret")
Rows = dict[str, dict[str, Any]]
rows_of_entity = st.fixed_dictionaries(
    {
        "full_name": st.sampled_from(["甲乙丙", "甲丁丙", "戊", None]),
        "division": st.sampled_from(["990101", "990102", None]),
        "visits": st.sampled_from([1, 2, 11, None]),
        "secret": st.sampled_from(["a", "b"]),
    }
)
MASKS = {
    "full_name": st.sampled_from(
        [{"kind": "keep"}, {"kind": "partial", "first": 1, "last": 1}, {"kind": "pseudonym"}]
    ),
    "division": st.sampled_from([{"kind": "keep"}, {"kind": "generalise", "first": 4}]),
    "visits": st.sampled_from([{"kind": "keep"}, {"kind": "generalise", "step": 10}]),
}
CONDITIONS = st.sampled_from(
    [
        {"field": "division", "one_of": ["990101"]},
        {"field": "visits", "before": 10},
        {"field": "full_name", "present": True},
    ]
)


@st.composite
def some_terms(draw: st.DrawFn) -> Terms:
    names = draw(st.lists(st.sampled_from(sorted(MASKS)), unique=True, min_size=1))
    return Terms.model_validate(
        {
            "fields": [{"name": name, "mask": draw(MASKS[name])} for name in names],
            "rows": draw(st.lists(CONDITIONS, max_size=1)),
            "ways": ["file"],
            "scope": draw(st.sampled_from(["grant", "subscriber"])),
        }
    )


@dataclass(frozen=True)
class Past:
    """Releases (whole or as changes), grants' terms, corrections, and rounds of deliveries."""

    releases: list[Rows]
    changed: list[bool]
    terms: list[Terms]
    corrections: list[tuple[int, list[Cell]]]
    rounds: list[list[tuple[int, int]]]  # (grant, version)
    parts: int  # in which cells are weighed


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    releases: list[Rows] = []
    for _ in range(draw(st.integers(2, 5))):
        before = releases[-1] if releases else {}
        now: Rows = {}
        for entity in ENTITIES:
            fate = draw(st.sampled_from(["same", "same", "new", "field", "gone"]))
            row = before.get(entity)
            if fate == "new" or (row is None and fate == "field"):
                row = draw(rows_of_entity)
            elif fate == "field" and row is not None:
                name = draw(st.sampled_from(FIELDS))
                row = {**row, name: draw(rows_of_entity)[name]}
            if row is not None and fate != "gone":
                now[entity] = row
        releases.append(now)
    newest = len(releases)
    cell = st.tuples(
        st.sampled_from(ENTITIES),
        st.sampled_from([*FIELDS, None, "record_id"]),
        st.just(0),
        st.sampled_from(["objection", "work_order", "entity", "steward"]),
        st.sampled_from(["x", "y"]),
        st.sampled_from([None, *ENTITIES]),
    )
    corrections = []
    for _ in range(draw(st.integers(1, 3))):
        version = draw(st.integers(2, newest))
        listed = draw(st.lists(cell, min_size=1, max_size=6, unique_by=lambda c: c[:2]))
        wrong = draw(st.integers(max(1, version - 2), version - 1))
        corrections.append((version, [(c[0], c[1], wrong, *c[3:]) for c in listed]))
    terms = draw(st.lists(some_terms(), min_size=1, max_size=3))
    received = st.tuples(st.integers(0, len(terms) - 1), st.integers(1, newest))
    rounds = draw(st.lists(st.lists(received, max_size=4), min_size=1, max_size=3))
    return Past(
        releases=releases,
        changed=[draw(st.booleans()) for _ in releases],
        terms=terms,
        corrections=corrections,
        rounds=rounds,
        parts=draw(st.integers(1, 3)),
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Hub]]:
    """An empty hub, each time another one."""
    folder = tmp_path_factory.mktemp("past")
    first, numbers, opened = make_hub(folder), count(), []

    def another_one() -> Hub:
        for hub in opened:
            hub.store.close()
            hub.ledger.engine.dispose()
        opened[:] = [another(first, folder / str(next(numbers)))]
        return opened[0]

    yield another_one


@given(past=pasts())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_every_grant_that_received_an_old_value_is_told_and_nobody_else(
    past: Past, place: Callable[[], Hub]
) -> None:
    hub = place()
    last = None
    for rows, changed in zip(past.releases, past.changed, strict=True):
        listed = [{"entity_id": name, **row} for name, row in rows.items()]
        last = release(hub, listed, last, changed)
    grants = [make_grant(hub, terms) for terms in past.terms]
    for place, (version, listed) in enumerate(past.corrections):
        correct(hub, version, listed, f"t{place}")
    told: dict[tuple[str, int], dict[tuple[str, str], tuple[Any, ...]]] = {}
    had: dict[str, set[int]] = {}
    for deliveries in past.rounds:
        for place, version in deliveries:
            grant = grants[place]
            if version not in had.setdefault(grant.id, set()):
                deliver(hub, grant, version)
                had[grant.id].add(version)
        for grant in grants:
            _tell(hub, past, grant, had.get(grant.id, set()), told)
        recalls.make(hub, parts=past.parts)
        assert _notices(hub, grants) == told
        assert recalls.make(hub) == []  # again changes nothing


def _notices(hub: Hub, grants: list[Grant]) -> Any:
    """All that was told, by grant and mending release; nothing is told twice."""
    found: dict[tuple[str, int], dict[tuple[str, str], tuple[Any, ...]]] = {}
    for grant in grants:
        for one in recalls.recalls_of(hub, grant):
            lines = [line for batch in recalls.rows_of(hub, one) for line in batch.to_pylist()]
            assert lines == sorted(lines, key=lambda line: (line["record_id"], line["field"]))
            assert one.records == len({line["record_id"] for line in lines}) > 0
            assert sum(one.fields.values()) == len(lines)
            assert one.first_version == min(line["first_version"] for line in lines)
            of = found.setdefault((grant.id, one.mended_in), {})
            for line in lines:
                key = (line["record_id"], line["field"])
                assert key not in of
                of[key] = (line["first_version"], line["change"], line["now_record"])
    assert len({one.id for one in noted(hub.ledger)}) == len(noted(hub.ledger))
    return found


def _tell(hub: Hub, past: Past, grant: Grant, had: set[int], told: Any) -> None:
    """The law, value by value, over whole releases held in memory."""
    key = scope_key(digest_key(hub.settings.home), grant.terms.scope, grant.id, grant.subscriber)
    views = {v: _view(grant, past.releases[v - 1], key) for v in range(1, len(past.releases) + 1)}
    shown = {granted.name for granted in grant.terms.fields}
    filtering = {condition.field for condition in grant.terms.rows}
    places = sorted(
        range(len(past.corrections)), key=lambda place: (past.corrections[place][0], place)
    )
    for place in places:
        mended, listed = past.corrections[place]
        new: dict[tuple[str, str], tuple[Any, ...]] = {}
        for entity, field, wrong, _, _, now_entity in listed:
            old = past.releases[wrong - 1].get(entity)
            after = past.releases[mended - 1].get(entity)
            if old is None or (field == "record_id" and after is not None):
                continue
            for name in FIELDS if field is None else (field,):
                if name != "record_id" and after is not None and after[name] == old[name]:
                    continue
                for v in sorted(had):
                    row = past.releases[v - 1].get(entity)
                    if v > wrong or row is None or entity not in views[v]:
                        continue
                    if name != "record_id" and row[name] != old[name]:
                        continue
                    line = _line(
                        views[v][entity], views[mended].get(entity), name, field, shown, filtering
                    )
                    if line is None:
                        continue
                    now = views[mended].get(now_entity)
                    record = views[v][entity]["record_id"]
                    first, _, joined = new.get((record, line[0]), (v, None, None))
                    names = [one for one in (joined, now and now["record_id"]) if one]
                    new[record, line[0]] = (min(first, v), line[1], max(names, default=None))
        before = told.get((grant.id, mended), {})
        fresh = {key: value for key, value in new.items() if key not in before}
        if fresh:
            told[grant.id, mended] = {**before, **fresh}


def _line(then: Any, now: Any, name: str, field: str | None, shown: Any, filtering: Any) -> Any:
    """(field told, change) of one wrong cell that was received; None: nothing to tell."""
    if name == "record_id":
        return ("record_id", "left" if now is None else "updated")
    if name in shown:
        if now is None:
            return ("record_id" if field is None else name, "left")
        return (name, "updated") if then[name] != now[name] else None
    return ("record_id", "left") if now is None and name in filtering else None


def _view(grant: Grant, rows: Rows, key: bytes) -> Rows:
    """What the grant shows of a release, by entity."""
    blank = dict.fromkeys(
        ["number", "born_on", "seen_at", "amount", "weight", "alive", "opens_at", "remarks",
         "payee_entity_id", "备注"]
    )  # fmt: skip
    view: Rows = {}
    for entity, row in rows.items():
        frame = expected(grant.terms, [{"entity_id": entity, **blank, **row}], key)
        for one in frame.to_dict("records"):
            view[entity] = one
    return view


def test_what_was_only_offered_by_pull_counts_and_a_push_that_broke_does_not(
    place: Callable[[], Hub],
) -> None:
    hub = place()
    first = release(hub, [{"entity_id": "e1", "full_name": "甲"}])
    release(hub, [{"entity_id": "e1", "full_name": "乙"}], first)
    terms = Terms.model_validate({"fields": [{"name": "full_name"}], "ways": ["file", "pull"]})
    pulled, broken = make_grant(hub, terms), make_grant(hub, terms)
    deliver(hub, pulled, 1, "pull", received=False)
    deliver(hub, broken, 1, "file", received=False)
    correct(hub, 2, [("e1", "full_name", 1, "steward", "x", None)], "t")
    assert [one.grant_id for one in recalls.make(hub)] == [pulled.id]


def test_a_crash_at_any_moment_loses_no_recall_and_doubles_none(place: Callable[[], Hub]) -> None:
    hub = place()
    first = release(hub, [{"entity_id": f"e{n}", "full_name": "甲"} for n in range(4)])
    release(hub, [{"entity_id": f"e{n}", "full_name": "乙"} for n in range(4)], first)
    terms = Terms.model_validate({"fields": [{"name": "full_name"}], "ways": ["file"]})
    grants = [make_grant(hub, terms) for _ in range(3)]
    for grant in grants:
        deliver(hub, grant, 1)
    correct(hub, 2, [(f"e{n}", "full_name", 1, "steward", "x", None) for n in range(4)], "t")

    class Killed(BaseException):
        """Nothing is tidied up behind it."""

    for moment in range(1, 12):
        asked = count(1)

        def now(moment: int = moment, asked: Any = asked) -> Any:
            if next(asked) == moment:
                raise Killed
            return hub.now()

        try:
            recalls.make(replace(hub, now=now))
        except Killed:
            continue
        break
    else:
        raise AssertionError("it never came to its end")
    assert moment > 3
    found = noted(hub.ledger)
    assert sorted(one.grant_id for one in found) == sorted(grant.id for grant in grants)
    assert all(one.records == 4 and one.fields == {"full_name": 4} for one in found)
