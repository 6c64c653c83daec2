"""The cross-rules of a catalog: what no single file can get wrong alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemas.problems import Problem
from schemas.rules.departments import check_departments
from schemas.rules.directory import check_directory
from schemas.rules.fields import check_fields
from schemas.rules.linkage import check_linkage
from schemas.rules.pull import check_pull
from schemas.rules.quality import check_quality, check_runnable
from schemas.rules.questions import check_questions
from schemas.rules.reconcile import check_reconcile
from schemas.rules.scope import NO_VOCABULARY, Scope, Vocabulary
from schemas.rules.sharing import check_sharing

__all__ = ["NO_VOCABULARY", "RULES", "Scope", "Vocabulary", "check_catalog"]

RULES: tuple[Callable[[Scope], Iterator[Problem]], ...] = (
    check_departments,
    check_fields,
    check_quality,
    check_directory,
    check_pull,
    check_reconcile,
    check_linkage,
    check_questions,
    check_sharing,
)


def check_catalog(scope: Scope) -> list[Problem]:
    """All findings of all rules, without lines (see `reading.located`)."""
    problems = [problem for rule in RULES for problem in rule(scope)]
    # Last, and of contracts without any other error, whose rules would only say the same again.
    blamed = {problem.file for problem in problems if problem.severity == "error"}
    return problems + list(check_runnable(scope, blamed))
