"""Where the hub lives and how much of the machine it may use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """All settings; `from_environment` reads them, tests build them."""

    home: Path
    catalog: Path
    ledger_url: str  # SQLAlchemy URL without a password
    memory_mb: int = 2000  # of one DuckDB connection; it spills to disk beyond
    threads: int = 2
    question_s: int = 600  # longest time of one cross-check or policy
    signature: str = "ed25519"  # how a new signing key signs: ed25519 or sm2


def settings(
    home: Path | None = None,
    catalog: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings from arguments first, then from HUB_HOME, HUB_CATALOG, HUB_LEDGER_URL,
    HUB_MEMORY_MB, HUB_THREADS, HUB_QUESTION_S and HUB_SIGNATURE; raises `SettingsError` for what is
    no number."""
    where = Path(home or environ.get("HUB_HOME") or ".hub").absolute()
    return Settings(
        home=where,
        catalog=Path(catalog or environ.get("HUB_CATALOG") or REPOSITORY / "schemas").absolute(),
        ledger_url=environ.get("HUB_LEDGER_URL") or f"sqlite:///{where / 'ledger.db'}",
        memory_mb=_positive(environ, "HUB_MEMORY_MB", 2000),
        threads=_positive(environ, "HUB_THREADS", min(os.cpu_count() or 1, 8)),
        question_s=_positive(environ, "HUB_QUESTION_S", 600),
        signature=environ.get("HUB_SIGNATURE") or "ed25519",
    )


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{name} must be a whole number above 0, found {text!r}")
    return int(text)
