"""Rules in the order in which they are read: what fails first, what holds added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.report.document import RuleLine

FAILING, SUPPLIES, FIELDS = 300, 200, 1500  # lines of each kind that a page shows
SEVERITIES = ("error", "warning", "info")
SAID = 400  # passing rules up to which each is said in words


@dataclass(frozen=True)
class Field:
    """The rules that hold on some fields of a supply."""

    fields: tuple[str, ...]
    rules: tuple[RuleLine, ...]

    @property
    def evaluated(self) -> int:
        return sum(rule.evaluated for rule in self.rules)

    @property
    def idle(self) -> int:
        """Rules that found nothing to look at."""
        return sum(rule.evaluated == 0 for rule in self.rules)


@dataclass(frozen=True)
class Supply:
    """The rules that hold on one supply."""

    name: str
    fields: tuple[Field, ...]
    rules: int
    evaluated: int
    hidden: int  # fields that are not shown


@dataclass(frozen=True)
class Rules:
    failing: tuple[tuple[str, tuple[RuleLine, ...]], ...]  # per severity, the gravest first
    failing_hidden: int
    broken: int  # rules that fail
    informing: int  # rules that would fail, but only inform
    tolerated: int  # rules that hold although some rows break them
    passing: tuple[Supply, ...]
    passing_hidden: int
    passing_rules: int
    said: bool  # whether passing rules are few enough to be said one by one


def arranged(rules: Sequence[RuleLine]) -> Rules:
    """Failing rules by severity, then as the document orders them; those that hold per supply and
    field; all of it capped."""
    failing = [rule for rule in rules if not rule.success or rule.failed]
    passing = [rule for rule in rules if rule.success and not rule.failed]
    supplies: dict[str, dict[tuple[str, ...], list[RuleLine]]] = {}
    for rule in passing:
        supplies.setdefault(rule.supply, {}).setdefault(rule.fields, []).append(rule)
    shown, room = [], FIELDS
    for name, fields in list(supplies.items())[:SUPPLIES]:
        lines = [Field(names, tuple(listed)) for names, listed in fields.items()]
        shown.append(
            Supply(
                name=name,
                fields=tuple(lines[:room]),
                rules=sum(len(line.rules) for line in lines),
                evaluated=sum(line.evaluated for line in lines),
                hidden=max(len(lines) - room, 0),
            )
        )
        room = max(room - len(lines), 0)
    return Rules(
        failing=_by_severity(failing),
        broken=sum(not rule.success and rule.severity != "info" for rule in failing),
        informing=sum(not rule.success and rule.severity == "info" for rule in failing),
        tolerated=sum(rule.success for rule in failing),
        failing_hidden=max(len(failing) - FAILING, 0),
        passing=tuple(shown),
        passing_hidden=max(len(supplies) - SUPPLIES, 0),
        passing_rules=len(passing),
        said=len(passing) <= SAID,
    )


def _by_severity(failing: Sequence[RuleLine]) -> tuple[tuple[str, tuple[RuleLine, ...]], ...]:
    known = [*SEVERITIES, *sorted({rule.severity for rule in failing} - set(SEVERITIES))]
    groups, room = [], FAILING
    for level in known:
        lines = [rule for rule in failing if rule.severity == level][:room]
        room -= len(lines)
        if lines:
            groups.append((level, tuple(lines)))
    return tuple(groups)
