"""The hub's expectations as Great Expectations', so that its plain users can run a suite."""

from __future__ import annotations

from functools import cache
from typing import Any

from quality.expectations.judges import agreeing, in_force_on, known_elsewhere, listed, valid
from quality.identifiers import IDENTIFIERS


@cache
def register() -> tuple[str, ...]:
    """Define and register the classes once; returns the expectation types."""
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )

    types = []

    def column(name: str, judge: Any, keys: tuple[str, ...], shown: tuple[str, ...] = ()) -> None:
        metric = f"column_values.{name}"
        _column_metric(metric, keys, judge)
        verb = "" if name.startswith("exist") else "be_"
        types.append(f"expect_column_values_to_{verb}{name}")
        _expectation(ColumnMapExpectation, types[-1], metric, ("column",), keys, shown)

    for identifier in IDENTIFIERS:
        column(f"valid_{identifier}", valid(identifier), ("verdict", "as_of", "divisions"))
    column("in_codelist", listed, ("value_set",), ("codelist",))
    column("exist_in_supply", known_elsewhere, ("value_set",), ("supply", "field"))
    column("division_in_force", in_force_on, ("as_of", "periods"))

    metric = "column_pair_values.division_in_force"
    _pair_metric(metric, ("periods",), in_force_on)
    types.append("expect_column_pair_values_to_be_division_in_force")
    _expectation(
        ColumnPairMapExpectation, types[-1], metric, ("column_A", "column_B"), ("periods",)
    )

    metric = "multicolumn_values.resident_number_agrees"
    keys = ("column", "birth_date", "sex")
    _row_metric(metric, keys, agreeing)
    types.append("expect_resident_number_to_agree")
    _expectation(MulticolumnMapExpectation, types[-1], metric, ("column_list",), keys)
    return tuple(types)


def _class_name(text: str) -> str:
    return "".join(part.title() for part in text.replace(".", "_").split("_"))


def _column_metric(metric: str, keys: tuple[str, ...], good: Any) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.metrics import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )

    def pandas(cls: Any, column: Any, **kwargs: Any) -> Any:
        judge = good({key: kwargs.get(key) for key in keys})
        return column.map(judge).astype(bool)

    _provider(
        ColumnMapMetricProvider,
        metric,
        keys,
        pandas,
        column_condition_partial,
        PandasExecutionEngine,
    )


def _pair_metric(metric: str, keys: tuple[str, ...], good: Any) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.metrics.map_metric_provider import (
        ColumnPairMapMetricProvider,
        column_pair_condition_partial,
    )

    def pandas(cls: Any, column_A: Any, column_B: Any, **kwargs: Any) -> Any:
        import pandas as pd

        judge = good({key: kwargs.get(key) for key in keys})
        verdicts = [judge(a, b) for a, b in zip(column_A, column_B, strict=True)]
        return pd.Series(verdicts, index=column_A.index, dtype=bool)

    _provider(
        ColumnPairMapMetricProvider,
        metric,
        keys,
        pandas,
        column_pair_condition_partial,
        PandasExecutionEngine,
    )


def _row_metric(metric: str, keys: tuple[str, ...], good: Any) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.metrics.map_metric_provider import (
        MulticolumnMapMetricProvider,
        multicolumn_condition_partial,
    )

    def pandas(cls: Any, column_list: Any, **kwargs: Any) -> Any:
        import pandas as pd

        judge = good({key: kwargs.get(key) for key in keys})
        rows = column_list.to_dict("records")
        return pd.Series([judge(row) for row in rows], index=column_list.index, dtype=bool)

    _provider(
        MulticolumnMapMetricProvider,
        metric,
        keys,
        pandas,
        multicolumn_condition_partial,
        PandasExecutionEngine,
    )


def _provider(
    base: Any, metric: str, keys: tuple[str, ...], pandas: Any, partial: Any, engine: Any
) -> None:
    pandas.__name__ = "_pandas"
    type(
        _class_name(metric),
        (base,),
        {
            "__module__": __name__,
            "condition_metric_name": metric,
            "condition_value_keys": keys,
            "_pandas": partial(engine=engine)(pandas),
        },
    )


def _expectation(
    base: Any,
    rule_type: str,
    metric: str,
    about: tuple[str, ...],
    keys: tuple[str, ...],
    shown: tuple[str, ...] = (),
) -> None:
    """One class: `about` its domain, `keys` what the metric takes, `shown` what it only tells."""
    arguments = (*keys, *shown)
    # Lists of columns have the argument from their base, with its default.
    ignored = {"ignore_row_if": "either_value_is_missing"} if about[0] == "column_A" else {}
    type(base)(
        _class_name(rule_type),
        (base,),
        {
            "__module__": __name__,
            "__annotations__": dict.fromkeys((*arguments, *ignored), Any),
            "__doc__": f"{rule_type}, of the exchange hub.",
            **dict.fromkeys(arguments),
            **ignored,
            "map_metric": metric,
            "success_keys": (*keys, "mostly"),
            "args_keys": (*about, *arguments),
            "domain_keys": (*base.domain_keys, *ignored),
        },
    )
