"""What an officer types with every act on sharing: their name, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.context import BY_CHARACTERS, typed

By = Annotated[str, typer.Option(help="The officer who does this; see departments/*.yaml.")]
REASON_CHARACTERS = 1000


def officer(by: str) -> str:
    """The name as the ledger takes it; raises `SettingsError`."""
    return typed(by, "--by", BY_CHARACTERS)


def why(reason: str, option: str = "--reason") -> str:
    """The reason as the ledger takes it; raises `SettingsError`."""
    return typed(reason, option, REASON_CHARACTERS)
