"""How the live table differs from the contract."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.protocol import Drift, LiveColumn
from schemas.contract import Field, Supply

# Names of one family hold the same values; widths of integers differ too much between servers'
# spellings to be compared.
FAMILIES = {
    "text": "char character varchar nvarchar nchar bpchar text tinytext mediumtext longtext "
    "clob name citext string varchar2 nvarchar2 nclob json jsonb",
    "integer": "int integer tinyint smallint mediumint bigint int2 int4 int8 serial bigserial",
    "decimal": "decimal numeric dec number fixed",
    "float": "float double real float4 float8 binary_float binary_double",
    "date": "date",
    "timestamp": "timestamp timestamptz datetime datetime2 smalldatetime",
    "time": "time timetz",
    "boolean": "bool boolean bit",
    "bytes": "bytea blob tinyblob mediumblob longblob binary varbinary raw",
}
_FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}
_TYPE = re.compile(r"\s*([a-z_0-9]+)[^(]*(?:\(([0-9 ,]+)\))?")
SIZED = ("text", "decimal")


def match(
    supply: Supply, live: Sequence[LiveColumn]
) -> tuple[dict[str, LiveColumn], tuple[Drift, ...]]:
    """The live column of each field that has one, by field name, and all differences."""
    exact = {column.name: column for column in live}
    folded = {column.name.casefold(): column for column in reversed(live)}
    found: dict[str, LiveColumn] = {}
    drift: list[Drift] = []
    for field in supply.fields:
        for name in (field.column, *field.properties.aliases):
            column = exact.get(name) or folded.get(name.casefold())
            if column is not None and column not in found.values():
                found[field.name] = column
                break
        drift += _of_field(field, found.get(field.name))
    known = set(found.values())
    drift += [
        Drift(
            "column_unknown",
            column.name,
            f"no field of the contract reads it: {column.physical_type}",
        )
        for column in live
        if column not in known
    ]
    return found, tuple(drift)


def _of_field(field: Field, column: LiveColumn | None) -> list[Drift]:
    if column is None:
        return [Drift("column_missing", field.column, f"field {field.name} is null in every row")]
    drift = []
    if column.name.casefold() != field.column.casefold():
        detail = f"field {field.name} is read from the alias {column.name}"
        drift.append(Drift("column_alias", field.column, detail))
    if field.physical_type and _differs(field.physical_type, column.physical_type):
        detail = f"promised {field.physical_type}, found {column.physical_type}"
        drift.append(Drift("type_changed", column.name, detail))
    return drift


def _differs(promised: str, found: str) -> bool:
    (family, size), (live_family, live_size) = _kind(promised), _kind(found)
    if family != live_family:
        return {family, live_family} != {"boolean", "integer"}  # tinyint(1) is MySQL's boolean
    return family in SIZED and bool(size and live_size) and size != live_size


def _kind(physical: str) -> tuple[str, tuple[int, ...]]:
    """(family, sizes) of a type's name; a name of no family is its own."""
    found = _TYPE.match(physical.lower())
    if found is None or physical.endswith("[]"):
        return physical.lower(), ()
    sizes = tuple(int(part) for part in (found[2] or "").split(",") if part.strip())
    family = _FAMILY.get(found[1], found[1])
    if family == "decimal" and len(sizes) == 1:
        sizes = (*sizes, 0)
    return family, sizes
