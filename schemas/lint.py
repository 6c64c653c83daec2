"""Lint: all problems of a catalog, or of one contract, warnings included."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from schemas.catalog import SUFFIX, Reading, read_catalog
from schemas.contract import Catalog, Supply
from schemas.drafts import read_draft
from schemas.problems import Problem
from schemas.questions import CROSSCHECKS, POLICIES
from schemas.reading import located
from schemas.rules import NO_VOCABULARY, Scope, Vocabulary, check_catalog


def lint(
    root: Path,
    home: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    vocabulary: Vocabulary = NO_VOCABULARY,
    contract: Path | None = None,
) -> tuple[Problem, ...]:
    """All errors and warnings below `root`, or those of one contract seen within that catalog.

    `contract` may also be a cross-check or policy of the catalog. A contract may lie outside of it:
    a draft is held against the catalog as if it stood there, its folder's name its department.
    """
    reading = read_catalog(root, home, environ, vocabulary, use_cache=False)
    if contract is None:
        return reading.problems
    path = contract.resolve()
    inside = path.is_relative_to((root / "contracts").resolve()) and path.name.endswith(SUFFIX)
    if inside or path.parent in {(root / folder).resolve() for folder in (CROSSCHECKS, POLICIES)}:
        return tuple(p for p in reading.problems if p.file.resolve() == path)
    return tuple(located(list(_draft(path, reading, vocabulary))))


def _draft(path: Path, reading: Reading, vocabulary: Vocabulary) -> Iterator[Problem]:
    known = reading.catalog
    problems: list[Problem] = []
    table = read_draft(path, problems, known.departments.get(path.parent.name))
    yield from problems
    if table is None:
        return
    drafted = Catalog(
        known.root, known.departments, dict(known.supplies), dict(known.datasets), known.codelists
    )
    if isinstance(table, Supply):
        drafted.supplies[table.name] = table
    else:
        drafted.datasets[table.name] = table
    broken = frozenset(_names_of_broken(reading))
    for problem in check_catalog(Scope(drafted, broken, vocabulary)):
        if problem.file == path:
            yield problem


def _names_of_broken(reading: Reading) -> Iterator[str]:
    """Names that problems were reported of, so that a draft is not blamed for them."""
    for problem in reading.problems:
        if problem.severity == "error":
            stem = problem.file.name.removesuffix(SUFFIX)
            yield from (stem, problem.file.stem, f"{problem.file.parent.name}/{stem}")
