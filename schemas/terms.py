"""Laws of a grant's terms: what may stand in them, and when one lets out no more than another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.contract import Catalog, Dataset, Field, LogicalType
from schemas.implying import all_atoms, atoms, implies
from schemas.properties import ShareType
from schemas.sharing import (
    Condition,
    Generalise,
    GrantedField,
    Keep,
    Mask,
    Partial,
    Pseudonym,
    Scalar,
    Terms,
)

RECORD_ID = "record_id"
"""The column by which a subscriber knows a row; the hub's own entity id never leaves."""

LONGEST_PREFIX = 6
"""Characters of a sensitive number that a row condition may name: those of its division."""

_DATED = (LogicalType.DATE, LogicalType.TIMESTAMP)
_COUNTED = (LogicalType.INTEGER, LogicalType.NUMBER)
_FINENESS = {"year": 0, "quarter": 1, "month": 2}


@dataclass(frozen=True)
class TermsFault:
    """One thing that is wrong with terms, said to a person; it quotes no value of a condition."""

    code: str
    field: str | None
    zh: str
    en: str


def share_type(dataset: Dataset, field: Field) -> ShareType:
    """共享类型 of one field: its own, else its dataset's."""
    return field.properties.share_type or dataset.properties.directory.share_type


def refers(dataset: Dataset, field: str) -> bool:
    """Whether a field holds entity ids of another dataset; they leave as pseudonyms only."""
    return any(reference.field == field for reference in dataset.reconcile.resolve)


def fields_used(terms: Terms) -> tuple[str, ...]:
    """Every field that the terms let out or look at, each once."""
    names = [granted.name for granted in terms.fields]
    return tuple(dict.fromkeys([*names, *(condition.field for condition in terms.rows)]))


def problems(terms: Terms, dataset: Dataset, catalog: Catalog) -> list[TermsFault]:
    """Everything that no application and no decision may ask of a dataset; empty: sound."""
    found = []
    if not terms.fields:
        found.append(_fault("no_fields", None, "未列出任何信息项", "no field is named"))
    if not terms.ways:
        found.append(_fault("no_ways", None, "未列出交付方式", "no way of delivery is named"))
    for granted in terms.fields:
        found += _of_field(granted, dataset)
    for condition in terms.rows:
        found += _of_condition(condition, dataset)
        found += _of_codes(condition, dataset, catalog)
    return found


def within(narrow: Terms, wide: Terms) -> list[TermsFault]:
    """Why `narrow` lets out more than `wide`; empty: whoever has `wide` learns nothing from it.

    Masks are held against each other by what can be worked out: `narrow` is within when each of
    its columns is a function of what `wide` shows.
    """
    found = []
    asked = {granted.name: granted.mask for granted in wide.fields}
    for granted in narrow.fields:
        if granted.name not in asked:
            found.append(_fault("field_added", granted.name, "未申请该信息项", "was not asked for"))
        elif not mask_within(granted.mask, asked[granted.name]):
            found.append(
                _fault("mask_weaker", granted.name, "脱敏弱于申请", "is masked less than asked")
            )
    for condition in wide.rows:
        if not all(
            any(implies(own, atom) for own in all_atoms(narrow)) for atom in atoms(condition)
        ):
            found.append(
                _fault("rows_wider", condition.field, "行范围宽于申请", "its rows are wider")
            )
    found += [
        _fault("way_added", None, f"未申请交付方式 {way}", f"the way {way} was not asked for")
        for way in narrow.ways
        if way not in wide.ways
    ]
    if narrow.scope == "subscriber" and wide.scope == "grant":
        found.append(_fault("scope_wider", None, "标识范围宽于申请", "pseudonyms join more"))
    if narrow.history and not wide.history:
        found.append(_fault("history_added", None, "未申请历史版本", "history was not asked for"))
    return found


def mask_within(narrow: Mask, wide: Mask) -> bool:
    """Whether what `narrow` shows of any value can be worked out from what `wide` shows of it."""
    match narrow, wide:
        case _, Keep():
            return True
        case Partial(), Partial():
            return narrow.first <= wide.first and narrow.last <= wide.last
        case Generalise(), Generalise():
            return _coarser(narrow, wide)
        case Pseudonym(), Pseudonym():
            return True
        case _:
            return False


def _coarser(narrow: Generalise, wide: Generalise) -> bool:
    if narrow.to and wide.to:
        return _FINENESS[narrow.to] <= _FINENESS[wide.to]
    if narrow.first and wide.first:
        return narrow.first <= wide.first
    return bool(narrow.step and wide.step and narrow.step % wide.step == 0)


def _of_field(granted: GrantedField, dataset: Dataset) -> Iterator[TermsFault]:
    field = dataset.by_name.get(granted.name)
    if field is None or granted.name == RECORD_ID:
        yield _fault("field_unknown", granted.name, "目录中没有该信息项", "is no field of it")
        return
    if share_type(dataset, field) is ShareType.DENIED:
        yield _fault("field_denied", field.name, "该信息项不予共享", "is denied to everybody")
    if refers(dataset, field.name):
        if not isinstance(granted.mask, Keep | Pseudonym):
            yield _fault(
                "mask_of_reference", field.name, "主体标识只能去标识化", "leaves as a pseudonym"
            )
        return
    if not fits(granted.mask, field):
        yield _fault(
            "mask_unfit", field.name, "脱敏方式与数据类型不符", "its type cannot be masked so"
        )


def fits(mask: Mask, field: Field) -> bool:
    """Whether a mask is one for the field's type; first characters are for codes alone.

    The first characters of a name may be all of it: for free text there is `partial`.
    """
    kind = field.type.logical
    match mask:
        case Keep():
            return True
        case Partial():
            return kind is LogicalType.STRING
        case Pseudonym():
            return kind in (LogicalType.STRING, LogicalType.INTEGER)
        case Generalise(to=str()):
            return kind in _DATED
        case Generalise(first=int()):
            coded = field.properties.codelist or field.properties.identifier
            return kind is LogicalType.STRING and bool(coded)
        case _:
            return kind in _COUNTED


def _of_condition(condition: Condition, dataset: Dataset) -> Iterator[TermsFault]:
    field = dataset.by_name.get(condition.field)
    if field is None:
        yield _fault("field_unknown", condition.field, "目录中没有该信息项", "is no field of it")
        return
    if share_type(dataset, field) is ShareType.DENIED:
        yield _fault("field_denied", field.name, "该信息项不予共享", "is denied to everybody")
    named = condition.one_of or condition.starts_with
    if refers(dataset, field.name) and (named or _bounds(condition)):
        yield _fault("rows_by_reference", field.name, "不能按主体标识筛选", "cannot select rows")
    elif field.sensitive and _names_somebody(condition, field):
        yield _fault(
            "rows_by_sensitive", field.name, "不能按敏感值逐个筛选", "is sensitive: name no value"
        )
    if not all(readable(value, field) for value in _values(condition)) or not _sense(
        condition, field
    ):
        yield _fault("condition_unfit", field.name, "条件与数据类型不符", "its type differs")


def _of_codes(condition: Condition, dataset: Dataset, catalog: Catalog) -> Iterator[TermsFault]:
    """A code that the field's list does not have would select nobody, silently."""
    field = dataset.by_name.get(condition.field)
    listed = catalog.codelists.get(field.properties.codelist or "") if field else None
    if listed is None or not condition.one_of:
        return
    if any(str(value) not in listed.canonical for value in condition.one_of):
        yield _fault("code_unknown", condition.field, "代码不在代码表中", "no code of its list")


def _names_somebody(condition: Condition, field: Field) -> bool:
    """Whether a condition could single out a value; the division of a number does not."""
    text = field.type.logical is LogicalType.STRING
    if condition.one_of or (text and _bounds(condition)):
        return True
    prefixes = condition.starts_with or ()
    known = field.properties.identifier is not None
    return not all(known and len(prefix) <= LONGEST_PREFIX for prefix in prefixes)


def _values(condition: Condition) -> list[Scalar]:
    return [*(condition.one_of or ()), *_bounds(condition)]


def _bounds(condition: Condition) -> list[Scalar]:
    return [value for value in (condition.since, condition.before) if value is not None]


def _sense(condition: Condition, field: Field) -> bool:
    kind = field.type.logical
    if condition.starts_with is not None and kind is not LogicalType.STRING:
        return False
    if condition.one_of is not None and kind is LogicalType.TIMESTAMP:
        return False
    return not _bounds(condition) or kind in (*_DATED, *_COUNTED, LogicalType.STRING)


def readable(value: Scalar, field: Field) -> bool:
    """Whether a value of a condition is of the field's type; days also select timestamps."""
    match field.type.logical:
        case LogicalType.INTEGER | LogicalType.NUMBER:
            return isinstance(value, int)
        case LogicalType.BOOLEAN:
            return value in (0, 1)
        case LogicalType.DATE | LogicalType.TIMESTAMP:
            return day(value) is not None
        case LogicalType.STRING:
            return isinstance(value, str) and "\0" not in value
        case _:
            return False


def day(value: Scalar) -> date | None:
    """A date given as such or as text, YYYY-MM-DD; None for anything else.

    ISO 8601 has other spellings. One alone is taken, so that days stand in the order of their
    texts, by which `within` holds them against each other.
    """
    if isinstance(value, date):
        return value
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.isoformat() == value else None


def _fault(code: str, field: str | None, zh: str, en: str) -> TermsFault:
    about = f"信息项 {field}：" if field else ""
    named = f"field {field}: " if field else ""
    return TermsFault(code, field, f"{about}{zh}", f"{named}{en}")
