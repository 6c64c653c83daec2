"""Ways in which a compiled rule can be broken: each gives the broken rule and its broken test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from quality.compile import compile_rule
from quality.compile.forms import Form, RowsTest, RowTest, TableTest, UniqueTest
from quality.errors import RuleError
from quality.identifiers import IDENTIFIERS
from quality.rule import Rule
from tests.quality.landed import CONTEXT, a_rule

Mutant = tuple[str, Rule, Form]
Kwargs = dict[str, Any]

TOKENS = {
    ">=": ">",
    "<=": "<",
    " > ": " >= ",
    " < ": " <= ",
    " = ": " <> ",
    " AND ": " OR ",
    " OR ": " AND ",
    "IS NOT NULL": "IS NULL",
    "IS NULL": "IS NOT NULL",
    "IS NOT DISTINCT FROM": "=",
    "IS DISTINCT FROM": "<>",
    "NOT ": "",
    " IN (": " NOT IN (",
    "count(DISTINCT ": "count(",
    "min(": "max(",
    "max(": "min(",
    "sum(": "max(",
    " + ": " - ",
    "length(": "strlen(",
    "lag(": "lead(",
    "DESC": "ASC",
}
TEXTS = ("a", "b")


def mutants(kind: str, kwargs: Kwargs) -> Iterator[Mutant]:
    """All broken versions of one rule, each named by what was broken."""
    rule = a_rule(kind, kwargs)
    form = compile_rule(rule, CONTEXT)
    if form is None:
        return
    for name, changed in _arguments(kind, kwargs):
        other = a_rule(kind, changed)
        try:
            broken = compile_rule(other, CONTEXT)
        except RuleError:
            continue
        if broken is not None:
            yield name, other, broken
    # The texts of a row condition are the condition's own affair.
    spelt = "row_condition" not in kwargs
    for name, broken in _forms(kind, form, kwargs, spelt):
        yield name, rule, broken


def _arguments(kind: str, kwargs: Kwargs) -> Iterator[tuple[str, Kwargs]]:
    """An argument is ignored, or read as a neighbouring one."""
    if kwargs.get("mostly", 1.0) < 1.0:
        yield "ignore mostly", {k: v for k, v in kwargs.items() if k != "mostly"}
    if "row_condition" in kwargs:
        kept = ("row_condition", "condition_parser")
        yield "ignore row_condition", {k: v for k, v in kwargs.items() if k not in kept}
    for key in ("strict_min", "strict_max", "or_equal", "strictly", "exact_match", "ties_okay"):
        if kwargs.get(key) is not None:
            yield f"flip {key}", kwargs | {key: not kwargs[key]}
    for key in ("min_value", "max_value", "value", "sum_total", "as_of"):
        for name, step in (("raise", 1), ("lower", -1)):
            if kwargs.get(key) is not None:
                yield f"{name} {key}", kwargs | {key: _moved(kwargs[key], step)}
    for key in ("min_value", "max_value"):
        if kwargs.get("min_value") is not None and kwargs.get("max_value") is not None:
            yield f"ignore {key}", {k: v for k, v in kwargs.items() if k != key}
    for key in ("value_set", "value_pairs_set", "regex_list", "like_pattern_list", "column_set"):
        if kwargs.get(key):
            yield f"drop the last of {key}", kwargs | {key: kwargs[key][:-1]}
            yield f"drop the first of {key}", kwargs | {key: kwargs[key][1:]}
    for key in ("column_index", "ignore_row_if"):
        if key in kwargs:
            yield f"ignore {key}", {k: v for k, v in kwargs.items() if k != key}
    if kwargs.get("match_on"):
        other = "all" if kwargs["match_on"] == "any" else "any"
        yield "swap match_on", kwargs | {"match_on": other}
    if len(kwargs.get("column_list", ())) > 1:
        yield "drop the last column", kwargs | {"column_list": kwargs["column_list"][:-1]}
    if {"column_A", "column_B"} <= kwargs.keys() and kwargs.get("value_pairs_set") != []:
        yield (
            "swap the columns",
            kwargs
            | {
                "column_A": kwargs["column_B"],
                "column_B": kwargs["column_A"],
            },
        )
    for key in ("birth_date", "sex"):
        if kwargs.get(key):
            yield f"ignore {key}", {k: v for k, v in kwargs.items() if k != key}
    if kwargs.get("verdict"):
        known = [
            v.name for v in IDENTIFIERS[kind.removeprefix("expect_column_values_to_be_valid_")]
        ]
        for verdict in known:
            if verdict != kwargs["verdict"]:
                yield f"judge {verdict}", kwargs | {"verdict": verdict}


def _moved(value: Any, step: int) -> Any:
    if isinstance(value, str):
        day = date.fromisoformat(value[:10]) + timedelta(days=step)
        return day.isoformat() + value[10:]
    return value + (step if isinstance(value, int) else step / 4)


def _forms(kind: str, form: Form, kwargs: Kwargs, spelt: bool) -> Iterator[tuple[str, Form]]:
    match form:
        case RowTest():
            yield "negate", replace(form, failing=f"(NOT {form.failing})")
            yield "never fail", replace(form, failing="FALSE")
            yield "always fail", replace(form, failing="TRUE")
            if form.counted is not None:
                yield "null fails", replace(form, failing=f"coalesce({form.failing}, TRUE)")
            if form.domain is not None:
                yield "ignore the domain", replace(form, domain=None)
                guard = f"({form.domain} AND "
                if form.failing.startswith(guard):
                    bare = "(" + form.failing.removeprefix(guard)
                    yield "drop the guard", replace(form, failing=f"coalesce({bare}, TRUE)")
            for name, sql in _texts(form.failing, kind, kwargs) if spelt else ():
                yield name, replace(form, failing=sql)
        case RowsTest():
            yield "never fail", replace(form, select=f"SELECT * FROM ({form.select}) WHERE FALSE")
            yield "always fail", replace(form, select="SELECT _row FROM landing")
            if form.domain is not None:
                yield "ignore the domain", replace(form, domain=None)
            for name, sql in _texts(form.select, kind, kwargs) if spelt else ():
                yield name, replace(form, select=sql)
        case UniqueTest():
            if form.domain is not None:
                yield "ignore the domain", replace(form, domain=None)
            yield "nothing is in the domain", replace(form, domain="FALSE")
            if len(form.columns) > 1:
                yield "drop the last column of the form", replace(form, columns=form.columns[:-1])
        case TableTest():
            yield "negate", replace(form, judge=_judged(form, lambda success: not success))
            yield "always hold", replace(form, judge=_judged(form, lambda success: True))
            yield "never hold", replace(form, judge=_judged(form, lambda success: False))
            for name, sql in _texts(form.select, kind, kwargs) if spelt else ():
                yield name, replace(form, select=sql)


def _about(column: str, kwargs: Kwargs) -> bool:
    return column in (kwargs.get(key) for key in ("column", "column_A", "column_B")) or (
        column in kwargs.get("column_list", ())
    )


def _judged(form: TableTest, turn: Callable[[bool], bool]) -> Any:
    def judge(row: tuple[Any, ...]) -> tuple[bool, Any]:
        success, observed = form.judge(row)
        return turn(success), observed

    return judge


def _texts(sql: str, kind: str, kwargs: Kwargs) -> Iterator[tuple[str, str]]:
    textual = any(part in kind for part in ("set", "match", "equal", "codelist", "exist_in"))
    for column in TEXTS if textual and "length" not in kind else ():
        if f'"{column}"' in sql and _about(column, kwargs):
            yield "ignore case", sql.replace(f'"{column}"', f'lower("{column}")')
            if "column" in kwargs:
                yield "trim", sql.replace(f'"{column}"', f'trim("{column}", chr(10) || chr(32))')
    if "valid_" in kind or "resident_number" in kind:  # formulas: broken by their own names below
        if "translate(" in sql and "resident" in kind:
            yield "do not fold", sql.replace("translate(", "concat_ws('|', ")
        for alphabet in ("10X98765432", "0X987654321", "0123456789ABCDEFGHJKLMNPQRTUWXY"):
            if f"'{alphabet}'" in sql:
                yield f"spoil {alphabet}", sql.replace(f"'{alphabet}'", f"'{alphabet[::-1]}'")
        for token in (
            "ELSE '1'",
            "'18'",
            "'19'",
            "% 11",
            "% 31",
            "* 7",
            "* 3",
        ):
            if token in sql:
                worse = re.sub(r"\d+", lambda m: str(int(m[0]) + 1), token)
                yield f"{token} -> {worse}", sql.replace(token, worse)
        return
    for token, other in TOKENS.items():
        for place, found in enumerate(re.finditer(re.escape(token), sql)):
            if sql[found.end() :].startswith("isnan("):
                continue  # only NaN would tell, which no file of JSON holds
            yield (
                f"{token!r} {place} -> {other!r}",
                sql[: found.start()] + other + sql[found.end() :],
            )
