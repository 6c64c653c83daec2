"""Row conditions as SQL: the part of pandas' and Great Expectations' syntax that is sure.

Both syntaxes are Python expressions, and condition objects say the same. Anything beyond
comparisons of a column with constants, membership, null tests, and/or/not is left to Great
Expectations.
"""

from __future__ import annotations

import ast
from typing import Any

from quality import sql
from quality.compile.forms import BadArgument, Context, Uncompilable, is_float, missing, present
from quality.compile.values import literal, literals, same_kind
from schemas.contract import Field

_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_NULLS = {"isnull": True, "isna": True, "notnull": False, "notna": False}
_OPERATORS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "IN": ast.In(),
    "NOT_IN": ast.NotIn(),
}
GX_PARSERS = ("great_expectations", "great_expectations__experimental__")


def condition_sql(kwargs: dict[str, Any], context: Context) -> str | None:
    """The condition of a rule as a predicate that is never NULL; None where there is none."""
    condition = kwargs.get("row_condition")
    parser = kwargs.get("condition_parser")
    if parser not in (None, "pandas", *GX_PARSERS):
        raise BadArgument(f"condition_parser {parser!r}: pandas or great_expectations")
    if condition is None:
        return None
    if isinstance(condition, dict):
        return _object(condition, context)
    if not isinstance(condition, str):
        raise BadArgument("row_condition must be text or a condition object")
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise Uncompilable("row condition") from None
    if parser in GX_PARSERS:
        return _sentence(tree.body, context)
    return _expression(tree.body, context)


def _sentence(node: ast.expr, context: Context) -> str:
    """The Great Expectations syntax: one comparison or null test of one `col("…")`."""
    match node:
        case ast.Compare(left=ast.Call(), ops=[operator], comparators=[right]) if not isinstance(
            operator, ast.In | ast.NotIn
        ):
            return _comparison(_called(node.left, context), operator, right)
        case ast.Call(func=ast.Attribute(value=of, attr="notNull" | "notnull"), args=[]):
            return present(_called(of, context))
    raise Uncompilable("row condition")


def _called(node: ast.expr, context: Context) -> Field:
    match node:
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str(name))], keywords=[]):
            return context.field(name)
    raise Uncompilable("row condition")


def _object(condition: dict[str, Any], context: Context, inside: str = "") -> str:
    """A condition object as Great Expectations writes it in JSON."""
    kind = condition.get("type")
    if kind in ("and", "or"):
        if kind == "or" and inside:
            raise Uncompilable("Great Expectations refuses an OR inside of a condition")
        parts = condition.get("conditions")
        if not isinstance(parts, list) or not parts:
            raise Uncompilable("row condition")
        return f"({f' {kind.upper()} '.join(_object(p, context, kind) for p in parts)})"
    if kind == "pass_through" and not inside:
        passed = {"row_condition": condition.get("pass_through_filter")}
        return condition_sql(passed, context) or "TRUE"
    column = condition.get("column")
    field = context.field(column.get("name") if isinstance(column, dict) else column)
    if kind == "nullity":
        return missing(field) if condition.get("is_null") else present(field)
    operator = _OPERATORS.get(str(condition.get("operator")))
    if kind != "comparison" or operator is None:
        raise Uncompilable("row condition")
    try:
        written = ast.parse(repr(condition.get("parameter")), mode="eval").body
    except SyntaxError:
        raise Uncompilable("row condition") from None
    return _comparison(field, operator, written)


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
        case ast.Compare(left=ast.Name(id=name), ops=[operator], comparators=[right]):
            return _comparison(context.field(name), operator, right)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[], keywords=[]
        ) if method in _NULLS:
            field = context.field(name)
            return missing(field) if _NULLS[method] else present(field)
    raise Uncompilable("row condition")


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
