"""The watch: everything that is due is done once, and one failure stops nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from hub import objections, shares, steps
from hub.ledger.audit import Event
from hub.ledger.audit_tables import audit_event
from hub.watching import DUTIES
from hub.watching.words import lines
from tests.objections.town import Town

pytestmark = pytest.mark.slow


def events(place: Town, kind: Event) -> list[str]:
    """Subjects of all events of one kind, in order."""
    query = select(audit_event.c.subject).where(audit_event.c.kind == kind)
    with place.hub.ledger.reading() as connection:
        return list(connection.execute(query.order_by(audit_event.c.seq)).scalars())


def test_a_clock_is_warned_of_once_and_its_breach_told_once(place: Town) -> None:
    grant = place.grant("tax", "tom", "name")
    record = place.record(grant, place.entity("register/people", "p1"))
    filed = objections.file(place.hub, grant.id, record, "name", "tom", "姓名有误")
    told: list[tuple[int, int]] = []
    for _ in range(20):
        place.days(1)
        watched = steps.watch(place.hub)
        assert watched.faults == []
        told.append((len(watched.warned), len(watched.breached)))
        again = steps.watch(place.hub)
        assert again.warned == again.breached == []
    assert [sum(column) for column in zip(*told, strict=True)] == [1, 1]
    assert told.index((1, 0)) < told.index((0, 1))
    assert events(place, Event.CLOCK_MOVED).count(filed.id) == 2


def test_an_expired_grant_is_ended_and_its_files_are_removed(place: Town) -> None:
    grant = place.grant("tax", "tom", "name")
    share = shares.rows(place.hub, grant, 1)
    assert all(place.hub.store.path(file.uri).is_file() for file in share.files)
    place.days(400)
    watched = steps.watch(place.hub)
    assert [one.id for one in watched.ended] == [grant.id] and watched.pruned == [grant.id]
    assert not any(place.hub.store.path(file.uri).exists() for file in share.files)
    assert events(place, Event.GRANT_ENDED) == [grant.id]
    assert steps.watch(place.hub).ended == []


def test_a_supply_is_as_fresh_as_its_last_good_batch_and_late_is_noted_once(place: Town) -> None:
    assert steps.watch(place.hub).late == []
    place.days(3)
    place.people["p1"] = ("x" * 18, *place.people["p1"][1:])
    first = steps.watch(place.hub)
    assert {one.supply for one in first.late} == {"register/people", "health/cards"}
    assert len(first.newly_late) == 2
    again = steps.watch(place.hub)
    assert len(again.late) == 2 and again.newly_late == []
    place.run()
    assert steps.watch(place.hub).late == []
    place.days(3)
    assert len(steps.watch(place.hub).newly_late) == 2
    assert len(events(place, Event.SUPPLY_LATE)) == 4


def test_each_watch_signs_what_was_noted_since_the_last(place: Town) -> None:
    place.grant("tax", "tom", "name")
    signed = steps.watch(place.hub).checkpoint
    assert signed is not None and signed > 0
    assert steps.watch(place.hub).checkpoint is None
    place.grant("school", "sam", "name")
    later = steps.watch(place.hub).checkpoint
    assert later is not None and later > signed


def test_what_fails_is_a_fault_and_the_rest_is_done(place: Town) -> None:
    grant = place.grant("tax", "tom", "name")
    place.days(400)
    catalog = place.hub.catalog
    broken = replace(place.hub, catalog=replace(catalog, clocks={}))  # nobody wrote down the rules
    record = place.record(grant, place.entity("register/people", "p1"))
    watched = steps.watch(broken)
    assert [one.id for one in watched.ended] == [grant.id]
    assert watched.checkpoint is not None and record
    assert all(fault.split(":")[0] in DUTIES for fault in watched.faults)


def test_a_hub_that_shares_nothing_is_watched_without_a_fault(place: Town) -> None:
    alone = replace(place.hub, catalog=replace(place.hub.catalog, sharing=None))
    assert steps.watch(alone).faults == []


def test_what_a_watch_says_is_said_in_both_languages_and_names_no_value(place: Town) -> None:
    grant = place.grant("tax", "tom", "name")
    record = place.record(grant, place.entity("register/people", "p1"))
    place.pull(grant)
    objections.file(place.hub, grant.id, record, "name", "tom", "姓名有误")
    place.people["p1"] = (place.people["p1"][0], "戊", *place.people["p1"][2:])
    place.fill()
    place.days(1)
    steps.collect(place.hub, "register/people", place.at)
    for batch_id in steps.collect(place.hub, "register/people", place.at):
        steps.check(place.hub, batch_id)
    steps.publish(place.hub, "people", place.at)
    said = "\n".join(lines(steps.watch(place.hub)))
    assert "objection mended 异议已更正" in said and "recall 更正通知" in said
    assert "戊" not in said and "甲" not in said and record not in said
    assert list(lines(steps.watch(place.hub))) == ["nothing was due 无到期事项"]
