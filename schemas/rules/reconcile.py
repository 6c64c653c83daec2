"""Rules on reconciliation plans: every supply, field, key and dataset that they name exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemas.contract import Dataset, LogicalType, Supply
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.properties import Flow, Source
from schemas.reading import Part
from schemas.rules.references import check_cycles, check_resolve
from schemas.rules.scope import Scope, table_place

SOURCE_KEY = "_source_key"
"""Names a row of its supply: its primary key, or its file and row; every supply has it."""


def check_reconcile(scope: Scope) -> Iterator[Problem]:
    """The plan of every dataset."""
    for dataset in scope.catalog.datasets.values():
        yield from _sources(dataset, scope)
        yield from _golden(dataset)
        yield from _survivors(dataset)
        yield from _balance(dataset, scope)
        yield from check_resolve(dataset, scope)
    yield from check_cycles(scope)


def _place(dataset: Dataset, *below: Part) -> str:
    return table_place(dataset, "reconcile", *below)


def _unknown_field(
    dataset: Dataset, supply: Supply, names: Collection[str], *below: Part
) -> Iterator[Problem]:
    for name in names:
        if name not in supply.by_name:
            yield found(
                dataset.path,
                _place(dataset, *below),
                "source_field_unknown",
                supply=supply.name,
                name=name,
                **guess(name, supply.by_name),
            )


def _supply(dataset: Dataset, name: str, scope: Scope, *below: Part) -> Iterator[Problem]:
    supplies = scope.catalog.supplies
    if not scope.known(name, supplies):
        yield found(
            dataset.path,
            _place(dataset, *below),
            "supply_unknown",
            name=name,
            **guess(name, supplies),
        )
    elif name in supplies and supplies[name].status == "retired":
        yield found(dataset.path, _place(dataset, *below), "supply_retired", name=name)


def _sources(dataset: Dataset, scope: Scope) -> Iterator[Problem]:
    spaces = [key.name for key in dataset.reconcile.keys]
    for number, key in enumerate(dataset.reconcile.keys):
        if key.name in spaces[:number]:
            place = _place(dataset, "keys", number)
            yield found(dataset.path, place, "key_space_duplicate", name=key.name)
        known = scope.vocabulary.normalisers
        if known is not None and key.normaliser not in known:
            yield found(
                dataset.path,
                _place(dataset, "keys", number, "normaliser"),
                "normaliser_unknown",
                name=key.normaliser,
                **guess(key.normaliser, known),
            )
    seen: set[str] = set()
    for number, source in enumerate(dataset.reconcile.sources):
        at = ("sources", number)
        yield from _supply(dataset, source.supply, scope, *at, "supply")
        if source.supply in seen and source.where is None:
            place = _place(dataset, *at, "supply")
            yield found(dataset.path, place, "source_duplicate", name=source.supply)
        seen.add(source.supply)
        for space in source.keys:
            if space not in spaces:
                yield found(
                    dataset.path,
                    _place(dataset, *at, "keys", space),
                    "key_space_unknown",
                    name=space,
                    **guess(space, spaces),
                )
        yield from _where(dataset, source.where, scope, *at, "where")
        if (supply := scope.catalog.supplies.get(source.supply)) is not None:
            yield from _source(dataset, source, supply, number)


def _source(dataset: Dataset, source: Source, supply: Supply, number: int) -> Iterator[Problem]:
    at = ("sources", number)
    for space, parts in source.keys.items():
        names = (parts,) if isinstance(parts, str) else parts
        real = [name for name in names if name != SOURCE_KEY]
        yield from _unknown_field(dataset, supply, real, *at, "keys", space)
    if source.recency:
        yield from _unknown_field(dataset, supply, (source.recency,), *at, "recency")
        fresh = supply.by_name.get(source.recency)
        if fresh and fresh.type.logical not in {LogicalType.DATE, LogicalType.TIMESTAMP}:
            yield found(
                dataset.path,
                _place(dataset, *at, "recency"),
                "recency_type",
                supply=supply.name,
                name=fresh.name,
                logical=fresh.type.logical,
            )
    for golden, name in source.fields.items():
        yield from _unknown_field(dataset, supply, (name,), *at, "fields", golden)
        target, field = dataset.by_name.get(golden), supply.by_name.get(name)
        if target is None or field is None:
            continue
        found_type, wanted = field.type.logical, target.type.logical
        same = found_type is wanted or wanted is LogicalType.STRING
        if not same and {found_type, wanted} != {LogicalType.INTEGER, LogicalType.NUMBER}:
            yield found(
                dataset.path,
                _place(dataset, *at, "fields", golden),
                "source_type",
                supply=supply.name,
                source=name,
                found=found_type,
                golden=golden,
                expected=wanted,
            )


def _where(dataset: Dataset, where: str | None, scope: Scope, *below: Part) -> Iterator[Problem]:
    fault = scope.vocabulary.sql_fault
    if where is not None and fault is not None and (detail := fault(where)):
        yield found(dataset.path, _place(dataset, *below), "sql_invalid", detail=detail)


def _golden(dataset: Dataset) -> Iterator[Problem]:
    """Every golden field that the plan names is one of the dataset's."""
    plan = dataset.reconcile
    named: list[tuple[str, tuple[Part, ...]]] = []
    for number, source in enumerate(plan.sources):
        named += [(name, ("sources", number, "fields", name)) for name in source.fields]
        named += [(name, ("sources", number, "constants", name)) for name in source.constants]
    named += [(name, ("survivorship", name)) for name in plan.survivorship]
    named += [(name, ("compare", name)) for name in plan.compare]
    if plan.evidence:
        named += [(name, ("evidence", "compare", name)) for name in plan.evidence.compare]
    for number, names in enumerate(plan.duplicates):
        named += [(name, ("duplicates", number, i)) for i, name in enumerate(names)]
    for number, key in enumerate(plan.keys):
        named += [(key.field, ("keys", number, "field"))] if key.field else []
    for number, resolve in enumerate(plan.resolve):
        named.append((resolve.field, ("resolve", number, "field")))
    for name, below in named:
        if name not in dataset.by_name:
            yield found(
                dataset.path,
                _place(dataset, *below),
                "golden_field_unknown",
                name=name,
                **guess(name, dataset.by_name),
            )
    fed = {name for source in plan.sources for name in {*source.fields, *source.constants}}
    fed |= {resolve.field for resolve in plan.resolve}
    fed |= {key.field or key.name for key in plan.keys}
    for index, field in enumerate(dataset.fields):
        if field.name not in fed:
            place = f"schema[0].properties[{index}]"
            yield found(dataset.path, place, "golden_field_unfed", name=field.name)


def _survivors(dataset: Dataset) -> Iterator[Problem]:
    plan = dataset.reconcile
    for name, survivorship in plan.survivorship.items():
        feeding = [s for s in plan.sources if name in s.fields or name in s.constants]
        names = [source.supply for source in feeding]
        for number, supply in enumerate(survivorship.order):
            if supply not in names:
                place = _place(dataset, "survivorship", name, "order", number)
                yield found(dataset.path, place, "survivor_unsourced", supply=supply, name=name)
        if survivorship.rule == "recency":
            for source in feeding:
                if source.recency is None:
                    place = _place(dataset, "survivorship", name)
                    yield found(
                        dataset.path, place, "recency_missing", name=name, supply=source.supply
                    )


def _balance(dataset: Dataset, scope: Scope) -> Iterator[Problem]:
    for number, balance in enumerate(dataset.reconcile.balance):
        for side, flows in (("into", balance.into), ("out", balance.out)):
            for index, flow in enumerate(flows):
                at = ("balance", number, side, index)
                yield from _supply(dataset, flow.supply, scope, *at, "supply")
                yield from _where(dataset, flow.where, scope, *at, "where")
                if (supply := scope.catalog.supplies.get(flow.supply)) is not None:
                    yield from _flow(dataset, flow, supply, at)


def _flow(dataset: Dataset, flow: Flow, supply: Supply, at: tuple[Part, ...]) -> Iterator[Problem]:
    yield from _unknown_field(dataset, supply, (flow.line,), *at, "line")
    yield from _unknown_field(dataset, supply, (flow.amount,), *at, "amount")
    field = supply.by_name.get(flow.amount)
    if field is None:
        return
    kind = field.type
    exact = kind.logical is LogicalType.INTEGER or (
        kind.logical is LogicalType.NUMBER and kind.scale is not None and kind.scale <= 2
    )
    if not exact:
        yield found(
            dataset.path,
            _place(dataset, *at, "amount"),
            "balance_amount",
            supply=supply.name,
            name=flow.amount,
        )
