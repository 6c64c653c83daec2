"""The columns that a grant shows: names, types and titles as the subscriber receives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from schemas.arrow import INT64_DIGITS, arrow_type
from schemas.contract import Dataset, Field, FieldType, LogicalType
from schemas.properties import FieldProperties, ShareType
from schemas.sharing import Generalise, Keep, Mask, Pseudonym, Terms
from schemas.terms import RECORD_ID, fits, refers, share_type

_TEXT = FieldType(LogicalType.STRING)
_RECORD = Field(
    name=RECORD_ID,
    column=RECORD_ID,
    type=_TEXT,
    title="记录标识",
    required=True,
    unique=True,
    key_position=1,
    max_length=32,
    properties=FieldProperties(title_en="Record id"),
)


def masked_fields(terms: Terms, dataset: Dataset) -> tuple[Field, ...]:
    """`record_id`, then the fields shown, in the dataset's order, with the types masks leave.

    What the dataset has no more, and what its contract denies by now, is not shown.
    """
    return (_RECORD, *(_shown(field, mask) for field, mask in shown(terms, dataset)))


def schema(terms: Terms, dataset: Dataset) -> pa.Schema:
    """The Arrow schema of what `select` gives; only `record_id` is never null."""
    return pa.schema(
        [
            pa.field(field.name, arrow_type(field.type), nullable=field.name != RECORD_ID)
            for field in masked_fields(terms, dataset)
        ]
    )


def shown(terms: Terms, dataset: Dataset) -> Iterator[tuple[Field, Mask]]:
    """Each field that leaves the hub, with the mask that holds for it."""
    masks = {granted.name: granted.mask for granted in terms.fields}
    for field in dataset.fields:
        if field.name not in masks or field.name == RECORD_ID:
            continue
        if share_type(dataset, field) is ShareType.DENIED:
            continue
        mask = Pseudonym() if refers(dataset, field.name) else masks[field.name]
        if fits(mask, field) or refers(dataset, field.name):  # else there is no way to show it
            yield field, mask


def masked_type(field: Field, mask: Mask) -> FieldType:
    """The type that is left of a field: text, unless it is kept or counted in steps."""
    match mask:
        case Keep():
            return field.type
        case Generalise(step=int()):
            return FieldType(LogicalType.INTEGER, None if _small(field.type) else 38)
        case _:
            return _TEXT


def _small(kind: FieldType) -> bool:
    if kind.logical is LogicalType.NUMBER and kind.scale is None:
        return True  # binary floating point: what is larger than 64 bits is shown as null
    return (kind.precision or 0) - (kind.scale or 0) <= INT64_DIGITS


def _shown(field: Field, mask: Mask) -> Field:
    if isinstance(mask, Keep):
        return replace(field, required=False, unique=False, key_position=None)
    return Field(
        name=field.name,
        column=field.name,
        type=masked_type(field, mask),
        title=field.title,
        max_length=field.max_length if not isinstance(mask, Pseudonym) else 32,
        properties=FieldProperties(title_en=field.properties.title_en),
    )
