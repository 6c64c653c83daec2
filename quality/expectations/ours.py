"""The hub's expectations as Great Expectations', so that its plain users can run a suite."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from quality.identifiers import IDENTIFIERS, Reference


@cache
def register() -> tuple[str, ...]:
    """Define and register the classes once; returns the expectation types."""
    from great_expectations.expectations.expectation import ColumnMapExpectation

    types = []
    for identifier in IDENTIFIERS:
        name = f"valid_{identifier}"
        _provider(f"column_values.{name}", ("verdict", "as_of", "divisions"), _judge(identifier))
        types.append(f"expect_column_values_to_be_{name}")
        _expectation(
            ColumnMapExpectation,
            types[-1],
            f"column_values.{name}",
            {"verdict": str | None, "as_of": str | None, "divisions": list[str] | None},
        )
    _provider("column_values.in_codelist", ("value_set",), _listed)
    types.append("expect_column_values_to_be_in_codelist")
    _expectation(
        ColumnMapExpectation,
        types[-1],
        "column_values.in_codelist",
        {"codelist": str | None, "value_set": list[Any] | None},
        ("value_set",),
    )
    return tuple(types)


def _judge(identifier: str) -> Any:
    def good(number: Any, verdict: str | None, as_of: str | None, divisions: Any) -> bool:
        day = date.fromisoformat(as_of) if as_of else date.max
        reference = Reference(day, frozenset(divisions) if divisions else None)
        wanted = [
            v
            for v in IDENTIFIERS[identifier]
            if v.name == verdict or (verdict is None and v.severity == "error")
        ]
        if not wanted:
            raise ValueError(f"no verdict {verdict}")
        return all(v.judge(str(number), reference) is not False for v in wanted)

    return good


def _listed(value: Any, value_set: Any) -> bool:
    if value_set is None:
        raise ValueError("value_set is needed where there is no catalog")
    return str(value) in set(map(str, value_set))


def _provider(metric: str, keys: tuple[str, ...], good: Any) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.metrics import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )

    def pandas(cls: Any, column: Any, **kwargs: Any) -> Any:
        arguments = {key: kwargs.get(key) for key in keys}
        return column.map(lambda value: good(value, **arguments)).astype(bool)

    pandas.__name__ = "_pandas"
    type(
        "".join(part.title() for part in metric.replace(".", "_").split("_")),
        (ColumnMapMetricProvider,),
        {
            "__module__": __name__,
            "condition_metric_name": metric,
            "condition_value_keys": keys,
            "_pandas": column_condition_partial(engine=PandasExecutionEngine)(pandas),
        },
    )


def _expectation(
    base: Any,
    rule_type: str,
    metric: str,
    arguments: dict[str, Any],
    keys: tuple[str, ...] | None = None,
) -> None:
    name = "".join(part.title() for part in rule_type.split("_"))
    type(base)(
        name,
        (base,),
        {
            "__module__": __name__,
            "__annotations__": dict(arguments),
            "__doc__": f"{rule_type}, of the exchange hub.",
            **dict.fromkeys(arguments),
            "map_metric": metric,
            "success_keys": (*(keys or tuple(arguments)), "mostly"),
            "args_keys": ("column", *arguments),
            "domain_keys": base.domain_keys,
        },
    )
