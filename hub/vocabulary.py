"""The names that contracts may use and that other packages define, for `schemas.rules`."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connectors.registry import OPENERS
from schemas.contract import Catalog, Supply
from schemas.rules import Vocabulary
from schemas.sharing import Way

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
    from hub.channels.registry import OPENERS as CHANNELS
    from hub.crosscheck.binding import question_faults
    from hub.reconcile.normalise import NORMALISERS
    from quality.identifiers import IDENTIFIERS, Reference, uscc

    reference = Reference(datetime.now(UTC).date())
    return Vocabulary(
        identifiers={kind: [v.name for v in verdicts] for kind, verdicts in IDENTIFIERS.items()},
        normalisers=frozenset(NORMALISERS),
        schemes=frozenset(OPENERS) | frozenset(DIALECTS),
        channels={
            way.value: {scheme for of, scheme in CHANNELS if of is way}
            for way in (Way.FILE, Way.DATABASE)
        },
        valid_uscc=lambda code: bool(uscc.check_digit(code, reference)),
        sql_fault=sql_fault,
        rule_fault=rule_fault,
        question_faults=question_faults,
    )


def rule_fault(supply: Supply, catalog: Catalog) -> tuple[str, str] | None:
    """Place and reason of the first rule that the check room would refuse, or None."""
    from quality.compile import compile_rule
    from quality.compile.forms import Context
    from quality.errors import RuleError
    from quality.rules import rules_of

    context = Context(supply, catalog, date.max)
    try:
        for rule in rules_of(supply, catalog):
            compile_rule(rule, context)
    except RuleError as error:
        return error.path, error.reason
    return None


def sql_fault(condition: str) -> str | None:
    """Why a text is not one SQL condition, or None."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse(f"SELECT 1 WHERE ({condition}\n)", read="duckdb")
    except SqlglotError as error:
        return str(error).splitlines()[0]
    return None if len(parsed) == 1 else "more than one statement"
