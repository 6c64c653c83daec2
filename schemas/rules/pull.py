"""Rules on how supplies are pulled: nothing may be lost or doubled by the plan itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import timedelta

from schemas.contract import LogicalType, Supply
from schemas.messages import found, guess
from schemas.problems import Problem
from schemas.rules.scope import Scope, table_place

FILE_SCHEMES = ("file:", "sftp:")
ANOTHER_HUB = "delta-sharing"
_ORDERED = {
    LogicalType.TIMESTAMP,
    LogicalType.DATE,
    LogicalType.INTEGER,
    LogicalType.NUMBER,
    LogicalType.STRING,
}
_TIMED = {LogicalType.TIMESTAMP, LogicalType.DATE}


def check_pull(scope: Scope) -> Iterator[Problem]:
    """Watermarks, files, thresholds and drift of every supply."""
    for supply in scope.catalog.supplies.values():
        if supply.pull.mode == "increment":
            yield from _increment(supply)
        yield from _files(supply)
        yield from _thresholds(supply)
        yield from _drift(supply)


def _increment(supply: Supply) -> Iterator[Problem]:
    pull = supply.pull
    name = pull.watermark or ""
    place = table_place(supply, "pull", "watermark")
    field = supply.by_name.get(name)
    if field is None:
        yield found(
            supply.path, place, "watermark_unknown", name=name, **guess(name, supply.by_name)
        )
        return
    logical = field.type.logical
    if logical not in _ORDERED:
        yield found(supply.path, place, "watermark_type", name=name, logical=logical)
    elif (pull.overlap or pull.lag) and logical not in _TIMED:
        which = "overlap" if pull.overlap else "lag"
        where = table_place(supply, "pull", which)
        yield found(supply.path, where, "overlap_type", name=name, logical=logical)
    if not field.required:
        yield found(supply.path, place, "watermark_nullable", name=name)
    if not supply.key:
        yield found(supply.path, table_place(supply, "pull"), "increment_without_key")
    if pull.deletes == "physical" and pull.reconcile_keys_every is None:
        yield found(supply.path, table_place(supply, "pull"), "deletes_unseen")


def _files(supply: Supply) -> Iterator[Problem]:
    node, files = supply.department.node, supply.properties.files
    if node is None:
        return
    if not node.url.lower().startswith(FILE_SCHEMES):
        if files is not None:
            yield found(supply.path, table_place(supply, "files"), "files_unused")
        if node.url.lower().startswith(ANOTHER_HUB) and supply.pull.mode == "increment":
            yield found(supply.path, table_place(supply, "pull", "mode"), "sharing_increment")
        return
    if files is None:
        yield found(supply.path, "customProperties", "files_missing")
        return
    if supply.pull.mode == "increment":
        yield found(supply.path, table_place(supply, "pull", "mode"), "files_increment")
    if files.content == "upsert" and not supply.key:
        yield found(supply.path, table_place(supply, "files", "content"), "files_upsert_key")
    for number, encoding in enumerate(files.encodings):
        try:
            codecs.lookup(encoding)
        except LookupError:
            place = table_place(supply, "files", "encodings", number)
            yield found(supply.path, place, "files_encoding", found=encoding)
    for name in ("delimiter", "quote"):
        text = getattr(files, name)
        if len(text) != 1:
            place = table_place(supply, "files", name)
            yield found(supply.path, place, "files_character", property=name, found=text)
    if files.settle < timedelta(0):
        place = table_place(supply, "files", "settle")
        yield found(supply.path, place, "custom_value", detail="a negative span of time")


def _thresholds(supply: Supply) -> Iterator[Problem]:
    limits = supply.properties.verdict
    given = [limit for limit in (limits.warn, limits.hold, limits.reject) if limit is not None]
    if given != sorted(given):
        shown = ", ".join(map(str, given))
        yield found(supply.path, table_place(supply, "verdict"), "thresholds_order", found=shown)


def _drift(supply: Supply) -> Iterator[Problem]:
    """Fields that are to be watched must exist: a misspelt one would be watched in vain."""
    limits = supply.properties.drift
    if limits is None:
        return
    for name, part in (("nullRate", limits.null_rate), ("distribution", limits.distribution)):
        for number, field in enumerate((part.fields if part else None) or ()):
            if field not in supply.by_name:
                place = table_place(supply, "drift", name, "fields", number)
                hint = guess(field, supply.by_name)
                yield found(supply.path, place, "drift_field_unknown", name=field, **hint)
