"""Rules on fields: names, types, sizes, keys, and what they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from schemas.contract import Field, LogicalType, Table
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.rules.scope import Scope, field_place, is_timezone, position, property_place
from schemas.rules.types import check_type

STATUSES = ("proposed", "draft", "active", "deprecated", "retired")
_NAME = re.compile(r"[^\W_]\w*")
_TEMPORAL = {LogicalType.DATE, LogicalType.TIMESTAMP, LogicalType.TIME}
_UNCHECKED = ("multipleOf", "maxProperties", "minProperties", "maxItems", "minItems", "uniqueItems")
_SAMPLES = (datetime(2001, 2, 3, 4, 5, 6), datetime(2012, 11, 30, 22, 59, 58))


def check_fields(scope: Scope) -> Iterator[Problem]:
    """Every field of every contract can be read, typed, stored and checked as written."""
    ids: dict[str, str] = {}
    for table in scope.tables:
        contract_id = table.document["id"]
        if contract_id in ids:
            yield found(table.path, "id", "id_duplicate", id=contract_id, other=ids[contract_id])
        ids.setdefault(contract_id, table.name)
        if table.status not in STATUSES:
            yield found(table.path, "status", "status_unknown", found=table.status)
        yield from _names(table)
        yield from _key(table)
        for field in table.fields:
            yield from check_type(table, field)
            yield from _options(table, field)
            yield from _references(table, field, scope)


def _names(table: Table) -> Iterator[Problem]:
    fields: dict[str, Field] = {}
    columns: dict[str, Field] = {}
    for field in table.fields:
        if not _NAME.fullmatch(field.name):
            yield found(
                table.path, field_place(table, field, "name"), "field_name", name=field.name
            )
        if field.name.lower() in fields:
            yield found(
                table.path, field_place(table, field, "name"), "field_duplicate", name=field.name
            )
        elif field.column in columns:
            yield found(
                table.path,
                field_place(table, field, "physicalName"),
                "column_duplicate",
                column=field.column,
                other=columns[field.column].name,
            )
        fields.setdefault(field.name.lower(), field)
        columns.setdefault(field.column, field)
    for field in table.fields:
        for alias in field.properties.aliases:
            other = columns.get(alias) or fields.get(alias.lower())
            if other is not None and other is not field:
                yield found(
                    table.path,
                    property_place(table, field, "aliases"),
                    "alias_duplicate",
                    alias=alias,
                    other=other.name,
                )
            columns.setdefault(alias, field)


def _key(table: Table) -> Iterator[Problem]:
    positions = [field.key_position for field in table.key]
    if positions and positions != list(range(1, len(positions) + 1)):
        yield found(
            table.path,
            field_place(table, table.key[0]),
            "key_position",
            count=len(positions),
            found=", ".join(map(str, positions)),
        )
    for field, prop in zip(table.fields, table.document["schema"][0]["properties"], strict=True):
        if prop.get("primaryKeyPosition", -1) > 0 and not prop.get("primaryKey"):
            yield found(
                table.path,
                field_place(table, field, "primaryKeyPosition"),
                "key_position_without_key",
            )


def _options(table: Table, field: Field) -> Iterator[Problem]:
    place = field_place(table, field, "logicalTypeOptions")
    number = position(table, field)
    options = table.document["schema"][0]["properties"][number].get("logicalTypeOptions") or {}
    for option in _UNCHECKED:
        if option in options:
            yield found(table.path, f"{place}.{option}", "option_unchecked", option=option)
    if field.pattern is not None:
        try:
            re.compile(field.pattern)
        except re.error as error:
            yield found(table.path, f"{place}.pattern", "pattern_invalid", detail=error)
    limits = [field.minimum, field.maximum]
    for name, limit in zip(("minimum", "maximum"), limits, strict=True):
        if limit is not None and not _is_value(limit, field.type.logical):
            yield found(
                table.path,
                f"{place}.{name}",
                "limit_invalid",
                found=limit,
                logical=field.type.logical,
            )
            return
    if None not in limits and limits[0] > limits[1]:
        yield found(table.path, place, "limit_order", low=limits[0], high=limits[1])


def _is_value(limit: object, logical: LogicalType) -> bool:
    if logical in {LogicalType.INTEGER, LogicalType.NUMBER}:
        return isinstance(limit, int | float)
    parse = {
        LogicalType.DATE: date.fromisoformat,
        LogicalType.TIMESTAMP: datetime.fromisoformat,
        LogicalType.TIME: time.fromisoformat,
    }.get(logical)
    if parse is None:
        return True
    try:
        parse(str(limit))
    except ValueError:
        return False
    return True


def _references(table: Table, field: Field, scope: Scope) -> Iterator[Problem]:
    properties, logical = field.properties, field.type.logical
    codelists = scope.catalog.codelists
    if properties.codelist and not scope.known(properties.codelist, codelists):
        yield found(
            table.path,
            property_place(table, field, "codelist"),
            "codelist_unknown",
            name=properties.codelist,
            **guess(properties.codelist, codelists),
        )
    known = scope.vocabulary.identifiers
    if properties.identifier and known is not None and properties.identifier not in known:
        yield found(
            table.path,
            property_place(table, field, "identifier"),
            "identifier_unknown",
            name=properties.identifier,
            **guess(properties.identifier, known),
        )
    verdicts = (known or {}).get(properties.identifier or "", ())
    for verdict in properties.identifier_severity if known is not None else ():
        if verdict not in verdicts:
            yield found(
                table.path,
                f"{property_place(table, field, 'identifierSeverity')}.{verdict}",
                "verdict_unknown",
                name=verdict,
                **guess(verdict, verdicts),
            )
    if properties.identifier == "resident_id" and not properties.sensitive:
        yield found(table.path, property_place(table, field, "sensitive"), "sensitive_missing")
    place = property_place(table, field, "formats")
    if properties.formats and logical not in _TEMPORAL:
        yield found(table.path, place, "format_unused", logical=logical)
    for number, form in enumerate(properties.formats if logical in _TEMPORAL else ()):
        if not _keeps(form, logical):
            yield found(table.path, f"{place}[{number}]", "format_invalid", found=form)
    if properties.timezone:
        place = property_place(table, field, "timezone")
        if not is_timezone(properties.timezone):
            yield found(table.path, place, "timezone_unknown", found=properties.timezone)
        elif logical is not LogicalType.TIMESTAMP:
            yield found(table.path, place, "timezone_unused", logical=logical)


def _keeps(form: str, logical: LogicalType) -> bool:
    """Whether a strptime format carries a whole date (or time): written and read again."""
    try:
        for sample in _SAMPLES:
            again = datetime.strptime(sample.strftime(form), form)
            same_time = (again.hour, again.minute) == (sample.hour, sample.minute)
            if logical is LogicalType.TIME and not same_time:
                return False
            if logical is not LogicalType.TIME and again.date() != sample.date():
                return False
    except ValueError:
        return False
    return True
