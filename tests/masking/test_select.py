"""What a grant shows equals what an independent reading of its terms says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import masking
from hub.opened import Hub
from schemas.contract import Dataset
from schemas.sharing import Terms
from schemas.terms import problems
from tests.shares import drawing, oracle
from tests.shares.world import golden

KEY = b"k" * 32
RELAXED = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


def shown(hub: Hub, terms: Terms, rows: list[dict[str, Any]], key: bytes = KEY) -> pa.Table:
    """What `select` gives of these rows, by record id."""
    with hub.store.connect() as connection:
        connection.register("golden_rows", golden(hub, rows))
        masking.bring_scope(connection, key)
        query = masking.select(terms, hub.dataset("people"), "SELECT * FROM golden_rows")
        return connection.sql(f"FROM ({query}) ORDER BY record_id").to_arrow_table()


def as_objects(table: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(
        {name: table[name].to_pylist() for name in table.column_names}, dtype=object
    )


@pytest.mark.slow
@RELAXED
@given(terms=drawing.terms(), rows=drawing.rows())
def test_what_a_grant_shows_is_what_an_independent_reading_says(
    small_hub: Hub, terms: Terms, rows: list[dict[str, Any]]
) -> None:
    assert problems(terms, small_hub.dataset("people"), small_hub.catalog) == []
    table = shown(small_hub, terms, rows)
    pd.testing.assert_frame_equal(
        as_objects(table), oracle.expected(terms, rows, KEY), check_dtype=False, check_exact=True
    )
    wanted = masking.schema(terms, small_hub.dataset("people"))
    assert table.cast(wanted).schema == wanted


def test_steps_are_exact_for_numbers_of_every_size(small_hub: Hub) -> None:
    edges = [n for e in (0, 9, 53, 62, 63) for n in (2**e - 1, -(2**e), 2**e - 7) if n < 2**63]
    for step in (1, 3, 10, 10**12):
        mask = {"kind": "generalise", "step": step}
        fields = [{"name": name, "mask": mask} for name in ("visits", "amount", "weight")]
        terms = Terms.model_validate({"fields": fields})
        rows = [
            {"entity_id": f"e{n}", "visits": n, "amount": Decimal(n), "weight": n / 8}
            for n in edges
        ]
        rows.append({"entity_id": "e", "amount": Decimal("-0.0000000001"), "weight": float("nan")})
        expected = oracle.expected(terms, [{**dict.fromkeys(oracle.ORDER), **r} for r in rows], KEY)
        assert shown(small_hub, terms, rows).to_pylist() == expected.to_dict("records")


@RELAXED
@given(key=st.binary(min_size=1, max_size=100), value=drawing.texts, domain=drawing.texts)
def test_a_pseudonym_of_the_engine_is_the_hmac_of_the_library(
    small_hub: Hub, key: bytes, value: str, domain: str
) -> None:
    from hub.masking.keys import pseudonym_sql
    from hub.store import literal

    with small_hub.store.connect() as connection:
        masking.bring_scope(connection, key)
        (found,) = connection.execute(
            f"SELECT {pseudonym_sql(literal(domain), '?')}", [value]
        ).fetchone() or (None,)
    assert found == oracle.keyed(key, domain, value) == masking.pseudonym(key, domain, value)


def test_what_a_contract_denies_by_now_is_shown_under_no_terms(small_hub: Hub) -> None:
    terms = Terms.model_validate({"fields": [{"name": "secret"}, {"name": "division"}]})
    assert masking.schema(terms, small_hub.dataset("people")).names == ["record_id", "division"]
    table = shown(small_hub, terms, [{"entity_id": "e1", "secret": "s3cr3t"}])
    assert "s3cr3t" not in str(table.to_pylist())


def test_a_condition_that_cannot_be_read_admits_nobody(small_hub: Hub) -> None:
    rows = [{"entity_id": "e1", "visits": 1, "division": "990101"}]
    for condition in (
        {"field": "visits", "oneOf": ["1"]},
        {"field": "visits", "startsWith": "1"},
        {"field": "born_on", "before": "tomorrow"},
        {"field": "gone", "present": False},
        {"field": "remarks", "since": "x"},
    ):
        terms = Terms.model_validate({"fields": [{"name": "division"}], "rows": [condition]})
        assert shown(small_hub, terms, rows).num_rows == 0
        assert problems(terms, small_hub.dataset("people"), small_hub.catalog)


def test_a_release_without_a_column_shows_it_empty_and_meets_no_condition_on_it(
    small_hub: Hub,
) -> None:
    dataset = small_hub.dataset("people")
    fields = {"fields": [{"name": "division"}, {"name": "visits"}]}
    for condition, count in (([], 1), ([{"field": "visits", "present": False}], 0)):
        terms = Terms.model_validate({**fields, "rows": condition})
        query = masking.select(
            terms, dataset, "SELECT 'e1' AS entity_id, '990101' AS division",
            frozenset({"entity_id", "division"}),
        )  # fmt: skip
        with small_hub.store.connect() as connection:
            masking.bring_scope(connection, KEY)
            found = connection.sql(query).fetchall()
        assert [row[1:] for row in found] == [("990101", None)] * count


def test_what_an_older_contract_wrote_as_another_type_is_read_or_empty(small_hub: Hub) -> None:
    fields = [
        {"name": "born_on", "mask": {"kind": "generalise", "to": "year"}},
        {"name": "number", "mask": {"kind": "partial", "first": 2}},
        {"name": "visits"},
    ]
    terms = Terms.model_validate(
        {"fields": fields, "rows": [{"field": "born_on", "since": "1990-01-01"}]}
    )
    held = frozenset({"entity_id", "born_on", "number", "visits"})
    relation = (
        "SELECT * FROM (VALUES ('e1', '1990-05-01', 123456, 'many'), ('e2', 'soon', 1, '1'), "
        "('e3', '1989-01-01', 1, '1')) AS v(entity_id, born_on, number, visits)"
    )
    query = masking.select(terms, small_hub.dataset("people"), relation, held)
    with small_hub.store.connect() as connection:
        masking.bring_scope(connection, KEY)
        found = connection.sql(query).fetchall()
    assert [row[1:] for row in found] == [("12****", "1990", None)]


def test_within_a_subscriber_ids_join_and_between_grants_they_do_not() -> None:
    one, other = (masking.scope_key("s" * 32, "grant", name, "tax") for name in ("G1", "G2"))
    assert masking.record_id(one, "e1") != masking.record_id(other, "e1")
    joined = {masking.scope_key("s" * 32, "subscriber", name, "tax") for name in ("G1", "G2")}
    assert len(joined) == 1
    assert joined != {masking.scope_key("s" * 32, "subscriber", "G1", "civil")}
    assert masking.scope_key("s" * 32, "grant", "tax", "") not in joined


def test_a_reference_joins_the_record_id_of_the_entity_it_names(small_hub: Hub) -> None:
    terms = Terms.model_validate({"fields": [{"name": "payee_entity_id"}]})
    table = shown(small_hub, terms, [{"entity_id": "e1", "payee_entity_id": "e7"}])
    assert table["payee_entity_id"].to_pylist() == [masking.record_id(KEY, "e7")]


def test_the_form_follows_from_terms_and_contract(small_hub: Hub) -> None:
    dataset: Dataset = small_hub.dataset("people")
    forms = {
        masking.form(Terms.model_validate(terms), dataset)
        for terms in (
            {"fields": [{"name": "division"}]},
            {"fields": [{"name": "division", "mask": {"kind": "pseudonym"}}]},
            {"fields": [{"name": "visits"}]},
            {"fields": [{"name": "division"}], "rows": [{"field": "visits", "since": 1}]},
        )
    }
    assert len(forms) == 4
