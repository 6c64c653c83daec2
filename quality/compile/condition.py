"""Row conditions as SQL: the part of pandas' and Great Expectations' syntax that is sure.

Both syntaxes are Python expressions; anything beyond comparisons of a column with constants,
membership, null tests, and/or/not is left to Great Expectations.
"""

from __future__ import annotations

import ast
from typing import Any

from quality import sql
from quality.compile.forms import BadArgument, Context, Uncompilable, is_float, missing, present
from quality.compile.values import literal, literals, same_kind
from schemas.contract import Field

_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_NULLS = {"isnull": True, "isna": True, "notnull": False, "notna": False, "notNull": False}


def condition_sql(kwargs: dict[str, Any], context: Context) -> str | None:
    """The condition of a rule as a predicate that is never NULL; None where there is none."""
    condition = kwargs.get("row_condition")
    if condition is None:
        return None
    if not isinstance(condition, str):
        raise Uncompilable("row condition")
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except SyntaxError:
        raise Uncompilable("row condition") from None
    return _expression(tree.body, context)


def _expression(node: ast.expr, context: Context) -> str:
    match node:
        case ast.BoolOp(op=operator, values=values):
            word = " AND " if isinstance(operator, ast.And) else " OR "
            return "(" + word.join(_expression(value, context) for value in values) + ")"
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as operator, right=right):
            # & and | bind tighter than comparisons: only bracketed comparisons are sure.
            word = "AND" if isinstance(operator, ast.BitAnd) else "OR"
            return f"({_expression(left, context)} {word} {_expression(right, context)})"
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return f"(NOT {_expression(operand, context)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _comparison(_column(left, context), operator, right)
        case ast.Call(func=ast.Attribute(value=of, attr=method), args=[], keywords=[]) if (
            method in _NULLS
        ):
            field = _column(of, context)
            return missing(field) if _NULLS[method] else present(field)
    raise Uncompilable("row condition")


def _column(node: ast.expr, context: Context) -> Field:
    match node:
        case ast.Name(id=name):
            return _known(name, context)
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str(name))], keywords=[]):
            return _known(name, context)
    raise Uncompilable("row condition")


def _known(name: str, context: Context) -> Field:
    return context.field(name)


def _comparison(field: Field, operator: ast.cmpop, right: ast.expr) -> str:
    try:
        value = ast.literal_eval(right)
    except ValueError:
        raise Uncompilable("row condition") from None
    column = sql.name(field.name)
    if isinstance(operator, ast.In | ast.NotIn):
        if not isinstance(value, list | tuple) or not all(_sure(v, field) for v in value):
            raise Uncompilable("row condition")
        inside = f"coalesce({sql.member(column, _literals(list(value), field))}, FALSE)"
        return inside if isinstance(operator, ast.In) else f"(NOT {inside})"
    if not _sure(value, field):
        raise Uncompilable("row condition")
    written = _literals([value], field)[0]
    if isinstance(operator, ast.Eq):
        return f"({column} IS NOT DISTINCT FROM {written})"
    if isinstance(operator, ast.NotEq):
        return f"({column} IS DISTINCT FROM {written})"
    sign = _ORDER.get(type(operator))
    if sign is None:
        raise Uncompilable("row condition")
    bare = f"coalesce({column} {sign} {written}, FALSE)"
    return f"({bare} AND {present(field)})" if is_float(field) else bare


def _sure(value: Any, field: Field) -> bool:
    """Strings against dates are decided by pandas' own rules: not here."""
    dated = field.type.logical in ("date", "timestamp")
    return value is not None and same_kind(value, field) and not dated


def _literals(values: list[Any], field: Field) -> list[str]:
    try:
        return literals(values, field) if len(values) != 1 else [literal(values[0], field)]
    except BadArgument:
        raise Uncompilable("row condition") from None
