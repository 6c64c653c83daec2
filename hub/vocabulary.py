"""The names that contracts may use and that other packages define, for `schemas.rules`."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.registry import OPENERS
from schemas.rules import Vocabulary

DIALECTS = (
    "dm",
    "gaussdb",
    "hive",
    "kingbase",
    "mssql",
    "oceanbase",
    "opengauss",
    "oracle",
    "tidb",
)
"""SQLAlchemy dialects that front ends are known to need; a package of their own brings each."""


def vocabulary() -> Vocabulary:
    """Everything that a contract's names can be held against."""
    from hub.reconcile.normalise import NORMALISERS
    from quality.identifiers import IDENTIFIERS, Reference, uscc

    reference = Reference(datetime.now(UTC).date())
    return Vocabulary(
        identifiers=frozenset(IDENTIFIERS),
        normalisers=frozenset(NORMALISERS),
        schemes=frozenset(OPENERS) | frozenset(DIALECTS),
        valid_uscc=lambda code: bool(uscc.check_digit(code, reference)),
        sql_fault=sql_fault,
    )


def sql_fault(condition: str) -> str | None:
    """Why a text is not one SQL condition, or None."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse(f"SELECT 1 WHERE ({condition}\n)", read="duckdb")
    except SqlglotError as error:
        return str(error).splitlines()[0]
    return None if len(parsed) == 1 else "more than one statement"
