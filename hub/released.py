"""The files of a release as relations, in however many parts they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.records import Reconciled
from hub.store import Store, literal

ENTITY = "entity_id"
CHANGES = "changes"  # of a file in a manifest: the parts after the first, oldest first
TOUCHED = "touched"  # of a part: the file of entity ids that it speaks of anew
SPOKEN = "spoken"
NAMED = (
    "golden", "lineage", "origins", "links", "keys", "events", "redirects", "pairs",
    "discrepancies", "balance",
)  # fmt: skip
"""The files of a reconciliation that a manifest names with their checksums."""
WHOLE = frozenset({"origins", "redirects", "balance"})  # written as a whole every time
NUMBERED = {"places": "entity"}  # speak of entities by a column with the engine's hash of their id
GROWING = frozenset({"events"})  # a part adds, and replaces nothing
LISTED = frozenset({"discrepancies"})  # told anew also of those who look like somebody touched


def relation(store: Store, manifest: Mapping[str, Any], name: str) -> str:
    """A SELECT of one file of a release (golden, lineage, links, keys …), by its manifest."""
    return select(store, manifest["files"][name], NUMBERED.get(name))


def kept(store: Store, manifest: Mapping[str, Any], name: str) -> bool:
    """Whether a release has a file, and all its parts are still in the store."""
    file = manifest["files"].get(name)
    return file is not None and all(store.path(uri).is_file() for uri in uris(file))


def uris(file: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by uri of everything that one file of a manifest consists of."""
    found = {}
    for part in parts_of(file):
        found[part["uri"]] = part["sha256"]
        if TOUCHED in part:
            found[part[TOUCHED]] = part["touched_sha256"]
    return found


def parts_of(file: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of one file of a manifest, oldest first."""
    return [file, *file.get(CHANGES, ())]


def select(store: Store, file: Mapping[str, Any], number: str | None = None) -> str:
    """A SELECT of the rows that count: of each entity those of the newest part that touched it.

    A part without `touched` adds rows and replaces none. Rows that speak of no entity (a line of
    money) are written whole into every part that replaces anything. The order is undefined.
    `number`: the column that holds the hash of the entity id, where the id itself is not there.
    """
    parts = parts_of(file)
    if len(parts) == 1:
        return f"SELECT * FROM {_scan(store, file['uri'])}"
    if not any(TOUCHED in part for part in parts):
        paths = ", ".join(literal(store.path(part["uri"])) for part in parts)
        return f"SELECT * FROM read_parquet([{paths}])"
    newest = max(place for place, part in enumerate(parts) if TOUCHED in part)
    touched = " UNION ALL ".join(
        f"SELECT {ENTITY}, {place} AS place FROM {_scan(store, part[TOUCHED])}"
        for place, part in enumerate(parts)
        if TOUCHED in part
    )
    older = " UNION ALL ".join(
        f"SELECT *, {place} AS hub_place FROM {_scan(store, part['uri'])}"
        for place, part in enumerate(parts[:newest])
    )
    key, own = (f"hash({ENTITY})", number) if number else (ENTITY, ENTITY)
    kept = (
        f"SELECT t.* EXCLUDE (hub_place) FROM ({older}) AS t "
        f"ANTI JOIN (SELECT {key} AS key, max(place) AS place FROM ({touched}) GROUP BY 1) AS m "
        f"ON m.key = t.{own} AND m.place > t.hub_place WHERE t.{own} IS NOT NULL"
    )
    fresh = (f"SELECT * FROM {_scan(store, part['uri'])}" for part in parts[newest:])
    return " UNION ALL ".join([f"({kept})", *fresh])


def touched_between(
    store: Store, before: Mapping[str, Any], after: Mapping[str, Any]
) -> str | None:
    """A SELECT of the entities that later parts speak of; None: `after` is no change of `before`.

    Both are manifests of one dataset.
    """
    old, new = (parts_of(manifest["files"]["keys"]) for manifest in (before, after))
    if [part["uri"] for part in old] != [part["uri"] for part in new[: len(old)]]:
        return None
    parts = [f"SELECT NULL::VARCHAR AS {ENTITY} WHERE false"]
    for part in new[len(old) :]:  # those it replaces, and those that are new
        parts += [f"SELECT {ENTITY} FROM {_scan(store, part[of])}" for of in (TOUCHED, "uri")]
    return " UNION ".join(parts)


def files_of(
    store: Store, reconciled: Reconciled, before: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """The files of a release as its manifest names them; `before` are those of the one changed."""
    made = {name: uri for name in NAMED if (uri := getattr(reconciled, name))} | reconciled.further
    files = {name: {"uri": uri, "sha256": store.sha256(uri)} for name, uri in made.items()}
    change = reconciled.change
    if change is None or before is None:
        return files
    replaced = {
        name: {TOUCHED: uri, "touched_sha256": store.sha256(uri)}
        for name, uri in ((TOUCHED, change.touched), (SPOKEN, change.spoken))
    }
    for name in files.keys() - WHOLE:
        of = {} if name in GROWING else replaced[SPOKEN if name in LISTED else TOUCHED]
        part = {**files[name], **of}
        files[name] = {**before[name], CHANGES: [*before[name].get(CHANGES, ()), part]}
    return files


def _scan(store: Store, uri: str) -> str:
    return f"read_parquet({literal(store.path(uri))})"
