"""Reads the cross-checks and policies of a catalog folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from schemas.cache import Documents
from schemas.crosscheck import Question
from schemas.messages import found
from schemas.models import read_model
from schemas.problems import Problem
from schemas.reading import parse_yaml

CROSSCHECKS = "crosschecks"
POLICIES = "policies"
SUFFIX = ".yaml"

Asked = TypeVar("Asked", bound=Question)


def place_of(root: Path, folder: str, name: str) -> Path:
    """The file of a cross-check or policy."""
    return root / folder / f"{name}{SUFFIX}"


def read_questions(
    model: type[Asked], root: Path, folder: str, cache: Documents, problems: list[Problem]
) -> Iterator[tuple[str, Asked]]:
    """Every sound `<folder>/<name>.yaml`; what is wrong with the others is in `problems`."""
    for path in sorted((root / folder).glob(f"*{SUFFIX}")):
        asked = _read(model, path, cache, problems)
        if asked is None:
            continue
        if asked.name == path.stem:
            yield asked.name, asked
        else:
            problems.append(found(path, "name", "question_name", file=path.stem, name=asked.name))


def ignored_questions(root: Path) -> Iterator[Problem]:
    """Files of these folders that nobody reads."""
    for folder in (CROSSCHECKS, POLICIES):
        read = set((root / folder).glob(f"*{SUFFIX}"))
        for path in sorted([*(root / folder).rglob("*.yaml"), *(root / folder).rglob("*.yml")]):
            if path not in read:
                yield found(path, "", "question_ignored", folder=folder)


def _read(
    model: type[Asked], path: Path, cache: Documents, problems: list[Problem]
) -> Asked | None:
    data = path.read_bytes()
    document = cache.get(data)
    if document is None:
        before = len(problems)
        document = parse_yaml(data, path, problems)
        if document is None:
            return None
        if len(problems) == before:
            cache.put(data, document)
    return read_model(model, document, path, problems)
