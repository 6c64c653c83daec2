"""Great Expectations over the landing: keys of all failing rows, never their values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quality import sql
from quality.compile.forms import BadArgument, Context, is_float, is_number, is_text
from quality.compile.values import typed
from quality.expectations.standalone import IN_FORCE, standalone
from quality.identifiers import IDENTIFIERS
from quality.rule import Outcome, Rule
from schemas.contract import Supply

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

CHUNK_ROWS = 100_000
ROW_BY_ROW = frozenset(
    {
        "expect_column_values_to_be_dateutil_parseable",
        "expect_column_values_to_be_json_parseable",
        "expect_column_values_to_match_json_schema",
        "expect_column_values_to_match_strftime_format",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_match_regex_list",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_multicolumn_sum_to_equal",
        "expect_multicolumn_values_to_be_equal",
        "expect_select_column_values_to_be_unique_within_record",
        "expect_column_values_to_be_in_codelist",
        "expect_column_values_to_exist_in_supply",
        "expect_column_values_to_be_division_in_force",
        "expect_column_pair_values_to_be_division_in_force",
        "expect_resident_number_to_agree",
        *(f"expect_column_values_to_be_valid_{kind}" for kind in IDENTIFIERS),
    }
)
"""Types that look at one row at a time: a table can be cut between rows without changing them."""

ABOUT_COLUMNS = ("expect_table_column", "expect_column_to_exist")

KEYS = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["_row"],
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


def great_expectations() -> Any:
    """The library, imported late (5 s), without analytics or progress bars."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    import quality.expectations.ours as ours

    ours.register()
    return gx


def expectation(rule_type: str, kwargs: dict[str, Any]) -> Any:
    """An expectation object of Great Expectations; raises what it raises on wrong arguments."""
    great_expectations()
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(rule_type)(**kwargs)


def problem_of(rule: Rule) -> str | None:
    """Why Great Expectations would not take the rule; None when it does."""
    from great_expectations.exceptions import ExpectationNotFoundError

    try:
        expectation(rule.type, rule.kwargs)
    except ExpectationNotFoundError:
        return f"there is no expectation {rule.type}"
    except Exception as error:  # pydantic of either version, and the library's own
        return f"{rule.type}: {_first_line(error)}"
    return None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:3]) or type(error).__name__


class Session:
    """One in-memory Great Expectations context, made once per check."""

    def __init__(self) -> None:
        gx = great_expectations()
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = self.context.data_sources.add_pandas("landing").add_dataframe_asset("landing")
        self.batches = asset.add_batch_definition_whole_dataframe("landing")

    def validate(self, frame: pd.DataFrame, rule_type: str, kwargs: dict[str, Any]) -> Any:
        """The validation result of one expectation on one frame that has a column `_row`."""
        batch = self.batches.get_batch({"dataframe": frame})
        return batch.validate(expectation(rule_type, kwargs), result_format=KEYS)


def run_expectations(
    connection: duckdb.DuckDBPyConnection,
    context: Context,
    rules: dict[int, Rule],
    rows: int,
    session: Session | None = None,
) -> dict[int, Outcome]:
    """Run rules that do not compile over `landing`; failing rows are added to `broken`."""
    if not rules:
        return {}
    session = session or Session()
    outcomes = {}
    for number, rule in rules.items():
        whole = replace(rule, kwargs=completed(rule, context, connection))
        outcomes[number] = _run(connection, session, context.supply, whole, number, rows)
    return outcomes


def completed(
    rule: Rule, context: Context, connection: duckdb.DuckDBPyConnection | None = None
) -> dict[str, Any]:
    """The rule's arguments with what the hub alone knows: code lists, the day, other supplies."""
    kwargs = _typed(standalone(rule, context.catalog), context)
    if rule.type.startswith(("expect_column_values_to_be_valid_", IN_FORCE)):
        kwargs.setdefault("as_of", context.as_of.isoformat())
    if rule.type == "expect_column_values_to_exist_in_supply" and connection is not None:
        kwargs.setdefault("value_set", _known_elsewhere(kwargs, context, connection))
    return kwargs


def _typed(kwargs: dict[str, Any], context: Context) -> dict[str, Any]:
    """What a contract writes as text against dates, and as a float against decimals, in their type.

    The compiled face reads arguments the same way; where a value is of another kind, it stays.
    """
    field = context.supply.by_name.get(str(kwargs.get("column")))
    if field is None or is_float(field) or is_text(field):
        return kwargs

    def read(value: Any) -> Any:
        try:
            return value if value is None else typed(value, field)
        except BadArgument:
            return value

    for key in ("min_value", "max_value") if not is_number(field) else ():
        if key in kwargs:
            kwargs[key] = read(kwargs[key])
    if isinstance(kwargs.get("value_set"), list | tuple):
        kwargs["value_set"] = [read(value) for value in kwargs["value_set"]]
    return kwargs


def _known_elsewhere(
    kwargs: dict[str, Any], context: Context, connection: duckdb.DuckDBPyConnection
) -> list[Any]:
    """Those values of the batch that stand in the other supply: never more than the batch has."""
    _, rows = context.rows_of(kwargs["supply"])
    column, other = sql.name(kwargs["column"]), sql.name(kwargs["field"])
    where = f"{column} IS NOT NULL"
    if rows is not None:  # else there is nothing to hold a value against yet
        where += f" AND {column} IN (SELECT {other} FROM ({rows}) AS other)"
    found = connection.execute(f"SELECT DISTINCT {column} FROM landing WHERE {where}")
    return [value for (value,) in found.fetchall()]


def _run(
    connection: duckdb.DuckDBPyConnection,
    session: Session,
    supply: Supply,
    rule: Rule,
    number: int,
    rows: int,
) -> Outcome:
    elements = evaluated = failed = 0
    success, by_row, observed = True, False, None
    chunked = rule.type in ROW_BY_ROW and rows > CHUNK_ROWS
    for frame in _frames(connection, supply, rule, CHUNK_ROWS if chunked else None):
        if rule.type.startswith(ABOUT_COLUMNS):
            frame = frame.drop(columns="_row")  # the contract's columns alone
        result = session.validate(frame, rule.type, rule.kwargs)
        error = _exception(result)
        if error:
            return Outcome(
                rule, evaluated, failed, False, "great_expectations", by_row, exception=error
            )
        found = result.result
        by_row = by_row or ("element_count" in found and "observed_value" not in found)
        success = success and bool(result.success)
        if by_row:
            elements += found["element_count"]
            evaluated += found["element_count"] - (found.get("missing_count") or 0)
            failed += found.get("unexpected_count") or 0
            _keep(connection, number, found.get("unexpected_index_list") or [])
        observed = found.get("observed_value")
    if by_row:
        success = success if not chunked else rule.tolerates(failed, evaluated)
        return Outcome(rule, evaluated, failed, success, "great_expectations", elements=elements)
    figure = observed if isinstance(observed, int | float | Decimal) else None
    bad = 0 if success else 1
    return Outcome(rule, 1, bad, success, "great_expectations", rows=False, observed=figure)


def _keep(connection: duckdb.DuckDBPyConnection, number: int, keys: list[Any]) -> None:
    # Without values the library groups the keys: one dict that holds a list, or one per row.
    listed = [k["_row"] if isinstance(k["_row"], list) else [k["_row"]] for k in keys]
    if listed:
        import pyarrow as pa

        numbers = [int(number) for some in listed for number in some]
        rows = pa.table({"_row": pa.array(numbers, pa.int64())})
        connection.register("failing", rows)
        connection.execute(f"INSERT INTO broken SELECT DISTINCT _row, {number} FROM failing")
        connection.unregister("failing")


def _exception(result: Any) -> str | None:
    """The name of what kept the check from running. Its text may quote a cell and is not kept."""
    info = result.exception_info or {}
    infos = [info] if "raised_exception" in info else list(info.values())
    for one in infos:
        if isinstance(one, dict) and one.get("raised_exception"):
            text = str(one.get("exception_traceback") or "").strip().splitlines()
            return (text[-1] if text else "exception").split(":")[0]
    return None


def _frames(
    connection: duckdb.DuckDBPyConnection, supply: Supply, rule: Rule, size: int | None
) -> Iterator[pd.DataFrame]:
    """The columns that the rule can see, whole or cut; an empty table gives one empty frame."""
    listed = ", ".join(sql.name(name) for name in dict.fromkeys(["_row", *seen_by(rule, supply)]))
    if size is None:
        yield frame_of(connection.execute(f"SELECT {listed} FROM landing ORDER BY _row"))
        return
    row = connection.execute("SELECT max(_row) FROM landing").fetchone()
    for start in range(0, (row[0] if row and row[0] is not None else 0) + 1, size):
        yield frame_of(
            connection.execute(
                f"SELECT {listed} FROM landing WHERE _row >= {start} AND _row < {start + size}"
            )
        )


def seen_by(rule: Rule, supply: Supply) -> list[str]:
    """The fields that a rule needs: its own, and whichever its condition spells."""
    names = [field.name for field in supply.fields]
    unbounded = not rule.fields or not set(rule.fields) <= set(names)
    if unbounded or rule.type.startswith(ABOUT_COLUMNS):
        return names
    condition = str(rule.kwargs.get("row_condition") or "")
    return [name for name in names if name in rule.fields or name in condition]


def frame_of(found: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Rows as pandas holds them without loss: whole numbers stay whole beside nulls."""
    table = found.to_arrow_table()
    frame: pd.DataFrame = table.to_pandas(date_as_object=True, integer_object_nulls=True)
    return frame
