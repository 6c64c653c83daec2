"""Splink at work: it compares the pairs it is given and weighs them by a model's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duckdb import DuckDBPyConnection

from hub.linkage.levels import agreements, columns, filled, nothing, shared
from hub.linkage.model import Model


def settings(model: Model) -> dict[str, Any]:
    """A model as Splink settings (as its documentation calls them), for prepared profiles."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "code",
        "probability_two_random_records_match": model.prior,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_comparison(model, place) for place in range(len(model.compared))],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(model: Model, place: int) -> dict[str, Any]:
    field, trained = model.compared[place]
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": filled(nothing(field), field),
            "label_for_charts": "nothing to compare",
            "is_null_level": True,
        }
    ]
    for agreement, level in zip(
        agreements(model.specification, field), trained.levels, strict=True
    ):
        entry: dict[str, Any] = {
            "sql_condition": filled(agreement.sql, field),
            "label_for_charts": agreement.en,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        if agreement.frequency:
            entry |= {
                "tf_adjustment_column": f"p{field.place}",
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
        levels.append(entry)
    return {"output_column_name": f"f{field.place}", "comparison_levels": levels}


def weigh(
    connection: DuckDBPyConnection,
    model: Model,
    prepared: str,
    pairs: str,
    into: str,
    least: float | None = None,
) -> None:
    """Create temp table `into` (a, b, weight, probability, g<place>…, t<place>…) of `pairs` (a, b).

    `prepared` is a prepared table; `g` is the level and `t` what the rareness of the value adds.
    """
    steps = "".join(f", {name} AS ({sql})" for name, sql in _splink(model, least))
    looked_at = dict.fromkeys(name for field, _ in model.compared for name in columns(field))
    # Names may be swapped with one that says nothing by itself, too.
    looked_at |= {f"p{field.place}": None for field in model.specification.of("person_name")}
    sides = "".join(f", l.{name} AS {name}_l, r.{name} AS {name}_r" for name in looked_at)
    shares = "".join(
        f", l.tf_p{f.place} AS tf_p{f.place}_l, r.tf_p{f.place} AS tf_p{f.place}_r"
        for f, _ in model.compared
    )
    common = "".join(shared(field) for field, _ in model.compared)
    listed = "".join(
        f", CAST(gamma_f{f.place} AS TINYINT) AS g{f.place}, mw_tf_adj_f{f.place} AS t{f.place}"
        for f, _ in model.compared
    )
    likely = "1 / (1 + pow(2.0, -weight))"
    enough = "" if least is None else f" WHERE probability >= {least!r}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS WITH blocked AS ("
        f"SELECT a AS code_l, b AS code_r, 0 AS match_key{sides}{shares}{common} FROM {pairs} "
        f"JOIN {prepared} AS l ON l.code = a JOIN {prepared} AS r ON r.code = b){steps} "
        f"FROM (SELECT *, {likely} AS probability FROM ("
        f"SELECT code_l AS a, code_r AS b, match_weight - {_kin(model)} AS weight{listed} "
        f"FROM __splink__df_predict)){enough}"
    )


def _kin(model: Model) -> str:
    """SQL: what is taken off a weight because kin would share as much (see `expectation`)."""
    odds = [repr(model.kin)]
    for field, trained in model.compared:
        bits = f"mw_f{field.place} + mw_tf_adj_f{field.place}"
        odds.append(f"(1 + {trained.shared!r} * (pow(2.0, {bits}) - 1))")
    return f"log2(1 + {' * '.join(odds)})" if model.kin else "0"


def _splink(model: Model, least: float | None) -> Iterator[tuple[str, str]]:
    """The steps from joined pairs to weights, as Splink writes them."""
    from splink.internals.dialects import SplinkDialect
    from splink.internals.predict import predict_from_comparison_vectors_sqls
    from splink.internals.settings_creator import SettingsCreator

    made = SettingsCreator.from_path_or_dict(settings(model)).get_settings("duckdb")
    core = made.core_model_settings
    shares = "".join(f", tf_p{f.place}_l, tf_p{f.place}_r" for f, _ in model.compared)
    levels = "".join(f", {comparison._case_statement}" for comparison in core.comparisons)
    yield (
        "__splink__df_comparison_vectors",
        f"SELECT code_l, code_r, match_key{shares}{levels} FROM blocked",
    )
    for step in predict_from_comparison_vectors_sqls(
        unique_id_input_columns=made.column_info_settings.unique_id_input_columns,
        core_model_settings=core,
        sql_dialect=SplinkDialect.from_string("duckdb"),
        threshold_match_probability=least,
        retain_intermediate_calculation_columns=True,
        training_mode=True,
    ):
        yield step["output_table_name"], step["sql"]
