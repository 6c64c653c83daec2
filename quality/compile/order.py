"""Expectations about a value and the one before it, in the order of the landed rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quality import sql
from quality.compile.condition import condition_sql
from quality.compile.forms import Context, RowsTest, Uncompilable, is_number, present

Kwargs = dict[str, Any]


def _in_order(sign: str) -> Callable[[Kwargs, Context], RowsTest]:
    def build(kwargs: Kwargs, context: Context) -> RowsTest:
        field = context.field(kwargs["column"])
        if not is_number(field):
            raise Uncompilable("pandas subtracts; only numbers are sure")
        condition = condition_sql(kwargs, context)
        domain = present(field) + (f" AND {condition}" if condition else "")
        column = sql.name(field.name)
        before = f"lag({column}) OVER (ORDER BY _row)"
        good = f"{column} {sign}{'' if kwargs.get('strictly') else '='} before"
        pairs = f"SELECT _row, {column}, {before} AS before FROM landing WHERE {domain}"
        return RowsTest(f"SELECT _row FROM ({pairs}) AS pairs WHERE NOT ({good})", domain)

    return build


increasing = _in_order(">")
decreasing = _in_order("<")
