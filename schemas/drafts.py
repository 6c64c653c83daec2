"""Reads one contract by itself: a draft, or an older version kept somewhere else."""

from __future__ import annotations

from pathlib import Path

from schemas.catalog import SUFFIX
from schemas.contract import Dataset, Supply
from schemas.legacy import upgraded
from schemas.models import custom, read_custom
from schemas.odcs import odcs_problems
from schemas.problems import CatalogInvalid, Problem
from schemas.properties import DatasetProperties, Department, SupplyProperties, Title
from schemas.reading import located, read_yaml
from schemas.tables import read_table

UNKNOWN = Department(name="draft", title=Title(zh="草稿", en="draft"))
"""Who supplies a draft that lies outside any catalog."""


def read_contract(path: Path) -> Supply | Dataset:
    """The contract in one file; raises `CatalogInvalid` with every error found."""
    problems: list[Problem] = []
    table = read_draft(path, problems)
    errors = [problem for problem in located(problems) if problem.severity == "error"]
    if errors or table is None:
        raise CatalogInvalid(errors)
    return table


def read_draft(
    path: Path, problems: list[Problem], department: Department | None = None
) -> Supply | Dataset | None:
    """The contract in one file, or None; a dataset is known by its `reconcile` property."""
    document = read_yaml(path, problems)
    if document is not None:
        problems += odcs_problems(document, path)
    if document is None or any(problem.severity == "error" for problem in problems):
        return None
    words = upgraded(document, path, problems)
    stem = path.name.removesuffix(SUFFIX).removesuffix(".yaml")
    if "reconcile" in custom(words.get("customProperties")):
        plan = read_custom(DatasetProperties, words, path, "", problems)
        common = read_table(stem, path, document, words, problems)
        return Dataset(**common, properties=plan) if plan and common else None
    properties = read_custom(SupplyProperties, words, path, "", problems)
    common = read_table(f"{path.parent.name}/{stem}", path, document, words, problems)
    if not properties or not common:
        return None
    return Supply(**common, department=department or UNKNOWN, properties=properties)
