"""Plays the stories of the sample city's subscribers at the real desk, days ago and until today."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hub import requests
from hub.errors import SettingsError
from hub.grants import end, grant_of, make_credential, rotate, write_profile
from hub.officers import provider_of, sharing_of
from hub.opened import Hub
from hub.records import Grant, Request
from sample.story import BY, DAYS, Act, Story, acts_in_order, officer
from sample.subscribers import stories
from schemas.sharing import Role, Way

OFFICE_OPENS = time(9)
IN_HISTORY = {"give_back": "return"}  # what an act is called there, where it differs
ROTATED = "granted"  # the story whose credential is made twice, as a careful subscriber does
PROFILES = "profiles"
CREDENTIAL_DAYS = 180


@dataclass(frozen=True)
class Played:
    """A story as it ended: its request, its grant when it got one, and the profile to read with."""

    story: str
    request: Request
    grant: Grant | None
    profile: Path | None

    def row(self, now: datetime) -> dict[str, str | bool | None]:
        terms = self.grant.terms if self.grant else None
        return {
            "story": self.story,
            "request": self.request.id,
            "subscriber": self.request.subscriber,
            "dataset": self.request.dataset,
            "state": self.request.state,
            "grant": self.grant.id if self.grant else None,
            "active": self.grant.active(now) if self.grant else None,
            "ways": " ".join(terms.ways) if terms else None,
            "profile": str(self.profile) if self.profile else None,
        }


def subscribe(hub: Hub, endpoint: str) -> list[Played]:
    """Play what was not played yet of every story; again changes nothing.

    Profiles of those who pull are written to `<home>/city/profiles`, readable by the owner alone.
    Raises `SettingsError` for another catalog than the sample city's.
    """
    now = hub.now()
    told = stories(sharing_of(hub.catalog).day(now))
    _refuse_strangers(hub, told)
    _inboxes(hub)
    known = {(r.subscriber, r.dataset, r.application.purpose): r for r in requests.requests_of(hub)}
    asked = [
        known.get((s.application.subscriber, s.application.dataset, s.application.purpose))
        for s in told
    ]
    done = [_done(hub, request) for request in asked]
    for number, story, act in acts_in_order(told):
        if IN_HISTORY.get(act.kind, act.kind) not in done[number]:
            then = replace(hub, now=_clock(hub, now, act))
            asked[number] = _play(then, story, act, asked[number])
    return [
        _played(hub, story, request.id, endpoint)
        for story, request in zip(told, asked, strict=True)
        if request is not None
    ]


def _refuse_strangers(hub: Hub, told: tuple[Story, ...]) -> None:
    datasets = {story.application.dataset for story in told} - set(hub.catalog.datasets)
    names = {story.application.subscriber for story in told} - set(hub.catalog.departments)
    if datasets or names:
        lacking = ", ".join(sorted(datasets | names))
        raise SettingsError(f"this is not the sample city's catalog: it lacks {lacking}")


def _done(hub: Hub, request: Request | None) -> set[str]:
    """The kinds of acts that a run before this one has left in the request's history."""
    if request is None:
        return set()
    done = {str(event.kind) for event in requests.history_of(hub, request.id)}
    if request.grant_id and grant_of(hub, request.grant_id).ended_at is not None:
        done.add("revoke")
    return done


def _inboxes(hub: Hub) -> None:
    """The folders that deliveries go to: a subscriber keeps one ready."""
    for department in hub.catalog.departments.values():
        inbox = department.inbox
        for url in (inbox.file.url if inbox and inbox.file else "",
                    inbox.database.url if inbox and inbox.database else ""):  # fmt: skip
            if url.startswith("file://"):
                Path(url.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
            elif url.startswith("sqlite:///"):
                Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


def _clock(hub: Hub, now: datetime, act: Act) -> Callable[[], datetime]:
    """The act's day, at the opening of offices; never later than now."""
    sharing = sharing_of(hub.catalog)
    day = sharing.day(now) - timedelta(days=DAYS - act.day)
    begin = datetime.combine(day, OFFICE_OPENS, ZoneInfo(sharing.zone)).astimezone(UTC)
    return lambda: min(begin, now)


def _play(hub: Hub, story: Story, act: Act, request: Request | None) -> Request:
    subscriber, dataset = story.application.subscriber, story.application.dataset
    supervisor = sharing_of(hub.catalog).supervisor
    provider = provider_of(hub.catalog, dataset)
    if provider == subscriber and BY[act.kind] is Role.APPROVER:
        by = officer(hub.catalog, supervisor, "accept")  # who decides where the provider asks
    else:
        seats = {Role.APPLICANT: subscriber, Role.APPROVER: provider, Role.SUPERVISOR: supervisor}
        by = officer(hub.catalog, seats[BY[act.kind]], act.kind)
    if act.kind == "file":
        return requests.file(hub, story.application, by)
    assert request is not None, "a story begins with its filing"
    name = request.id
    match act.kind:
        case "give_back":
            return requests.give_back(hub, name, by, (act.reason,))
        case "resubmit":
            assert act.application is not None
            return requests.resubmit(hub, name, act.application, by)
        case "accept":
            return requests.accept(hub, name, by)
        case "ask_extension":
            return requests.ask_extension(hub, name, by, 5, act.reason)
        case "consent":
            return requests.consent(hub, name, by)
        case "grant" | "narrow" | "refuse":
            return requests.decide(hub, name, act.kind, by, act.reason, act.terms)
        case "dispute":
            return requests.dispute(hub, name, by, act.reason)
        case "uphold" | "overturn":
            upheld = act.kind == "uphold"
            return requests.settle(hub, name, by, upheld, act.reason, act.terms)
        case "withdraw":
            return requests.withdraw(hub, name, by, act.reason)
        case "revoke":
            assert request.grant_id is not None, "what is revoked was granted"
            end(hub, request.grant_id, by, act.reason)
            return requests.request_of(hub, name)


def _played(hub: Hub, story: Story, request_id: str, endpoint: str) -> Played:
    request = requests.request_of(hub, request_id)
    grant = grant_of(hub, request.grant_id) if request.grant_id else None
    path = None
    if grant and grant.active(hub.now()) and {Way.PULL, Way.DOWNLOAD} & set(grant.terms.ways):
        folder = hub.settings.home / "city" / PROFILES
        path = folder / f"{grant.subscriber}.{grant.dataset}.share"
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            by = officer(hub.catalog, grant.subscriber, "file")
            token, credential = make_credential(hub, grant, by, CREDENTIAL_DAYS)
            if story.name == ROTATED:
                token, credential = rotate(hub, grant, by, CREDENTIAL_DAYS)
            write_profile(path, endpoint, token, credential)
        _lead(path, endpoint)
    return Played(story.name, request, grant, path)


def _lead(profile: Path, endpoint: str) -> None:
    """Let a profile that was written for another address of the portal lead to this one."""
    try:
        known = json.loads(profile.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if known.get("endpoint") != endpoint:
        # In place: the file keeps its mode, so that nobody else can read it meanwhile.
        profile.write_text(json.dumps({**known, "endpoint": endpoint}, indent=1) + "\n", "utf-8")
