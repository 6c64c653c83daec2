"""Reads department files and puts environment variables into their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.messages import found
from schemas.models import read_model
from schemas.problems import Problem
from schemas.properties import Department
from schemas.reading import read_yaml

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^{}]|\$\{[^{}]*\})*))?\}")
_SECRET_IN_URL = re.compile(r"://[^/@:\s{}]*:[^/@\s$]+@")


def read_departments(
    root: Path, names: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[str, Department | None]]:
    """Every `departments/<name>.yaml`; None stands for a file with problems."""
    for path in sorted((root / "departments").glob("*.yaml")):
        before = len(problems)
        document = read_yaml(path, problems)
        department = None
        if document is not None:
            _secrets(document, path, problems)
            _expand_addresses(document, names, path, problems)
            department = read_model(Department, document, path, problems)
        if department and department.name != path.stem:
            problems.append(
                found(path, "name", "department_name", file=path.stem, name=department.name)
            )
        sound = all(problem.severity == "warning" for problem in problems[before:])
        yield path.stem, department if sound else None


def expand(text: str, names: Mapping[str, str]) -> str:
    """Replace `${NAME}` and `${NAME:-default}`; raises KeyError for a name without a value."""

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if names.get(name):
            return names[name]
        if default is None:
            raise KeyError(name)
        return expand(default, names)

    return _VARIABLE.sub(value, text)


def _addresses(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, mapping) of everything with an address in a department's file."""
    inbox = document.get("inbox")
    inbox = inbox if isinstance(inbox, Mapping) else {}
    found = {
        "node": document.get("node"),
        "inbox.file": inbox.get("file"),
        "inbox.database": inbox.get("database"),
    }
    yield from ((place, value) for place, value in found.items() if isinstance(value, dict))


def _secrets(document: Mapping[str, Any], path: Path, problems: list[Problem]) -> None:
    for place, address in _addresses(document):
        password = address.get("password")
        if isinstance(password, str):
            variable = _VARIABLE.fullmatch(password)
            if variable is None or variable.group(2):
                problems.append(found(path, f"{place}.password", "password_literal"))
        if isinstance(address.get("url"), str) and _SECRET_IN_URL.search(address["url"]):
            problems.append(found(path, f"{place}.url", "password_literal"))


def _expand_addresses(
    document: dict[str, Any], names: Mapping[str, str], path: Path, problems: list[Problem]
) -> None:
    for place, address in _addresses(document):
        for key, text in address.items():
            if isinstance(text, str):
                try:
                    address[key] = expand(text, names)
                except KeyError as missing:
                    name = missing.args[0]
                    problems.append(found(path, f"{place}.{key}", "variable_unset", name=name))
