"""The files of a release as relations, in however many parts they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.store import Store, literal


def relation(store: Store, manifest: Mapping[str, Any], name: str) -> str:
    """A SELECT of one file of a release (golden, lineage, links, keys …), by its manifest."""
    uri = manifest["files"][name]["uri"]
    return f"SELECT * FROM read_parquet({literal(store.path(uri))})"
