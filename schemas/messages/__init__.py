"""Every finding about a catalog: its code, its severity and its sentence in both languages."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from schemas.messages import catalog, questions, reading, sharing, tables
from schemas.messages.message import Message
from schemas.problems import Problem

SECTIONS: dict[str, dict[str, Message]] = {
    "YAML": reading.READING,
    "ODCS": reading.ODCS,
    "Custom properties": reading.PROPERTIES,
    "Fields": tables.FIELDS,
    "Quality": tables.QUALITY,
    "Departments": catalog.DEPARTMENTS,
    "Code lists": catalog.CODELISTS,
    "目录": catalog.DIRECTORY,
    "Pull": catalog.PULL,
    "Reconcile": catalog.RECONCILE,
    "Cross-checks and policies": questions.QUESTIONS,
    "Sharing": sharing.SHARING,
}


def _all() -> dict[str, Message]:
    messages: dict[str, Message] = {}
    for section in SECTIONS.values():
        if twice := messages.keys() & section.keys():
            raise ValueError(f"messages defined twice: {sorted(twice)}")
        messages |= section
    return messages


MESSAGES = _all()


def found(file: Path, path: str, code: str, /, line: int = 0, **values: object) -> Problem:
    """The finding `code` at one place; `values` fill the names of its sentences."""
    message = MESSAGES[code]
    return Problem(
        file=file,
        line=line,
        path=path,
        code=code,
        message_en=message.en.format(**values),
        message_zh=message.zh.format(**values),
        severity=message.severity,
    )


def guess(name: str, known: Collection[str]) -> dict[str, Any]:
    """`hint_en` and `hint_zh`: the known name that was probably meant, or nothing."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if not near:
        near = [other for other in known if other.lower() == name.lower()][:1]
    return {
        "hint_en": f"; did you mean {near[0]!r}?" if near else "",
        "hint_zh": f"；是否应为 {near[0]!r}？" if near else "",
    }
