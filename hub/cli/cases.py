"""Lists of cases, be they requests or objections: of one state, only those overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from hub.cli.context import Context

Overdue = Annotated[bool, typer.Option(help="Only those past their last day.")]


def known_state(state: str | None, states: type[StrEnum]) -> None:
    """Refuse a state that no case can have."""
    names = [one.value for one in states]
    if state is not None and state not in names:
        raise typer.BadParameter(f"one of {', '.join(names)}")


def show_cases(
    context: Context,
    rows: Sequence[dict[str, Any]],
    overdue: bool,
    words: Mapping[Any, str],
    columns: Mapping[str, str],
) -> None:
    """Print cases (`overdue`: those alone); people read the state in words, and who is late."""
    listed = [row for row in rows if row["overdue"] or not overdue]
    if not context.json:
        for row in listed:
            row["state"] = words[row["state"]]
            row["due"] = f"{row['due_on']} !" if row["overdue"] else row["due_on"]
    context.show(listed, columns)
