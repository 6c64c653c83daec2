"""Rules on linkage: every field that it names exists, is fed, and can be compared as it says."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contract import Dataset, LogicalType
from schemas.linkage import Kind
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.reading import Part
from schemas.rules.scope import Scope, table_place

_FITTING: dict[LogicalType, frozenset[Kind]] = {
    LogicalType.INTEGER: frozenset({"number", "identifier", "phone", "code"}),
    LogicalType.NUMBER: frozenset({"number", "identifier", "phone", "code"}),
    LogicalType.DATE: frozenset({"date", "code"}),
    LogicalType.TIMESTAMP: frozenset({"date", "code"}),
    LogicalType.BOOLEAN: frozenset({"code"}),
}
"""What values other than text can be compared as; text can be compared as anything."""


def check_linkage(scope: Scope) -> Iterator[Problem]:
    """The linkage of every dataset that has one."""
    for dataset in scope.catalog.datasets.values():
        if dataset.reconcile.linkage is not None:
            yield from _names(dataset)
            yield from _kinds(dataset)
            yield from _blocking(dataset)
            if not compared(dataset):
                yield found(dataset.path, _place(dataset), "linkage_blind")


def compared(dataset: Dataset) -> set[str]:
    """The golden fields in which two rows of one entity can differ: several sources feed them.

    One source alone is held against itself.
    """
    plan = dataset.reconcile
    ignored = set(plan.linkage.ignore) if plan.linkage else set()
    ignored |= {resolve.field for resolve in plan.resolve} | {"entity_id"}
    spaces = {key.field or key.name: key.name for key in plan.keys}
    sources = {
        field.name: sum(
            field.name in source.fields or spaces.get(field.name) in source.keys
            for source in plan.sources
        )
        for field in dataset.fields
    }
    least = min(2, len(plan.sources))
    return {name for name, feeding in sources.items() if feeding >= least} - ignored


def _place(dataset: Dataset, *below: Part) -> str:
    return table_place(dataset, "reconcile", "linkage", *below)


def _names(dataset: Dataset) -> Iterator[Problem]:
    linkage = dataset.reconcile.linkage
    if linkage is None:
        return
    named: list[tuple[str, tuple[Part, ...]]] = [(n, ("fields", n)) for n in linkage.fields]
    named += [(name, ("ignore", number)) for number, name in enumerate(linkage.ignore)]
    for number, names in enumerate(linkage.blocking):
        named += [(name, ("blocking", number, place)) for place, name in enumerate(names)]
    for name, below in named:
        if name not in dataset.by_name:
            hints = guess(name, dataset.by_name)
            place = _place(dataset, *below)
            yield found(dataset.path, place, "golden_field_unknown", name=name, **hints)


def _kinds(dataset: Dataset) -> Iterator[Problem]:
    linkage = dataset.reconcile.linkage
    for name, link in (linkage.fields if linkage else {}).items():
        field = dataset.by_name.get(name)
        if field is None:
            continue
        fitting = _FITTING.get(field.type.logical)
        if link.kind is not None and fitting is not None and link.kind not in fitting:
            yield found(
                dataset.path,
                _place(dataset, "fields", name, "kind"),
                "linkage_kind",
                name=name,
                logical=field.type.logical,
                kind=link.kind,
            )
        if name not in compared(dataset):
            place = _place(dataset, "fields", name)
            yield found(dataset.path, place, "linkage_unspoken", name=name)


def _blocking(dataset: Dataset) -> Iterator[Problem]:
    linkage = dataset.reconcile.linkage
    for number, names in enumerate(linkage.blocking if linkage else ()):
        if not names:
            place = _place(dataset, "blocking", number)
            yield found(dataset.path, place, "linkage_blocking_empty")
        for place_of, name in enumerate(names):
            if name in dataset.by_name and name not in compared(dataset):
                place = _place(dataset, "blocking", number, place_of)
                yield found(dataset.path, place, "linkage_unspoken", name=name)
