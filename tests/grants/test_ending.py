"""Grants: made once, never changed, and ended by those who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from hub import clocks, grants
from hub.errors import DecisionError, NotFound
from hub.ledger.audit_tables import audit_event
from hub.ledger.sharing_tables import share_grant
from tests.grants.conftest import Town, granted


def test_a_grant_opens_releases_from_the_one_of_its_day(town: Town) -> None:
    from datetime import UTC, datetime

    from hub.ledger.releases import add_release
    from hub.records import Release

    assert town.grant.since_version is None  # there was no release
    at = datetime(2026, 3, 1, tzinfo=UTC)
    for version in (1, 2):
        add_release(
            town.hub.ledger,
            Release("population", version, version, f"r{version}", "m", 1, 1, 0, 0, at),
        )
    assert granted(town.hub).since_version == 2


def test_nobody_widens_a_grant_in_the_ledger(town: Town) -> None:
    with pytest.raises(SQLAlchemyError), town.hub.ledger.writing() as connection:
        connection.execute(update(share_grant).values(terms={"fields": []}))
    assert grants.grant_of(town.hub, town.grant.id) == town.grant


@pytest.mark.parametrize(
    ("by", "consent"), [("ann", None), ("amy", None), ("sue", None), ("paul", "sam")]
)
def test_who_may_end_it(town: Town, by: str, consent: str | None) -> None:
    ended = grants.end(town.hub, town.grant.id, by, "用途已满足", consent)
    assert not ended.active(town.clock.at)
    assert grants.active_grants(town.hub) == []
    assert clocks.running(town.hub) == []
    with pytest.raises(DecisionError, match="ended already"):
        grants.end(town.hub, town.grant.id, "sue", "再次")


@pytest.mark.parametrize(
    ("by", "consent", "why"),
    [
        ("paul", None, "consent"),
        ("paul", "pia", "no officer of bureau"),
        ("bob", None, "may not end"),
        ("tess", "sue", "may not end"),
        ("nobody", None, "no officer"),
    ],
)
def test_who_may_not(town: Town, by: str, consent: str | None, why: str) -> None:
    with pytest.raises(DecisionError, match=why):
        grants.end(town.hub, town.grant.id, by, "理由", consent)
    assert grants.active_grants(town.hub) == [town.grant]


def test_a_reason_is_needed(town: Town) -> None:
    with pytest.raises(DecisionError, match="reason"):
        grants.end(town.hub, town.grant.id, "sue", " ")
    with pytest.raises(NotFound):
        grants.end(town.hub, "G2026-000009", "sue", "理由")


def test_what_has_run_out_is_ended_once_with_the_moment_of_its_end(town: Town) -> None:
    town.clock.at = town.grant.expires_at - timedelta(seconds=1)
    assert grants.end_expired(town.hub) == []
    assert grants.active_grants(town.hub, "population") == [town.grant]
    town.clock.at += timedelta(days=3)
    assert grants.active_grants(town.hub, "population") == []
    [ended] = grants.end_expired(town.hub)
    assert (ended.ended_at, ended.end_reason) == (town.grant.expires_at, "expired")
    assert grants.end_expired(town.hub) == []
    assert clocks.running(town.hub) == []
    with town.hub.ledger.reading() as connection:
        kinds = [row.kind for row in connection.execute(audit_event.select())]
    assert kinds.count("grant_ended") == 1


def test_of_other_datasets_nothing_is_told(town: Town) -> None:
    assert grants.active_grants(town.hub, "fund") == []
    assert grants.grants_of(town.hub, subscriber="police") == []
    assert grants.grants_of(town.hub, subscriber="civil") == [town.grant]


def test_what_runs_out_before_its_first_delivery_is_due_is_no_breach(town: Town) -> None:
    from hub.watching import watch
    from tests.requests.city import asking

    filed = asking(until=town.clock.at.date() + timedelta(days=5))
    short = granted(town.hub, filed)
    town.clock.at += timedelta(days=60)
    watched = watch(town.hub)
    assert watched.faults == []
    assert [grant.id for grant in watched.ended] == [short.id]
    assert [clock.subject_id for clock in watched.breached] == [town.grant.id]


def test_what_was_typed_as_a_reason_stands_outside_of_the_log(town: Town) -> None:
    ended = grants.end(town.hub, town.grant.id, "sue", "王某某投诉")
    assert ended.end_reason == "王某某投诉"
    with town.hub.ledger.reading() as connection:
        bodies = [row.body for row in connection.execute(audit_event.select())]
    assert not any("王某某" in body for body in bodies)


def test_credentials_of_a_grant_that_is_over_are_shown_as_such(town: Town) -> None:
    from hub.grants.view import grant_shown

    grants.make_credential(town.hub, town.grant, "ann", 30)
    assert [one["state"] for one in grant_shown(town.hub, town.grant.id)["credentials"]] == [
        "active"
    ]
    grants.end(town.hub, town.grant.id, "sue", "理由")
    assert [one["state"] for one in grant_shown(town.hub, town.grant.id)["credentials"]] == [
        "ended"
    ]
