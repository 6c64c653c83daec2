"""Rules on cross-checks and policies: what they name exists, and their SQL only asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.contract import Catalog, Table
from schemas.crosscheck import AS_OF, Crosscheck, Policy, Question, relations_of
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.questions import CROSSCHECKS, POLICIES, place_of
from schemas.reading import show
from schemas.rules.scope import Scope
from schemas.selects import Select, SelectInvalid, read_condition, read_select

ENTITY = "entity_id"  # of every dataset's rows


def check_questions(scope: Scope) -> Iterator[Problem]:
    """All cross-checks, then all policies; SQL is read by lint alone, because that takes time."""
    root = scope.catalog.root
    for check in scope.catalog.crosschecks.values():
        path = place_of(root, CROSSCHECKS, check.name)
        problems = [*_named(check, path, scope), *_sources(check, path, scope)]
        if not problems and _can_be_asked(check, scope):
            problems = [*_crosscheck_sql(check, path, scope)]
        yield from problems
    for policy in scope.catalog.policies.values():
        path = place_of(root, POLICIES, policy.name)
        problems = [*_policy(policy, path, scope)]
        if not problems and _can_be_asked(policy, scope):
            problems = [*_policy_sql(policy, path, scope)]
        yield from problems


def _can_be_asked(asked: Crosscheck | Policy, scope: Scope) -> bool:
    """Whether its SQL can be held against the tables: a broken one has no columns to look at."""
    tables = {*asked.datasets, *asked.supplies}
    return scope.vocabulary.question_faults is not None and not scope.broken & tables


def _named(check: Crosscheck, path: Path, scope: Scope) -> Iterator[Problem]:
    catalog = scope.catalog
    yield from _known("datasets", check.datasets, catalog.datasets, "dataset_unknown", path, scope)
    yield from _known("supplies", check.supplies, catalog.supplies, "supply_unknown", path, scope)
    lists = catalog.codelists
    yield from _known("codelists", check.codelists, lists, "codelist_unknown", path, scope)
    relations = [relation for relation, _ in relations_of(check)]
    for twice in sorted({name for name in relations if relations.count(name) > 1}):
        yield found(path, "supplies", "relation_twice", name=twice)
    for name in check.entity:
        if name not in check.datasets:
            place = show(["entity", name])
            yield found(path, place, "question_dataset", name=name, **guess(name, check.datasets))
    given = check.department
    departments = {"department": given if isinstance(given, str) else given.default}
    yield from _departments(departments, path, scope)
    yield from _reserved(check, path)


def _known(
    key: str, names: Collection[str], known: Mapping[str, Any], code: str, path: Path, scope: Scope
) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if not scope.known(name, known):
            yield found(path, show([key, number]), code, name=name, **guess(name, known))


def _departments(named: Mapping[str, str], path: Path, scope: Scope) -> Iterator[Problem]:
    known = scope.catalog.departments
    for place, name in named.items():
        if not scope.known(name, known):
            yield found(path, place, "question_department", name=name, **guess(name, known))


def _reserved(asked: Question, path: Path) -> Iterator[Problem]:
    if AS_OF in asked.parameters:
        yield found(path, f"parameters.{AS_OF}", "parameter_reserved")


def _sources(check: Crosscheck, path: Path, scope: Scope) -> Iterator[Problem]:
    tables = (*check.datasets, *check.supplies)
    if scope.broken & set(tables):
        return
    known = [f"{t}.{field}" for t in tables for field in _columns(scope.catalog, t)]
    for name, column in check.evidence.items():
        if column.source is not None and column.source not in known:
            hints = guess(column.source, known)
            place = show(["evidence", name, "from"])
            yield found(path, place, "question_source", name=column.source, **hints)


def _columns(catalog: Catalog, name: str) -> list[str]:
    table: Table | None = catalog.supplies.get(name) or catalog.datasets.get(name)
    return [*(table.by_name if table else ()), ENTITY]


def _crosscheck_sql(check: Crosscheck, path: Path, scope: Scope) -> Iterator[Problem]:
    try:
        select = read_select(check.sql)
    except SelectInvalid as error:
        yield _refused(path, "sql", error)
        return
    declared = dict(relations_of(check))
    foreign = sorted(select.relations - declared.keys())
    for name in foreign:
        yield found(path, "sql", "relation_undeclared", name=name, **guess(name, declared))
    for name, owner in sorted(declared.items()):
        if name not in select.relations and not foreign:
            yield found(path, "sql", "relation_unused", name=owner)
    yield from _parameters(check, [select], path, "sql")
    if not foreign and select.parameters <= {AS_OF, *check.parameters}:
        yield from _bound(check, path, scope)


def _refused(path: Path, place: str, error: SelectInvalid) -> Problem:
    values: dict[str, Any] = error.values
    return found(path, place, error.code, **values)


def _parameters(
    asked: Question, selects: Collection[Select], path: Path, place: str
) -> Iterator[Problem]:
    named = {name for select in selects for name in select.parameters}
    for name in sorted(named - {AS_OF} - asked.parameters.keys()):
        hints = guess(name, [AS_OF, *asked.parameters])
        yield found(path, place, "parameter_unknown", name=name, **hints)
    for name in asked.parameters:
        if name not in named:
            yield found(path, show(["parameters", name]), "parameter_unused", name=name)


def _bound(asked: Crosscheck | Policy, path: Path, scope: Scope) -> Iterator[Problem]:
    faults = scope.vocabulary.question_faults
    for place, code, values in faults(asked, scope.catalog) if faults else ():
        yield found(path, place, code, **values)


def _policy(policy: Policy, path: Path, scope: Scope) -> Iterator[Problem]:
    catalog = scope.catalog
    if not scope.known(policy.dataset, catalog.datasets):
        hints = guess(policy.dataset, catalog.datasets)
        yield found(path, "dataset", "dataset_unknown", name=policy.dataset, **hints)
    yield from _departments({"department": policy.department}, path, scope)
    yield from _reserved(policy, path)
    for name, fact in policy.facts.items():
        tables: Mapping[str, Table] = catalog.supplies if "/" in fact.source else catalog.datasets
        code = "supply_unknown" if "/" in fact.source else "dataset_unknown"
        place = show(["facts", name, "from"])
        if not scope.known(fact.source, tables):
            yield found(path, place, code, name=fact.source, **guess(fact.source, tables))
            continue
        table = tables.get(fact.source)
        asked = catalog.datasets.get(policy.dataset)
        if table is None or asked is None:
            continue
        linked = fact.source in {source.supply for source in asked.reconcile.sources}
        if fact.by is None and not linked:
            yield found(path, place, "fact_by", name=fact.source, hint_en="", hint_zh="")
        elif fact.by is not None and fact.by not in table.by_name:
            hints = guess(fact.by, table.by_name)
            yield found(path, show(["facts", name, "by"]), "fact_by", name=fact.source, **hints)
        if fact.of not in {ENTITY, *asked.by_name}:
            hints = guess(fact.of, asked.by_name)
            place = show(["facts", name, "of"])
            yield found(path, place, "golden_field_unknown", name=fact.of, **hints)


def _policy_sql(policy: Policy, path: Path, scope: Scope) -> Iterator[Problem]:
    texts = {("facts", name, "value"): fact.value for name, fact in policy.facts.items()}
    texts |= {("facts", n, "where"): f.where for n, f in policy.facts.items() if f.where}
    texts |= {("conditions", name, "sql"): c.sql for name, c in policy.conditions.items()}
    read: dict[tuple[str, ...], Select] = {}
    for place, text in texts.items():
        try:
            read[place] = read_condition(text)
        except SelectInvalid as error:
            yield _refused(path, show(place), error)
    if len(read) < len(texts):
        return
    yield from _parameters(policy, read.values(), path, "conditions")
    used = {c for place, select in read.items() if place[0] == "conditions" for c in select.columns}
    for name in policy.facts:
        if name.lower() not in used:
            yield found(path, show(["facts", name]), "fact_unused", name=name)
    if all(select.parameters <= {AS_OF, *policy.parameters} for select in read.values()):
        yield from _bound(policy, path, scope)
