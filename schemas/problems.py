"""What can be wrong with a catalog, said once, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One finding about one place of one catalog file; `line` is 1-based, 0 when unknown."""

    file: Path
    line: int
    path: str  # JSON path, e.g. schema[0].properties[3].logicalType
    code: str
    message_en: str
    message_zh: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.path or '$'}: {self.message_en} [{self.code}]"


class CatalogInvalid(Exception):
    """The catalog cannot be used. Raised by the loader with every problem; the steward must act."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
