"""Rules on sharing: who supervises, who decides, by which clocks, and where deliveries go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from schemas.contract import Catalog, Dataset
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.properties import Department
from schemas.regulation import SHARING
from schemas.rules.scope import Scope, is_timezone, table_place
from schemas.sharing import Role

_SCHEME = re.compile(r"([a-z][a-z0-9_.-]*)(?:\+[a-z0-9_.-]+)?://", re.IGNORECASE)
OFFICER_CHARACTERS = 120  # as wide as the ledger keeps a name
HUB = "hub"  # who acts where no person does


def check_sharing(scope: Scope) -> Iterator[Problem]:
    """sharing.yaml, then departments, then the providers of the datasets."""
    yield from _sharing(scope)
    for department in scope.catalog.departments.values():
        path = scope.catalog.root / "departments" / f"{department.name}.yaml"
        yield from _officers(department, path, scope.catalog)
        yield from _inbox(department, path, scope)
    for dataset in scope.catalog.datasets.values():
        yield from _provider(dataset, scope)


def _sharing(scope: Scope) -> Iterator[Problem]:
    catalog = scope.catalog
    path = catalog.root / SHARING
    sharing = catalog.sharing
    if sharing is None:
        if any(one.officers for one in catalog.departments.values()) and not path.is_file():
            yield found(path, "", "sharing_missing")
        return
    name = sharing.supervisor
    if name in catalog.departments:
        if not _able(catalog.departments[name], Role.SUPERVISOR):
            yield found(path, "supervisor", "supervisor_lacking", name=name)
    elif not scope.known(name, catalog.departments):
        hints = guess(name, catalog.departments)
        yield found(path, "supervisor", "supervisor_unknown", name=name, **hints)
    if sharing.clocks not in catalog.clocks:
        hints = guess(sharing.clocks, catalog.clocks)
        yield found(path, "clocks", "clocks_unknown", name=sharing.clocks, **hints)
    if not is_timezone(sharing.zone):
        yield found(path, "zone", "timezone_unknown", found=sharing.zone)


def _officers(department: Department, path: Path, catalog: Catalog) -> Iterator[Problem]:
    bureau = catalog.sharing.supervisor if catalog.sharing else ""
    elsewhere = bureau in catalog.departments and bureau != department.name
    for officer, roles in department.officers.items():
        if not (0 < len(officer.strip()) == len(officer) <= OFFICER_CHARACTERS) or officer == HUB:
            most = OFFICER_CHARACTERS
            yield found(path, "officers", "officer_name", most=most, reserved=HUB)
        if Role.SUPERVISOR in roles and elsewhere:
            name = department.name
            yield found(path, "officers", "supervisor_elsewhere", officer=officer, name=name)


def _inbox(department: Department, path: Path, scope: Scope) -> Iterator[Problem]:
    inbox, known = department.inbox, scope.vocabulary.channels
    if inbox is None:
        return
    for kind, address in (("file", inbox.file), ("database", inbox.database)):
        if address is None:
            continue
        match = _SCHEME.match(address.url)
        scheme = match.group(1).lower() if match else ""
        if not match or (known is not None and scheme not in known[kind]):
            expected = ", ".join(sorted(known[kind])) if known else "scheme://…"
            # The address may carry a user name: only its scheme is shown.
            shown = f"{scheme}://…" if match else "an address without a scheme"
            place = f"inbox.{kind}.url"
            yield found(path, place, "inbox_url", found=shown, expected=expected)
    if inbox.file and inbox.file.url.startswith("sftp://") and not inbox.file.host_key:
        yield found(path, "inbox.file", "host_key_missing")


def _provider(dataset: Dataset, scope: Scope) -> Iterator[Problem]:
    departments = scope.catalog.departments
    place = table_place(dataset, "provider")
    given = dataset.properties.provider
    if given is not None and not scope.known(given, departments):
        hints = guess(given, departments)
        yield found(dataset.path, place, "provider_unknown", name=given, **hints)
    sources = dataset.reconcile.sources
    name = given or (sources[0].supply.partition("/")[0] if sources else "")
    decides = departments.get(name) if scope.catalog.sharing else None
    if decides is not None and not _able(decides, Role.APPROVER):
        yield found(dataset.path, place, "approver_lacking", name=name, dataset=dataset.name)


def _able(department: Department, role: Role) -> bool:
    return any(role in roles for roles in department.officers.values())
