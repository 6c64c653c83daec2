"""The sample city's subscribers: of every kind, through the real desk, and what reaches them."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

import hub.cli.sample_subscribe as player
from hub import clocks
from hub.cli.sample_subscribe import Played, subscribe
from hub.errors import SettingsError
from hub.grants import credentials_of
from hub.ledger.releases import last_release
from hub.opened import Hub, open_hub
from hub.proof.verifying import verify_log
from hub.publish import read_manifest
from hub.pushing import push_all
from hub.released import relation
from hub.requests import history_of
from schemas.sharing import Way
from schemas.terms import within
from tests.levels import realm
from tests.portal.serving import serving
from tests.requests.city import opened_by
from tests.sample.reading import CATALOG

ENDPOINT = "https://share.example/delta-sharing"
STATES = {
    "granted": "granted",
    "by_rule": "granted",
    "narrowed": "narrowed",
    "pseudonyms": "granted",
    "pseudonyms_of_money": "granted",
    "returned": "granted",
    "left_lying": "returned",
    "refused": "refused",
    "upheld": "upheld",
    "overturned": "overturned",
    "own_data": "granted",
    "expired": "granted",
    "revoked": "granted",
    "history": "granted",
    "slice": "granted",
    "slice_of_firms": "granted",
    "waiting": "accepted",
    "overdue": "accepted",
    "extended": "granted",
    "withdrawn": "withdrawn",
}
OVER = {"expired", "revoked"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has collected nothing yet."""
    with open_hub(tmp_path_factory.mktemp("city"), CATALOG) as opened:
        yield opened


@pytest.fixture(scope="module")
def played(hub: Hub) -> dict[str, Played]:
    """All stories, by name."""
    return {one.story: one for one in subscribe(hub, ENDPOINT)}


def test_every_story_ends_as_it_is_told(hub: Hub, played: dict[str, Played]) -> None:
    assert {name: one.request.state for name, one in played.items()} == STATES
    granted = {name for name, one in played.items() if one.grant}
    assert granted == {n for n, s in STATES.items() if s in ("granted", "narrowed", "overturned")}
    over = {n for n, one in played.items() if one.grant and not one.grant.active(hub.now())}
    assert over == OVER


def test_again_nothing_is_done_twice(hub: Hub, played: dict[str, Played]) -> None:
    events = [len(history_of(hub, one.request.id)) for one in played.values()]
    again = subscribe(hub, ENDPOINT)
    assert [one.request for one in again] == [one.request for one in played.values()]
    assert [len(history_of(hub, one.request.id)) for one in again] == events


@pytest.mark.slow
def test_a_run_that_broke_off_is_taken_up_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, acts = player.acts_in_order, 23
    monkeypatch.setattr(player, "acts_in_order", lambda told: list(whole(told))[:acts])
    with open_hub(tmp_path, CATALOG) as opened:
        subscribe(opened, ENDPOINT)
        monkeypatch.setattr(player, "acts_in_order", whole)
        told = subscribe(opened, ENDPOINT)
        assert {one.story: one.request.state for one in told} == STATES
        assert verify_log(opened).faults == []


def test_another_catalog_is_refused(tmp_path: Path) -> None:
    at = realm.level(tmp_path, "city")
    with at.hub() as opened, pytest.raises(SettingsError, match=r"lacks .*population"):
        subscribe(opened, ENDPOINT)


def test_who_asks_for_its_own_data_does_not_decide(hub: Hub, played: dict[str, Played]) -> None:
    [decided] = [e for e in history_of(hub, played["own_data"].request.id) if e.kind == "grant"]
    assert played["own_data"].request.provider == "police"
    assert decided.by in hub.catalog.departments["data_bureau"].officers


def test_nobody_decides_on_what_they_filed_nor_settles_what_they_decided(
    hub: Hub, played: dict[str, Played]
) -> None:
    groups = (
        {"file", "resubmit", "dispute"},
        {"grant", "narrow", "refuse"},
        {"uphold", "overturn"},
    )
    done: set[str] = set()
    for one in played.values():
        history = history_of(hub, one.request.id)
        done |= {event.kind for event in history}
        asked, decided, settled = (
            {event.by for event in history if event.kind in group} for group in groups
        )
        assert asked and not asked & (decided | settled) and not decided & settled, one.story
    assert done >= set().union(*groups)


def test_what_was_decided_is_within_what_was_asked(hub: Hub, played: dict[str, Played]) -> None:
    for one in played.values():
        if one.grant:
            assert within(one.grant.terms, one.request.application.terms) == []


def test_days_pass_in_order_and_the_provider_is_late_once(
    hub: Hub, played: dict[str, Played]
) -> None:
    for one in played.values():
        moments = [event.at for event in history_of(hub, one.request.id)]
        assert moments == sorted(moments)
    late = {clock.subject_id for clock in clocks.overdue(hub, "police")}
    assert played["overdue"].request.id in late
    assert played["waiting"].request.id not in late


def test_profiles_open_one_grant_each_and_are_their_owners_alone(
    hub: Hub, played: dict[str, Played]
) -> None:
    held = {name: one.profile for name, one in played.items() if one.profile}
    pull = {Way.PULL, Way.DOWNLOAD}
    assert set(held) == {
        name
        for name, one in played.items()
        if one.grant and name not in OVER and pull & set(one.grant.terms.ways)
    }
    for name, path in held.items():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        profile = json.loads(path.read_text())
        assert profile["endpoint"] == ENDPOINT
        opened = opened_by(hub, profile["bearerToken"])
        assert opened is not None and opened == played[name].grant
    rotated = played["granted"].grant
    assert rotated is not None and len(credentials_of(hub, rotated)) == 2


def test_a_profile_follows_the_portal_to_another_address(
    hub: Hub, played: dict[str, Played]
) -> None:
    path = played["slice"].profile
    assert path is not None
    before = json.loads(path.read_text())
    subscribe(hub, "https://elsewhere.example/delta-sharing")
    after = json.loads(path.read_text())
    assert after == {**before, "endpoint": "https://elsewhere.example/delta-sharing"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    subscribe(hub, ENDPOINT)


@pytest.mark.slow
@pytest.mark.parametrize("today", ["2025-12-30", "2026-02-20", "2027-03-01"])
def test_the_stories_can_be_told_on_any_day(tmp_path: Path, today: str) -> None:
    moment = datetime.fromisoformat(f"{today}T02:00:00+00:00")
    with open_hub(tmp_path, CATALOG) as opened:
        told = subscribe(replace(opened, now=lambda: moment), ENDPOINT)
        assert {one.story: one.request.state for one in told} == STATES


@pytest.mark.slow
@pytest.mark.server
def test_each_subscriber_has_its_grant_and_nothing_else(clean_hub: Hub, tmp_path: Path) -> None:
    """Pushed, and pulled with the official client; held against the golden rows themselves."""
    import delta_sharing

    told = {one.story: one for one in subscribe(clean_hub, ENDPOINT)}
    for name in clean_hub.catalog.datasets:
        assert push_all(clean_hub, name).faults == {}
    golden = _golden(clean_hub, "population")

    [path] = (clean_hub.settings.home / "city/inbox/medical_insurance").rglob("rows-*.parquet")
    narrow = pd.read_parquet(path)
    assert list(narrow.columns) == ["record_id", "resident_id", "name", "status", "death_date"]
    assert sorted(narrow.resident_id.dropna()) == sorted(golden.resident_id.dropna())
    assert all(re.fullmatch(r".?\*+", text) for text in narrow.name.dropna())
    with closing(sqlite3.connect(clean_hub.settings.home / "city/inbox/education.db")) as inbox:
        tables = [n for (n,) in inbox.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        [table] = [name for name in tables if name.startswith("population_")]
        [(rows,)] = inbox.execute(f'SELECT count(*) FROM "{table}"')
    assert rows == len(golden)

    with serving(clean_hub, tmp_path) as served:
        for one in subscribe(clean_hub, f"{served.url}/delta-sharing"):
            told[one.story] = one

        def pulled(story: str) -> pd.DataFrame:
            grant, profile = told[story].grant, told[story].profile
            assert grant is not None
            url = f"{profile}#{grant.subscriber}.{grant.dataset}.{grant.id}"
            return delta_sharing.load_as_pandas(url)

        own = pulled("slice")
        assert set(own.division) == {"990102"}
        wanted = golden[golden.division == "990102"]
        assert sorted(own.resident_id.dropna()) == sorted(wanted.resident_id.dropna())
        people, money = pulled("pseudonyms"), pulled("pseudonyms_of_money")
    assert not set(people.resident_id.dropna()) & set(golden.resident_id.dropna())
    paid = _golden(clean_hub, "fund").payee_entity_id
    expected = paid.isin(set(golden.entity_id)).sum()
    assert expected > 0
    assert money.payee_entity_id.isin(set(people.record_id)).sum() == expected
    assert not set(money.payee_entity_id.dropna()) & set(paid.dropna())


def _golden(hub: Hub, dataset: str) -> pd.DataFrame:
    release = last_release(hub.ledger, dataset)
    assert release is not None
    with hub.store.connect() as connection:
        source = relation(hub.store, read_manifest(hub.store, release), "golden")
        return connection.execute(source).df()
