"""Rules on references from one dataset to the entities of others."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contract import Dataset
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.rules.scope import Scope, table_place


def check_resolve(dataset: Dataset, scope: Scope) -> Iterator[Problem]:
    """Datasets, fields and key spaces that `resolve` names exist."""
    datasets = scope.catalog.datasets
    for number, resolve in enumerate(dataset.reconcile.resolve):
        if resolve.using.keys() != resolve.key.keys():
            names = ", ".join(sorted(resolve.using.keys() ^ resolve.key.keys()))
            place = table_place(dataset, "reconcile", "resolve", number)
            yield found(dataset.path, place, "resolve_pairs", found=names)
        for name, field in resolve.using.items():
            place = table_place(dataset, "reconcile", "resolve", number, "using", name)
            if not scope.known(name, datasets):
                yield found(
                    dataset.path, place, "dataset_unknown", name=name, **guess(name, datasets)
                )
            if field not in dataset.by_name:
                yield found(
                    dataset.path,
                    place,
                    "golden_field_unknown",
                    name=field,
                    **guess(field, dataset.by_name),
                )
        for name, condition in resolve.unfit.items():
            place = table_place(dataset, "reconcile", "resolve", number, "unfit", name)
            if name not in resolve.using:
                yield found(
                    dataset.path,
                    place,
                    "dataset_unknown",
                    name=name,
                    **guess(name, resolve.using),
                )
            fault = scope.vocabulary.sql_fault
            if fault is not None and (detail := fault(condition)):
                yield found(dataset.path, place, "sql_invalid", detail=detail)
        for name, space in resolve.key.items():
            if name not in datasets:
                continue
            spaces = [key.name for key in datasets[name].reconcile.keys]
            if space not in spaces:
                place = table_place(dataset, "reconcile", "resolve", number, "key", name)
                yield found(
                    dataset.path, place, "key_space_unknown", name=space, **guess(space, spaces)
                )


def check_cycles(scope: Scope) -> Iterator[Problem]:
    """No dataset waits, directly or through others, for itself."""
    datasets = scope.catalog.datasets
    reported: set[str] = set()
    for start in datasets:
        trail = _circle(start, datasets)
        if trail and not reported & set(trail):
            reported |= set(trail)
            place = table_place(datasets[start], "reconcile", "resolve")
            yield found(
                datasets[start].path, place, "dataset_cycle", cycle=" → ".join([*trail, start])
            )


def _circle(start: str, datasets: dict[str, Dataset]) -> list[str]:
    """The way from `start` back to `start`, or nothing."""
    stack = [[start]]
    visited: set[str] = set()
    while stack:
        trail = stack.pop()
        for name in datasets[trail[-1]].datasets:
            if name == start:
                return trail
            if name in datasets and name not in visited:
                visited.add(name)
                stack.append([*trail, name])
    return []
