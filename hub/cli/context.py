"""What every command knows: where the hub lives, and how to answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.ledger.audit import Act, Shown, Value
    from hub.opened import Hub

PIPE_COLUMNS = 160
SUBJECT = 160  # characters, as wide as the audit log keeps it
BY_CHARACTERS = 120  # of the name of who decides or sends; as wide as the ledger keeps it


@dataclass(frozen=True)
class Context:
    """The global options."""

    home: Path
    catalog_root: Path
    json: bool

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """The open hub of this home folder."""
        from hub.opened import open_hub

        with open_hub(self.home, self.catalog_root) as opened:
            yield opened

    def viewing(
        self, hub: Hub, what: Shown, subject: str, department: str | None = None, **detail: Value
    ) -> None:
        """Note in the audit log that this user is about to see personal data."""
        from hub.proof import viewed

        named = typed(subject, "a name", SUBJECT)
        viewed(hub, what, named, by=who(""), department=department, **detail)

    def acting(self, hub: Hub, act: Act, subject: str, names: list[str]) -> None:
        """Note in the audit log what this user is about to have the hub do."""
        from hub.ledger.audit import note_act

        told = [typed(name, "a name", SUBJECT) for name in names]
        with hub.ledger.writing() as connection:
            note_act(connection, act, subject=subject, by=who(""), at=hub.now(), names=told)

    def show(
        self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str = ""
    ) -> None:
        """Print rows: JSON with every key, or a table of `columns` (key -> heading)."""
        if self.json:
            self.show_json(list(rows))
            return
        from rich.console import Console
        from rich.table import Table

        # A pipe has no width of its own: rows stay whole for whoever reads it.
        # What people typed is shown as typed: "[/b]" is no markup.
        width = None if sys.stdout.isatty() else PIPE_COLUMNS
        console = Console(width=width, markup=False, emoji=False)
        table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
        for heading in columns.values():
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(_text(row.get(key)) for key in columns))
        console.print(table)
        if not rows:
            console.print("(none 无)")

    def show_json(self, value: Any) -> None:
        """Print one JSON document."""
        print(json.dumps(value, ensure_ascii=False, indent=1, default=str))

    def say(self, text: str) -> None:
        """Print a sentence; silent where a machine reads."""
        if not self.json:
            print(text)


def typed(text: str, what: str, most: int | None = None) -> str:
    """What a person typed, fit for the ledger; raises `SettingsError`.

    A terminal of another encoding hands over bytes that are no text. `most` is in characters.
    """
    from hub.errors import SettingsError

    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SettingsError(f"{what} is not UTF-8: set the terminal to UTF-8") from error
    if most is not None and len(text) > most:
        raise SettingsError(f"{what} has {len(text)} characters; the ledger takes {most}")
    return text


def who(by: str) -> str:
    """Who decides, for the ledger: as typed with `--by`, else the user of the machine."""
    import getpass

    return typed(by, "--by", BY_CHARACTERS) or getpass.getuser()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
