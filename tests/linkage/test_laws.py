"""What holds of every score, whatever the data."""

from __future__ import annotations

from math import log2
from random import Random

import pytest

from hub.linkage import Model, explain, load
from hub.linkage.blocks import find_pairs
from hub.linkage.model import open_frequencies
from hub.linkage.prepare import canonical_sql, prepare
from hub.linkage.weigh import settings
from tests.linkage.conftest import PEOPLE, Desk, Row, specification, two_registers

SPEC = specification(PEOPLE)
ROWS, TRUTH = two_registers(330, 250)


def weights(pairs: list[Row]) -> dict[tuple[int, int], float]:
    return {(pair["a"], pair["b"]): pair["weight"] for pair in pairs}


@pytest.fixture(scope="module")
def model(desk: Desk) -> Model:
    return desk.learn(SPEC, ROWS)


def test_the_same_profiles_give_the_same_model_and_scores_in_any_order(
    desk: Desk, model: Model
) -> None:
    shuffled = list(ROWS)
    Random(1).shuffle(shuffled)
    again = desk.learn(SPEC, shuffled)
    assert again == model
    assert desk.score(model, shuffled) == desk.score(model, ROWS)


def test_a_stored_model_gives_equal_weights(desk: Desk, model: Model) -> None:
    kept = load(desk.store, model.uri)
    assert kept == model
    assert desk.score(kept, ROWS) == desk.score(model, ROWS)


def test_a_score_does_not_ask_which_side_comes_first(desk: Desk, model: Model) -> None:
    last = max(row["code"] for row in ROWS)
    mirrored = [row | {"code": last - row["code"]} for row in ROWS]
    there = weights(desk.score(model, ROWS))
    back = weights(desk.score(model, mirrored))
    assert there.keys() == {(last - b, last - a) for a, b in back}
    for (a, b), weight in there.items():
        assert back[last - b, last - a] == pytest.approx(weight, abs=1e-9)


def test_adding_a_row_changes_no_other_pair(desk: Desk, model: Model) -> None:
    before = weights(desk.score(model, ROWS))
    new = ROWS[0] | {"code": 5_000_000, "once": 2, "phone": "07123456789", "address": "7 New Mews"}
    after = weights(desk.score(model, [*ROWS, new]))
    assert {pair: weight for pair, weight in after.items() if new["code"] not in pair} == before
    assert any(new["code"] in pair for pair in after)


def test_only_pairs_with_a_loose_side_are_looked_at(desk: Desk, model: Model) -> None:
    rows = [row | {"loose": row["once"] == 2 and row["code"] % 3 == 0} for row in ROWS]
    loose = {row["code"] for row in rows if row["loose"]}
    everyone = weights(desk.score(model, ROWS))
    some = weights(desk.score(model, rows))
    assert some == {p: w for p, w in everyone.items() if loose & set(p)}


def test_the_steps_of_an_explanation_add_up_to_the_weight(desk: Desk, model: Model) -> None:
    pairs = desk.score(model, ROWS, 0.3)
    assert len(pairs) > 200
    for pair in pairs:
        steps = explain(model, pair)
        assert sum(step.weight for step in steps) == pytest.approx(pair["weight"], abs=0.02)
        assert all(step.zh and step.en for step in steps)


def test_splink_itself_gives_the_same_weights_but_for_kin(desk: Desk, model: Model) -> None:
    """Splink's own linker predicts from the same settings, pairs and frequencies."""
    from splink import DuckDBAPI, Linker

    connection = desk.connection
    ours = {(p["a"], p["b"]): p for p in desk.score(model, ROWS)}
    open_frequencies(connection, desk.store, model)
    canonical = canonical_sql(SPEC.fields, desk.lay_out(ROWS), False)
    connection.execute(f"CREATE TEMP TABLE canonical AS {canonical}")
    find_pairs(connection, SPEC, model.rules, "canonical", "near")
    prepare(connection, model, "canonical", "prepared")
    # Splink joins lists that its conditions do not name, so shares of words go in ready made.
    plain = {c["output_column_name"]: c for c in settings(model)["comparisons"]}
    chosen = [c for name, c in plain.items() if not name.endswith("4")]  # all but the address
    api = DuckDBAPI(connection=connection)
    linker = Linker(
        api.register("prepared"),
        settings(model) | {"comparisons": chosen},
        log_level=None,
        validate_settings=False,
    )
    for place in range(4):
        connection.execute(
            f"CREATE TEMP TABLE share_{place} AS SELECT DISTINCT p{place}, tf_p{place} "
            f"FROM prepared WHERE p{place} IS NOT NULL"
        )
        linker.table_management.register_term_frequency_lookup(
            api.register(f"share_{place}"), f"p{place}"
        )
    connection.execute(
        "CREATE TEMP TABLE chosen AS SELECT a AS join_key_l, b AS join_key_r, '0' AS match_key "
        "FROM near"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("chosen"))
    predicted = linker.inference.predict(warning_mode="never")
    theirs = connection.execute(
        f"SELECT code_l, code_r, match_weight FROM {predicted.physical_name}"
    ).fetchall()
    assert len(theirs) == len(ours)
    for a, b, weight in theirs:
        steps = explain(model, ours[a, b])
        same = [
            s.weight for s in steps if s.field != "address" and s.en != "kin would share as much"
        ]
        assert sum(same) == pytest.approx(weight, abs=1e-6)
    assert steps[0].weight == pytest.approx(log2(model.prior / (1 - model.prior)))
