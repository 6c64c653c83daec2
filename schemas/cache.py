"""Remembers parsed and validated contracts by the digest of their bytes.

YAML takes most of the time of loading a catalog, and an Airflow scheduler loads it every few
seconds. The cache is one JSON file in the home folder; losing or damaging it costs time only.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = 1
"""Raise it when reading or validating changes, so that older caches are not believed."""


class Documents:
    """Documents of this run, those read earlier by digest."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.used: dict[str, Any] = {}

    def get(self, data: bytes) -> dict[str, Any] | None:
        """The document that these bytes hold, if it was read before."""
        digest = sha256(data).hexdigest()
        document: dict[str, Any] | None = self.known.get(digest)
        if document is not None:
            self.used[digest] = document
        return document

    def put(self, data: bytes, document: dict[str, Any]) -> None:
        """Remember a document that was read without any problem."""
        self.used[sha256(data).hexdigest()] = document


@contextmanager
def documents(home: Path | None) -> Iterator[Documents]:
    """The cache of one home folder; with no existing home, nothing is remembered."""
    path = home / "cache" / "contracts.json" if home and home.is_dir() else None
    cache = Documents(_load(path) if path else {})
    yield cache
    if path and cache.used.keys() != cache.known.keys():
        _save(path, cache.used)


def _load(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and content.get("format") == FORMAT:
            known: dict[str, Any] = content["documents"]
            return known
    return {}


def _save(path: Path, used: dict[str, Any]) -> None:
    """Write beside and rename: a reader sees the old cache or the new one. A full disk is borne."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, "documents": used}, file, ensure_ascii=False)
        Path(name).replace(path)
