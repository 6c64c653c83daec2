"""The one function that says what leaves the hub, as SQL over the rows of a release."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from hub.masking.columns import masked_fields, masked_type, shown
from hub.masking.keys import ENTITY, pseudonym_sql, record_id_sql
from hub.masking.rows import condition_sql
from hub.masking.types import sql_type, typed_sql
from hub.store import identifier, literal
from schemas.contract import Dataset, Field, LogicalType
from schemas.properties import ZONE
from schemas.sharing import Generalise, Keep, Mask, Partial, Pseudonym, Terms
from schemas.terms import RECORD_ID, refers

ENTITY_ID = "entity_id"
ALGORITHM = "1"
"""Changed whenever the same terms and rows would give other bytes: shares are made anew."""


def select(
    terms: Terms, dataset: Dataset, relation: str, held: Collection[str] | None = None
) -> str:
    """A SELECT of the rows and columns that `terms` let out of a golden relation (a SELECT).

    Columns as `schema` says, `record_id` first; the order of rows is undefined. Runs on a
    connection that `bring_scope` has given a key. `held`: the columns that the relation has, when
    it was written under another contract; what it lacks is null, and meets no condition.
    """
    columns = [f"{record_id_sql(f'r.{ENTITY_ID}')} AS {RECORD_ID}"]
    for field, mask in shown(terms, dataset):
        known = held is None or field.name in held
        value = _masked(typed_sql("r", field), field, mask, dataset) if known else "NULL"
        kind = sql_type(masked_type(field, mask))
        columns.append(f"TRY_CAST({value} AS {kind}) AS {identifier(field.name)}")
    return f"SELECT {', '.join(columns)} FROM ({admitted(terms, dataset, relation, held)}) AS r"


def admitted(
    terms: Terms, dataset: Dataset, relation: str, held: Collection[str] | None = None
) -> str:
    """A SELECT of the rows, unmasked, that meet every condition of the terms."""
    tests = [condition_sql(condition, dataset, held) for condition in terms.rows]
    where = " AND ".join(tests) if tests else "true"
    return f"SELECT q.* FROM ({relation}) AS q WHERE {where}"


def form(terms: Terms, dataset: Dataset) -> str:
    """A digest of everything but rows and key that the bytes of a share follow from."""
    columns = [repr((field.name, field.type)) for field in masked_fields(terms, dataset)]
    masks = [repr((field.name, mask)) for field, mask in shown(terms, dataset)]
    text = select(terms, dataset, "")
    return hashlib.sha256("\n".join([ALGORITHM, *columns, *masks, text]).encode()).hexdigest()


def domain_of(field: Field, dataset: Dataset) -> str:
    """Within which values have equal pseudonyms: a kind of identifier, else the field alone."""
    if refers(dataset, field.name):
        return ENTITY
    return field.properties.identifier or f"{dataset.name}.{field.name}"


def _masked(value: str, field: Field, mask: Mask, dataset: Dataset) -> str:
    match mask:
        case Keep():
            return value
        case Pseudonym():
            return pseudonym_sql(literal(domain_of(field, dataset)), f"CAST({value} AS VARCHAR)")
        case Partial():
            return _partial(value, mask)
        case Generalise():
            return _generalised(value, field, mask)


def _partial(value: str, mask: Partial) -> str:
    """Of n characters at least two are hidden; of the other n - 2 either end shows half."""
    first = f"least({mask.first}, (greatest(length({value}), 2) - 1) // 2)"
    last = f"least({mask.last}, (greatest(length({value}), 2) - 2) // 2)"
    return (
        f"left({value}, {first}) || repeat('*', length({value}) - {first} - {last}) || "
        f"right({value}, {last})"
    )


def _generalised(value: str, field: Field, mask: Generalise) -> str:
    if mask.first:
        return f"left({value}, {mask.first})"
    if mask.step:
        # The engine's floor of an integer is a binary number of 53 bits.
        floor = value if field.type.logical is LogicalType.INTEGER else f"floor({value})"
        whole = f"TRY_CAST({floor} AS HUGEINT)"
        return f"({whole} - (({whole} % {mask.step}) + {mask.step}) % {mask.step})"
    if field.type.logical is LogicalType.TIMESTAMP:
        value = f"timezone({literal(ZONE)}, CAST({value} AS TIMESTAMPTZ))"
    year = f"CAST(year({value}) AS VARCHAR)"
    match mask.to:
        case "quarter":
            return f"{year} || '-Q' || CAST(quarter({value}) AS VARCHAR)"
        case "month":
            return f"{year} || '-' || lpad(CAST(month({value}) AS VARCHAR), 2, '0')"
        case _:
            return year
