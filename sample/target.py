"""Where a city is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """Where a city is built.

    `databases` and `drops` name other front ends than the embedded ones below `home`/city, by
    department: SQLAlchemy URLs with passwords, and folders.
    """

    home: Path
    databases: Mapping[str, str] = field(default_factory=dict)
    drops: Mapping[str, Path] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.home / "city"

    def database(self, department: str) -> str:
        return self.databases.get(department) or f"sqlite:///{self.folder / department}.db"

    def drop(self, department: str) -> Path:
        return self.drops.get(department) or self.folder / department
