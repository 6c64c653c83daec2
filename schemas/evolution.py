"""What a new version of a contract changes, in sentences: compatible or breaking, and for whom.

A change of a supply is breaking when rows that were accepted may now be quarantined, or when what
the datasets are made from goes away. A change of a dataset is breaking when a subscriber who
relied on the old promise may be let down. Hence narrowing breaks a supply, widening a dataset.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from schemas.contract import CodeList, Dataset, Supply, Table


class Level(IntEnum):
    """What a change demands of the version number."""

    NONE = 0
    PATCH = 1  # wording
    MINOR = 2  # compatible
    MAJOR = 3  # breaking


@dataclass(frozen=True)
class Change:
    """One difference between two versions of a contract."""

    kind: str
    place: str  # field name, or part of the contract
    level: Level
    message_en: str
    message_zh: str

    @property
    def mark(self) -> str:
        words = {Level.MAJOR: "BREAKING 不兼容", Level.MINOR: "compatible 兼容"}
        return words.get(self.level, "wording 文字")


@dataclass(frozen=True)
class Diff:
    """All changes of one contract; versions are None where it did not or does not exist."""

    name: str
    old_version: str | None
    new_version: str | None
    changes: tuple[Change, ...]

    @property
    def demanded(self) -> Level:
        return max((change.level for change in self.changes), default=Level.NONE)

    @property
    def breaking(self) -> bool:
        return self.demanded is Level.MAJOR

    @property
    def raised(self) -> Level:
        """By how much the version was raised; lowering counts as nothing."""
        return raised(self.old_version, self.new_version)

    @property
    def sufficient(self) -> bool:
        """Whether the version was raised as the changes demand; new and removed ones need none."""
        gone = self.old_version is None or self.new_version is None
        return gone or self.raised >= self.demanded

    @property
    def headline_en(self) -> str:
        verdict = "breaking" if self.breaking else "compatible"
        advice = "" if self.sufficient else f"; raise the version ({self.demanded.name.lower()})"
        return f"{self.name} {self._versions}: {verdict}{advice}"

    @property
    def headline_zh(self) -> str:
        verdict = "不兼容变更" if self.breaking else "兼容变更"
        names = {Level.PATCH: "修订号", Level.MINOR: "次版本号", Level.MAJOR: "主版本号"}
        advice = "" if self.sufficient else f"；请提升{names[self.demanded]}"
        return f"{self.name} {self._versions}：{verdict}{advice}"

    @property
    def _versions(self) -> str:
        return f"{self.old_version or '(new)'} → {self.new_version or '(removed)'}"

    def as_json(self) -> dict[str, Any]:
        return {
            "contract": self.name,
            "old_version": self.old_version,
            "new_version": self.new_version,
            "breaking": self.breaking,
            "demands": self.demanded.name.lower(),
            "sufficient": self.sufficient,
            "changes": [
                {
                    "kind": change.kind,
                    "place": change.place,
                    "level": change.level.name.lower(),
                    "en": change.message_en,
                    "zh": change.message_zh,
                }
                for change in self.changes
            ],
        }


def raised(old: str | None, new: str | None) -> Level:
    """By which part the semantic version `new` is above `old`."""
    if old is None or new is None:
        return Level.NONE
    before, after = _numbers(old), _numbers(new)
    if after <= before:
        return Level.NONE
    for level, index in ((Level.MAJOR, 0), (Level.MINOR, 1)):
        if after[index] > before[index]:
            return level
        if after[index] < before[index]:
            return Level.NONE
    return Level.PATCH


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split("."))


def compare(
    old: Table,
    new: Table,
    old_codes: dict[str, CodeList] | None = None,
    new_codes: dict[str, CodeList] | None = None,
) -> Diff:
    """All changes between two versions of one supply or dataset."""
    from schemas.changes import code_changes, field_changes, plan_changes, table_changes

    strict = isinstance(new, Supply)
    assert isinstance(new, Supply | Dataset)
    changes = [
        *field_changes(old, new, strict),
        *code_changes(new, old_codes or {}, new_codes or {}, strict),
        *table_changes(old, new, strict),
        *plan_changes(old, new, strict),
    ]
    if not changes and old.document != new.document:
        changes.append(
            Change(
                "other",
                "",
                Level.PATCH,
                "something else in the contract was reworded",
                "契约其他文字有改动",
            )
        )
    changes.sort(key=lambda change: -change.level)
    return Diff(new.name, old.version, new.version, tuple(changes))
