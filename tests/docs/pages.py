"""The documentation as data: titled code blocks, tables, headings and `hub` commands."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CATALOG = ("departments/", "contracts/", "codelists/", "crosschecks/", "policies/")
_FENCE = re.compile(r"^```(\w*)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block; `title` is the file that it is, or empty."""

    language: str
    title: str
    text: str


def read(name: str) -> str:
    """A page by its path below the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """All fenced blocks in their order."""
    return [Block(*found.groups(default="")) for found in _FENCE.finditer(text)]


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    """The headings of a page, without their marks."""
    return re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)


def tables(text: str) -> list[list[dict[str, str]]]:
    """The tables of a page, each a list of rows by column."""
    found: list[list[dict[str, str]]] = []
    lines: list[list[str]] = []
    for line in [*prose(text).splitlines(), ""]:
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif lines:
            head, _, *rows = lines
            found.append([dict(zip(head, row, strict=True)) for row in rows])
            lines = []
    return found


def table_of(text: str, *columns: str) -> list[dict[str, str]]:
    """The rows of all tables that have exactly these columns."""
    return [row for table in tables(text) for row in table if tuple(row) == columns]


def commands(text: str) -> Iterator[list[str]]:
    """Every `hub …` command line in shell blocks and in backquotes, as words after `hub`."""
    lines = [line for b in blocks(text) if b.language == "sh" for line in b.text.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", prose(text))
    for line in lines:
        found = re.match(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?hub( .+|)$", line.strip())
        if found:
            yield shlex.split(found.group(1), comments=True)


def lay_out(text: str, catalog: Path, home: Path) -> None:
    """Put every titled block of a page where the page says that it belongs."""
    for block in blocks(text):
        if not block.title:
            continue
        if block.language == "sql":
            home.mkdir(parents=True, exist_ok=True)
            with sqlite3.connect(home / block.title) as database:
                database.executescript(block.text)
            database.close()
            continue
        inside = block.title.startswith(CATALOG)
        path = (catalog if inside else home) / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
