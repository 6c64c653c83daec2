"""Reads `sharing.yaml` and the rule sets of clocks of a catalog folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.clocks import RuleSet
from schemas.messages import found
from schemas.models import read_model
from schemas.problems import Problem
from schemas.reading import read_yaml
from schemas.sharing import Sharing

SHARING = "sharing.yaml"
CLOCKS = "clocks"
SHIPPED = Path(__file__).parent / CLOCKS


def read_sharing(root: Path, problems: list[Problem]) -> Sharing | None:
    """`sharing.yaml` of a catalog folder; None without one, or with problems."""
    path = root / SHARING
    if not path.is_file():
        return None
    document = read_yaml(path, problems)
    return None if document is None else read_model(Sharing, document, path, problems)


def read_clocks(root: Path, problems: list[Problem]) -> dict[str, tuple[RuleSet, ...]]:
    """The rule sets by name, each in the order of their first days in force.

    Those of the catalog folder come to the ones that the hub brings, and replace one of the same
    name and day.
    """
    known = _sets(SHIPPED, []) | _sets(root / CLOCKS, problems)
    sets: dict[str, tuple[RuleSet, ...]] = {}
    for rules in sorted(known.values(), key=lambda one: one.effective):
        sets[rules.name] = (*sets.get(rules.name, ()), rules)
    return sets


def ignored_clocks(root: Path) -> Iterator[Problem]:
    """Files of the folder that nobody reads."""
    folder = root / CLOCKS
    for path in sorted(folder.rglob("*.y*ml")):
        if path.parent != folder or path.suffix != ".yaml":
            yield found(path, "", "question_ignored", folder=CLOCKS)


def _sets(folder: Path, problems: list[Problem]) -> dict[str, RuleSet]:
    sets = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_yaml(path, problems)
        rules = None if document is None else read_model(RuleSet, document, path, problems)
        if rules is None:
            continue
        if rules.key == path.stem:
            sets[rules.key] = rules
        else:
            problems.append(found(path, "name", "clocks_name", file=path.stem, name=rules.key))
    return sets
