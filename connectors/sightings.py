"""What a drop remembers of its files: since when a version is there, and its digest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from connectors.folder import Entry


class Sightings:
    """A small JSON file; without it everything is found out again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._load()
        self._now: dict[str, dict[str, Any]] = {}

    def first_seen(self, entry: Entry, now: float) -> float:
        """When (our clock) this version of the file was first seen; `now` if it is new."""
        found: float = self._of(entry).setdefault("first_seen", now)
        return min(found, now)

    def digest(self, entry: Entry) -> str | None:
        """The sha256 of this version, if it was computed before."""
        found: str | None = self._of(entry).get("sha256")
        return found

    def keep(self, entry: Entry, sha256: str) -> None:
        """Remember the digest of this version."""
        self._of(entry)["sha256"] = sha256

    def save(self) -> None:
        """Write what was seen in this session."""
        merged = self._before | self._now
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(merged, ensure_ascii=False), encoding="utf-8")
        temporary.replace(self._path)

    def _of(self, entry: Entry) -> dict[str, Any]:
        before = self._before.get(entry.name, {})
        found = self._now.setdefault(entry.name, dict(before))
        if found.get("version") != entry.version:
            found.clear()
            found["version"] = entry.version
        return found

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            loaded = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}
