"""Keyed digests: they tell items apart in the ledger and give no personal value away."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from duckdb import DuckDBPyConnection

from hub.errors import SettingsError

FILE = "digest.key"
VARIABLE = "hub_digest_key"
PART = "\x1f"
SHORTEST = 32  # characters of a key


def digest_key(home: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The installation's secret: HUB_DIGEST_KEY, else a file of the home folder, made once.

    Raises `SettingsError` when the key is too short to be one.
    """
    key = environ.get("HUB_DIGEST_KEY") or _kept(home / FILE)
    if len(key) < SHORTEST:
        raise SettingsError(f"HUB_DIGEST_KEY must have at least {SHORTEST} characters")
    return key


def _kept(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, mine = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # its mode is 0600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    # Of two processes that make the first key at once, one wins and both read it.
    with suppress(FileExistsError):
        os.link(mine, path)
    Path(mine).unlink()
    return path.read_text(encoding="ascii").strip()


def digest(key: str, *parts: str) -> str:
    """SHA-256 of the key and the parts, in hex; equal to `digest_sql`."""
    return hashlib.sha256(PART.join((key, *parts)).encode()).hexdigest()


def bring_key(connection: DuckDBPyConnection, key: str) -> None:
    """Give a connection the key; it stands in no statement and in no message."""
    connection.execute(f"SET VARIABLE {VARIABLE} = ?", [key])


def digest_sql(*parts: str) -> str:
    """SQL of the same digest; `parts` are text expressions, null reads as empty."""
    texts = "".join(f" || chr(31) || coalesce({part}, '')" for part in parts)
    return f"sha256(getvariable('{VARIABLE}'){texts})"
