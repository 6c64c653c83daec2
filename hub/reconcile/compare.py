"""How two departments' values are held against each other: the registry of comparisons.

Each kind has two faces. `differs` lists a disagreement; `contradicts` says that two rows can
hardly speak of the same entity, and therefore forgives what clerks get wrong: a transposed day
and month, one wrong character in a name.
"""

from __future__ import annotations

from collections.abc import Callable

from hub.reconcile.normalise import NORMALISERS
from hub.reconcile.steps import chain
from schemas.contract import LogicalType
from schemas.properties import Comparison

LATIN_NAME_SIMILARITY = 0.88  # Jaro-Winkler; below, two Latin names are two persons
TEXT_SIMILARITY = 0.75


def comparable(expression: str, comparison: Comparison, logical: LogicalType, entity: str) -> str:
    """The form of a value in which the comparison looks at it."""
    if logical is not LogicalType.STRING or comparison.how in ("date", "number"):
        return expression
    if comparison.normaliser:
        # A number that is none has no normal form: then its own text is compared.
        formed = chain(NORMALISERS[comparison.normaliser].steps, expression)
        return f"coalesce({formed}, {expression})"
    if comparison.how == "name":
        kind = "person_name" if entity == "person" else "organisation_name"
        return chain(NORMALISERS[kind].steps, expression)
    if comparison.how == "text":
        return f"upper({chain(NORMALISERS['text'].steps, expression)})"
    return f"trim({expression})"


def differs(a: str, b: str, comparison: Comparison, logical: LogicalType, entity: str) -> str:
    """SQL: both are present and disagree; not true for nulls. Equal bytes are not looked into."""
    if comparison.how == "number" and comparison.tolerance:
        return f"({a} <> {b} AND abs({a} - {b}) > {comparison.tolerance!r})"
    if comparison.how == "date" and comparison.tolerance:
        return f"({a} <> {b} AND {_days(a, b)} > {comparison.tolerance!r})"
    left = comparable(a, comparison, logical, entity)
    right = comparable(b, comparison, logical, entity)
    if left == a:
        return f"({a} <> {b})"
    return f"({a} <> {b} AND coalesce({left} <> {right}, true))"


def contradicts(a: str, b: str, comparison: Comparison, logical: LogicalType, entity: str) -> str:
    """SQL: both are present and clearly not the same; false for nulls."""
    left = comparable(a, comparison, logical, entity)
    right = comparable(b, comparison, logical, entity)
    far = _FAR.get(comparison.how, _far_exact)(left, right, comparison)
    return f"CASE WHEN {a} <> {b} THEN coalesce({far}, false) ELSE false END"


def _days(a: str, b: str) -> str:
    return f"abs(datediff('day', CAST({a} AS DATE), CAST({b} AS DATE)))"


def _far_exact(a: str, b: str, comparison: Comparison) -> str:
    return f"{a} <> {b}"


def _far_number(a: str, b: str, comparison: Comparison) -> str:
    return f"abs({a} - {b}) > {comparison.tolerance!r}"


def _far_date(a: str, b: str, comparison: Comparison) -> str:
    one, two = f"CAST({a} AS DATE)", f"CAST({b} AS DATE)"
    transposed = (
        f"(year({one}) = year({two}) AND month({one}) = day({two}) AND day({one}) = month({two}))"
    )
    return f"{_days(a, b)} > {comparison.tolerance!r} AND NOT {transposed}"


def _sorted_words(text: str) -> str:
    return f"array_to_string(list_sort(string_split({text}, ' ')), ' ')"


def _far_name(a: str, b: str, comparison: Comparison) -> str:
    latin = f"regexp_matches({a}, '[A-Z]') OR regexp_matches({b}, '[A-Z]')"
    similar = f"jaro_winkler_similarity({_sorted_words(a)}, {_sorted_words(b)})"
    return (
        f"CASE WHEN {latin} THEN {similar} < {LATIN_NAME_SIMILARITY} "
        f"ELSE levenshtein({a}, {b}) > greatest(length({a}), length({b})) // 3 END"
    )


def _far_text(a: str, b: str, comparison: Comparison) -> str:
    return f"jaro_winkler_similarity({a}, {b}) < {TEXT_SIMILARITY}"


_FAR: dict[str, Callable[[str, str, Comparison], str]] = {
    "exact": _far_exact,
    "codelist": _far_exact,
    "number": _far_number,
    "date": _far_date,
    "name": _far_name,
    "text": _far_text,
}
