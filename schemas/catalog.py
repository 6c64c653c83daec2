"""Reads a catalog folder: departments, code lists, contracts; every problem is named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.cache import Documents, documents
from schemas.codes import read_codelists
from schemas.contract import Catalog, Dataset, Supply
from schemas.crosscheck import Crosscheck, Policy
from schemas.legacy import upgraded
from schemas.messages import found, guess
from schemas.models import custom, read_custom
from schemas.nodes import expand, read_departments
from schemas.odcs import odcs_problems
from schemas.problems import CatalogInvalid, Problem
from schemas.properties import DatasetProperties, Department, SupplyProperties
from schemas.questions import CROSSCHECKS, POLICIES, ignored_questions, read_questions
from schemas.reading import located, parse_yaml
from schemas.regulation import ignored_clocks, read_clocks, read_sharing
from schemas.rules import NO_VOCABULARY, Scope, Vocabulary, check_catalog
from schemas.tables import read_table

__all__ = ["Reading", "custom", "expand", "load_catalog", "read_catalog"]

SUFFIX = ".odcs.yaml"


@dataclass(frozen=True)
class Reading:
    """What a folder holds: everything sound as a catalog, and all problems."""

    catalog: Catalog
    problems: tuple[Problem, ...]


def load_catalog(
    root: Path, home: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Catalog:
    """The catalog below `root`; raises `CatalogInvalid` with every error found.

    `home` is what `${HUB_HOME}` stands for in node addresses, and keeps the cache of parsed
    contracts; other variables are read from `environ`.
    """
    reading = read_catalog(root, home, environ)
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if errors:
        raise CatalogInvalid(errors)
    return reading.catalog


def read_catalog(
    root: Path,
    home: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    vocabulary: Vocabulary = NO_VOCABULARY,
    use_cache: bool = True,
) -> Reading:
    """Everything sound below `root`, with all errors and warnings, in the order of files.

    `vocabulary` brings the names that other packages define; what it leaves out is not checked.
    The cache holds only documents without any finding, so that a warning is never lost by it.
    """
    if not (root / "contracts").is_dir():
        raise CatalogInvalid([found(root, "", "no_catalog")])
    problems: list[Problem] = []
    names = {**environ, "HUB_HOME": str((home or Path(".hub")).absolute())}
    departments = dict(read_departments(root, names, problems))
    codelists = dict(read_codelists(root, problems))
    with documents(home if use_cache else None) as cache:
        supplies = dict(_supplies(root, departments, cache, problems))
        datasets = dict(_datasets(root, cache, problems))
        crosschecks = dict(read_questions(Crosscheck, root, CROSSCHECKS, cache, problems))
        policies = dict(read_questions(Policy, root, POLICIES, cache, problems))
    sharing, clocks = read_sharing(root, problems), read_clocks(root, problems)
    problems += [*_ignored(root), *ignored_questions(root), *ignored_clocks(root)]
    catalog = Catalog(
        root,
        {name: value for name, value in departments.items() if value},
        {name: value for name, value in supplies.items() if value},
        {name: value for name, value in datasets.items() if value},
        {name: value for name, value in codelists.items() if value},
        crosschecks,
        policies,
        sharing,
        clocks,
    )
    everything = {**departments, **supplies, **datasets, **codelists}
    broken = frozenset(name for name, value in everything.items() if value is None)
    problems += check_catalog(Scope(catalog, broken, vocabulary))
    return Reading(catalog, tuple(sorted(located(problems), key=_place)))


def _place(problem: Problem) -> tuple[str, int]:
    return str(problem.file), problem.line


def _supplies(
    root: Path,
    departments: Mapping[str, Department | None],
    cache: Documents,
    problems: list[Problem],
) -> Iterator[tuple[str, Supply | None]]:
    for path in sorted((root / "contracts" / "supply").glob(f"*/*{SUFFIX}")):
        folder = path.parent.name
        name = f"{folder}/{path.name.removesuffix(SUFFIX)}"
        if folder not in departments:
            hints = guess(folder, list(departments))
            problems.append(found(path, "", "department_unknown", name=folder, **hints))
        before = len(problems)
        common = properties = None
        if document := _document(path, cache, problems):
            words = upgraded(document, path, problems)
            properties = read_custom(SupplyProperties, words, path, "", problems)
            common = read_table(name, path, document, words, problems)
        department = departments.get(folder)
        if common and properties and department and _sound(problems[before:]):
            yield name, Supply(**common, department=department, properties=properties)
        else:
            yield name, None


def _datasets(
    root: Path, cache: Documents, problems: list[Problem]
) -> Iterator[tuple[str, Dataset | None]]:
    for path in sorted((root / "contracts" / "dataset").glob(f"*{SUFFIX}")):
        name = path.name.removesuffix(SUFFIX)
        before = len(problems)
        common = properties = None
        if document := _document(path, cache, problems):
            words = upgraded(document, path, problems)
            properties = read_custom(DatasetProperties, words, path, "", problems)
            common = read_table(name, path, document, words, problems)
        sound = common and properties and _sound(problems[before:])
        yield name, Dataset(**common, properties=properties) if sound else None  # type: ignore


def _sound(problems: list[Problem]) -> bool:
    return all(problem.severity == "warning" for problem in problems)


def _document(path: Path, cache: Documents, problems: list[Problem]) -> dict[str, Any] | None:
    data = path.read_bytes()
    if (known := cache.get(data)) is not None:
        return known
    before = len(problems)
    document = parse_yaml(data, path, problems)
    if document is None:
        return None
    problems += odcs_problems(document, path)
    if not _sound(problems[before:]):
        return None
    if len(problems) == before:
        cache.put(data, document)
    return document


def _ignored(root: Path) -> Iterator[Problem]:
    contracts = root / "contracts"
    read = {*contracts.glob(f"supply/*/*{SUFFIX}"), *contracts.glob(f"dataset/*{SUFFIX}")}
    for path in sorted([*contracts.rglob("*.yaml"), *contracts.rglob("*.yml")]):
        if path not in read:
            yield found(path, "", "file_ignored")
