"""Asks the catalog's questions: cross-checks and policies, each alone, none of them in the way.

A question whose releases, current tables, file and day are those of its last run is not asked
again. One that cannot be asked says why, and stops neither the others nor any release.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from hub.current import current_table
from hub.errors import CatalogError, HubError, in_words, unforeseen
from hub.ledger import questions as books
from hub.ledger.crosschecks import Run, enter_run
from hub.ledger.findings import last_run
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.summary import Asked, Kind
from schemas.crosscheck import Crosscheck, Policy
from schemas.properties import ZONE
from schemas.workdays import CalendarInvalid, add_working_days, read_workdays


def ask(
    hub: Hub,
    as_of: datetime,
    crosschecks: Sequence[str] | None = None,
    policies: Sequence[str] | None = None,
    after: str | None = None,
) -> list[Asked]:
    """Ask these questions (None: all) of what is there, as of the day of `as_of`.

    `after` names a dataset just published: whatever reads a dataset that refers to it waits for
    that one's release, which follows, so that findings do not come and go in between.
    """
    day = as_of.astimezone(ZoneInfo(ZONE)).date()
    checks = [hub.crosscheck(name) for name in _wanted(crosschecks, hub.catalog.crosschecks)]
    asked = [hub.policy(name) for name in _wanted(policies, hub.catalog.policies)]
    if after is not None:
        later = _referring(hub, after)
        checks = [check for check in checks if not later & set(check.datasets)]
        asked = [policy for policy in asked if not later & set(policy.datasets)]
    found = [
        _guarded(hub, "crosscheck", check.name, partial(_ask_check, hub, check, day))
        for check in checks
    ]
    found += [
        _guarded(hub, "policy", policy.name, partial(_ask_policy, hub, policy, day))
        for policy in asked
    ]
    return found


def _wanted(names: Sequence[str] | None, known: Mapping[str, object]) -> list[str]:
    return sorted(known) if names is None else list(names)


def _referring(hub: Hub, dataset: str) -> set[str]:
    """Datasets that refer to this one, directly or through others."""
    found: set[str] = set()
    while more := {
        name
        for name, d in hub.catalog.datasets.items()
        if name not in found and {dataset, *found} & (set(d.datasets) - {name})
    }:
        found |= more
    return found - {dataset}


def _guarded(hub: Hub, kind: Kind, name: str, asking: Callable[[], Asked]) -> Asked:
    hub.tell(kind, name, 0)
    try:
        with hub.ledger.alone(f"{kind}-{name}"):
            asked = asking()
            if asked.status != "ran":  # a run says so itself, in its own transaction
                books.forget_fault(hub.ledger, kind, name)
            return asked
    except HubError as error:
        message = in_words(error)
    except Exception as error:
        message = f"{kind} {name}: {unforeseen(error)}"
    books.note_fault(hub.ledger, kind, name, message, hub.now)
    return Asked(kind, name, "failed", message=message)


def _given(hub: Hub, datasets: Iterable[str], supplies: Iterable[str]) -> Any:
    from hub.crosscheck.tables import Given
    from hub.publish import read_manifest

    releases = {n: r for n in datasets if (r := last_release(hub.ledger, n)) is not None}
    return Given(
        releases=releases,
        manifests={name: read_manifest(hub.store, r) for name, r in releases.items()},
        tables={name: current_table(hub, name) for name in supplies},
        delivered=books.delivered(hub.ledger),
    )


def _ask_check(hub: Hub, check: Crosscheck, day: date) -> Asked:
    from hub.crosscheck import check as room
    from hub.digests import digest_key

    given = _given(hub, check.datasets, check.supplies)
    if lacking := given.lacking(check.datasets, check.supplies):
        return Asked("crosscheck", check.name, "waits", lacking=lacking)
    inputs = room.inputs(check, hub.catalog, given, day)
    before = last_run(hub.ledger, check.name)
    if before is not None and before.inputs == inputs:
        return Asked("crosscheck", check.name, "unchanged", {"findings": before.found})
    run_id = _run_id("crosscheck", check.name, inputs, before)
    key = digest_key(hub.settings.home)
    uri = f"crosscheck/{check.name}/{run_id}.parquet"
    answer = room.run(check, hub.catalog, given, hub.store, key, day, uri, hub.settings.question_s)
    run = Run(
        id=run_id,
        crosscheck=check.name,
        place=before.place + 1 if before is not None else 1,
        version=check.version,
        inputs=inputs,
        as_of=day,
        uri=uri,
        sha256=answer.sha256,
        severity=check.severity,
        knows_amounts=check.amount is not None,
    )
    due_on = due(hub, check)
    tally = enter_run(hub.ledger, run, answer.findings, due_on, today(hub), hub.now)
    return Asked("crosscheck", check.name, "ran", {"findings": len(answer.findings), **tally})


def _ask_policy(hub: Hub, policy: Policy, day: date) -> Asked:
    from hub.crosscheck import policies as room

    given = _given(hub, policy.datasets, policy.supplies)
    if lacking := given.lacking(policy.datasets, policy.supplies):
        return Asked("policy", policy.name, "waits", lacking=lacking)
    inputs = room.inputs(policy, given, day)
    before = books.last_policy_run(hub.ledger, policy.name)
    if before is not None and before.inputs == inputs:
        return Asked("policy", policy.name, "unchanged", before.counts)
    run_id = _run_id("policy", policy.name, inputs, before)
    uri = f"policy/{policy.name}/{run_id}.parquet"
    carry = before is not None and room.same_question(before.inputs, inputs)
    answers = room.run(
        policy,
        given,
        hub.store,
        day,
        uri,
        hub.settings.question_s,
        before.uri if before is not None and carry else None,
    )
    place = before.place + 1 if before is not None else 1
    books.enter_policy_run(
        hub.ledger,
        run_id,
        policy.name,
        policy.dataset,
        place,
        policy.version,
        inputs,
        day,
        answers.counts,
        uri,
        answers.sha256,
        hub.now,
    )
    return Asked("policy", policy.name, "ran", answers.counts)


def _run_id(kind: str, name: str, inputs: Mapping[str, str], before: Any) -> str:
    """Equal for a run that a crash kept out of the ledger, so that its file is written again."""
    parts = [kind, name, before.id if before is not None else "", dict(inputs)]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def today(hub: Hub) -> Callable[[str], date]:
    """Department -> the day that it is there now."""
    moment = hub.now()

    def day(department: str) -> date:
        known = hub.catalog.departments.get(department)
        return moment.astimezone(ZoneInfo(known.timezone if known else ZONE)).date()

    return day


def due(hub: Hub, check: Crosscheck | None) -> Callable[[str], date]:
    """Department -> the last working day for an answer to what is found today.

    A check that left the catalog is given its usual time.
    """
    try:
        calendar = read_workdays(hub.catalog.root)
    except CalendarInvalid as error:
        raise CatalogError(str(error)) from error
    days = check.working_days if check else Crosscheck.model_fields["working_days"].default
    here = today(hub)
    return lambda department: add_working_days(here(department), days, calendar)
