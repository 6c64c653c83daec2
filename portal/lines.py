"""Delta Sharing's lines: protocol, metadata and files, in both response formats. Pure functions.

Format "parquet" names each thing itself; format "delta" wraps an action of Delta's own log, which
the client's Delta reader replays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

Format = Literal["parquet", "delta"]
Kind = Literal["add", "cdf"]
JSON = dict[str, Any]


@dataclass(frozen=True)
class Offered:
    """One file as it is offered: its signed address, and what the reader must know of it."""

    url: str
    id: str
    bytes: int
    rows: int
    version: int
    at_ms: int  # when that version was released
    expires_ms: int  # until when the address is good


@dataclass(frozen=True)
class Shape:
    """What is said of a table as a whole."""

    id: str
    name: str
    schema: pa.Schema  # of the rows, masked
    comments: dict[str, str]  # titles by field
    created_ms: int


def ndjson(lines: Iterable[JSON]) -> str:
    """One JSON document a line; ASCII alone, since some clients split lines at other breaks."""
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def protocol(form: Format) -> JSON:
    """What a reader must be able to do: nothing beyond plain Parquet."""
    if form == "parquet":
        return {"protocol": {"minReaderVersion": 1}}
    return {"protocol": {"deltaProtocol": {"minReaderVersion": 1, "minWriterVersion": 4}}}


def metadata(form: Format, shape: Shape, version: int, files: Iterable[Offered] | None) -> JSON:
    """Schema and size; `files` None: the size is not told."""
    told: JSON = {"version": version}
    if files is not None:
        listed = list(files)
        told |= {"size": sum(file.bytes for file in listed), "numFiles": len(listed)}
    format_: JSON = {"provider": "parquet"}
    own: JSON = {
        "id": shape.id,
        "name": shape.name,
        "format": format_,
        "schemaString": schema_string(shape.schema, shape.comments),
        "partitionColumns": [],
    }
    if form == "parquet":
        return {"metaData": own | {"configuration": {"enableChangeDataFeed": "true"}} | told}
    own["format"] = format_ | {"options": {}}
    own |= {
        "configuration": {"delta.enableChangeDataFeed": "true"},
        "createdTime": shape.created_ms,
    }
    return {"metaData": told | {"deltaMetadata": own}}


def file(form: Format, offered: Offered) -> JSON:
    """One file of a snapshot."""
    if form == "parquet":
        return {"file": _parquet(offered) | {"stats": _stats(offered)}}
    return {"file": _delta(offered, "add")}


def change(form: Format, offered: Offered, kind: Kind) -> JSON:
    """One file of a change feed: `add` has rows that are all new, `cdf` has `_change_type`."""
    if form == "parquet":
        stats = {"stats": _stats(offered)} if kind == "add" else {}
        return {kind: _parquet(offered) | stats}
    return {"file": _delta(offered, kind)}


def _parquet(offered: Offered) -> JSON:
    return {
        "url": offered.url,
        "id": offered.id,
        "partitionValues": {},
        "size": offered.bytes,
        "version": offered.version,
        "timestamp": offered.at_ms,
        "expirationTimestamp": offered.expires_ms,
    }


def _delta(offered: Offered, kind: Kind) -> JSON:
    action: JSON = {"path": offered.url, "partitionValues": {}, "size": offered.bytes}
    if kind == "add":
        action |= {
            "modificationTime": offered.at_ms,
            "dataChange": True,
            "stats": _stats(offered),
        }
    else:
        action["dataChange"] = False
    return {
        "id": offered.id,
        "size": offered.bytes,
        "version": offered.version,
        "timestamp": offered.at_ms,
        "expirationTimestamp": offered.expires_ms,
        "deltaSingleAction": {"add" if kind == "add" else "cdc": action},
    }


def _stats(offered: Offered) -> str:
    # The number of rows alone: everything else stands in the file's own footer.
    return json.dumps({"numRecords": offered.rows}, separators=(",", ":"))


def schema_string(schema: pa.Schema, comments: dict[str, str]) -> str:
    """The schema as Delta writes it, in JSON."""
    fields = [
        {
            "name": field.name,
            "type": delta_type(field.type),
            "nullable": True,
            "metadata": {"comment": comments[field.name]} if field.name in comments else {},
        }
        for field in schema
    ]
    return json.dumps({"type": "struct", "fields": fields}, separators=(",", ":"))


def delta_type(kind: pa.DataType) -> str:
    """Delta's name of an Arrow type of releases; raises `ValueError` for any other."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    names = {
        pa.string(): "string",
        pa.int64(): "long",
        pa.int32(): "integer",
        pa.float64(): "double",
        pa.bool_(): "boolean",
        pa.date32(): "date",
        pa.timestamp("us", tz="UTC"): "timestamp",
    }
    if kind not in names:
        raise ValueError(f"a release has no type {kind}")
    return names[kind]
