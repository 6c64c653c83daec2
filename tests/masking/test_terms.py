"""A decision within an application shows nothing that the application would not have shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hub.opened import Hub
from schemas.sharing import Condition, GrantedField, Mask, Terms
from schemas.terms import fields_used, mask_within, problems, within
from tests.shares import drawing, oracle

KEY = b"k" * 32
MASK: TypeAdapter[Any] = TypeAdapter(Mask)
RELAXED = settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


@st.composite
def masks_and_values(draw: st.DrawFn) -> tuple[str, Any, Any, list[Any]]:
    name = draw(st.sampled_from(sorted(drawing.MASKS)))
    narrow, wide = (MASK.validate_python(draw(drawing.MASKS[name])) for _ in range(2))
    return name, narrow, wide, draw(st.lists(drawing.VALUES[name], min_size=2, max_size=20))


@RELAXED
@given(drawn=masks_and_values())
def test_what_a_mask_within_another_shows_follows_from_what_that_one_shows(
    drawn: tuple[str, Any, Any, list[Any]],
) -> None:
    name, narrow, wide, values = drawn
    if not mask_within(narrow, wide):
        return
    told: dict[Any, Any] = {}
    for value in values:
        seen, less = (oracle.cell(KEY, name, mask, value) for mask in (wide, narrow))
        if seen is None:  # a number too large to be shown in steps
            continue
        assert told.setdefault(seen, less) == less


@st.composite
def two_conditions(draw: st.DrawFn) -> tuple[Condition, Condition, list[Any]]:
    """Two conditions on one field, and values of it."""
    name = draw(st.sampled_from(sorted(drawing.CONDITIONS)))
    narrow, wide = (Condition.model_validate(draw(drawing.CONDITIONS[name])) for _ in range(2))
    values = drawing.VALUES[name] | st.none()
    return narrow, wide, draw(st.lists(values, min_size=1, max_size=10))


@pytest.mark.slow
@settings(RELAXED, max_examples=300)
@given(drawn=two_conditions())
def test_a_row_that_meets_a_condition_within_another_meets_that_one(
    drawn: tuple[Condition, Condition, list[Any]],
) -> None:
    narrow, wide, values = drawn
    if within(Terms(rows=(narrow,)), Terms(rows=(wide,))) == []:
        for value in values:
            assert oracle.meets(value, wide) or not oracle.meets(value, narrow)


@st.composite
def tightened(draw: st.DrawFn) -> tuple[Terms, Terms]:
    """Terms, and the same with some things taken away."""
    wide = draw(drawing.terms())
    fields = draw(st.lists(st.sampled_from(wide.fields), unique_by=lambda f: f.name, min_size=1))
    masks = [
        GrantedField(name=f.name, mask=MASK.validate_python(draw(drawing.MASKS[f.name])))
        if f.mask.kind == "keep" and draw(st.booleans())
        else f
        for f in fields
    ]
    more = draw(st.lists(drawing.conditions(), max_size=1))
    rows = (*wide.rows, *(Condition.model_validate(one) for one in more))
    return wide, Terms(fields=tuple(masks), rows=rows, ways=wide.ways[:1])


@pytest.mark.slow
@RELAXED
@given(drawn=tightened(), rows=drawing.rows(least=1))
def test_taking_away_stays_within(drawn: tuple[Terms, Terms], rows: list[dict[str, Any]]) -> None:
    wide, narrow = drawn
    assert within(narrow, wide) == []
    held_against(narrow, wide, rows)


@RELAXED
@given(terms=drawing.terms())
def test_terms_are_within_themselves_and_survive_the_ledger(terms: Terms) -> None:
    again = Terms.model_validate(terms.model_dump(mode="json"))
    assert within(terms, terms) == within(again, terms) == within(terms, again) == []


def held_against(narrow: Terms, wide: Terms, rows: Sequence[dict[str, Any]]) -> None:
    less, more = (oracle.expected(terms, rows, KEY) for terms in (narrow, wide))
    assert set(less["record_id"]) <= set(more["record_id"])
    assert set(less.columns) <= set(more.columns)


def field(name: str, **mask: Any) -> dict[str, Any]:
    return {"name": name, "mask": mask} if mask else {"name": name}


@pytest.mark.parametrize(
    ("narrow", "wide", "code"),
    [
        ({"fields": [field("visits")]}, {"fields": []}, "field_added"),
        (
            {"fields": [field("number", kind="partial", first=3)]},
            {"fields": [field("number", kind="partial", first=2, last=4)]},
            "mask_weaker",
        ),
        (
            {"fields": [field("number", kind="generalise", first=2)]},
            {"fields": [field("number", kind="pseudonym")]},
            "mask_weaker",
        ),
        ({}, {"rows": [{"field": "visits", "since": 3}]}, "rows_wider"),
        (
            {"rows": [{"field": "visits", "since": 2}]},
            {"rows": [{"field": "visits", "since": 3}]},
            "rows_wider",
        ),
        (
            {"rows": [{"field": "division", "oneOf": ["990101", "990201"]}]},
            {"rows": [{"field": "division", "startsWith": "9901"}]},
            "rows_wider",
        ),
        ({"ways": ["pull", "file"]}, {"ways": ["pull"]}, "way_added"),
        ({"scope": "subscriber"}, {}, "scope_wider"),
        ({"history": True}, {}, "history_added"),
    ],
)
def test_each_widening_is_named(narrow: Any, wide: Any, code: str) -> None:
    found = within(Terms.model_validate(narrow), Terms.model_validate(wide))
    assert code in {fault.code for fault in found}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"fields": [], "ways": ["pull"]}, "no_fields"),
        ({"fields": [field("visits")]}, "no_ways"),
        ({"fields": [field("gone")]}, "field_unknown"),
        ({"fields": [field("entity_id")]}, "field_unknown"),
        ({"fields": [field("_hash")]}, "field_unknown"),
        ({"fields": [field("record_id")]}, "field_unknown"),
        ({"fields": [field("secret", kind="pseudonym")]}, "field_denied"),
        ({"rows": [{"field": "secret", "present": True}]}, "field_denied"),
        ({"fields": [field("visits", kind="partial", first=1)]}, "mask_unfit"),
        ({"fields": [field("full_name", kind="generalise", first=2)]}, "mask_unfit"),
        ({"fields": [field("full_name", kind="generalise", to="year")]}, "mask_unfit"),
        ({"fields": [field("alive", kind="pseudonym")]}, "mask_unfit"),
        ({"fields": [field("payee_entity_id", kind="partial", first=9)]}, "mask_of_reference"),
        ({"rows": [{"field": "payee_entity_id", "startsWith": "e1"}]}, "rows_by_reference"),
        ({"rows": [{"field": "full_name", "oneOf": ["王明"]}]}, "rows_by_sensitive"),
        ({"rows": [{"field": "full_name", "startsWith": "王"}]}, "rows_by_sensitive"),
        (
            {"rows": [{"field": "full_name", "since": "王明", "before": "王明 "}]},
            "rows_by_sensitive",
        ),
        ({"rows": [{"field": "number", "startsWith": "9901011"}]}, "rows_by_sensitive"),
        ({"rows": [{"field": "visits", "oneOf": ["3"]}]}, "condition_unfit"),
        # Other spellings of ISO 8601 do not stand in the order of the days.
        ({"rows": [{"field": "born_on", "since": "20260101"}]}, "condition_unfit"),
        ({"rows": [{"field": "born_on", "since": "2026-W01-1"}]}, "condition_unfit"),
        ({"rows": [{"field": "division", "oneOf": ["990101", "9901"]}]}, "code_unknown"),
        ({"rows": [{"field": "seen_at", "oneOf": ["2026-01-01"]}]}, "condition_unfit"),
    ],
)
def test_each_fault_is_named_and_quotes_no_value(small_hub: Hub, asked: Any, code: str) -> None:
    terms = Terms.model_validate(asked)
    found = problems(terms, small_hub.dataset("people"), small_hub.catalog)
    assert code in {fault.code for fault in found}
    said = " ".join(f"{fault.zh} {fault.en}" for fault in found)
    for condition in terms.rows:
        for value in (*(condition.one_of or ()), *(condition.starts_with or ())):
            assert str(value) not in said or len(str(value)) < 2


@pytest.mark.parametrize(
    "asked",
    [
        {"rows": [{"field": "visits"}]},
        {"rows": [{"field": "division", "startsWith": ["99", ""]}]},
        {"fields": [field("visits"), field("visits")]},
        {"fields": [field("born_on", kind="generalise", to="year", first=2)]},
    ],
)
def test_terms_that_say_nothing_or_twice_are_refused(asked: Any) -> None:
    with pytest.raises(ValidationError):
        Terms.model_validate(asked)


def test_the_fields_used_are_those_shown_and_those_looked_at() -> None:
    terms = Terms.model_validate(
        {"fields": [field("visits")], "rows": [{"field": "division", "present": True}]}
    )
    assert fields_used(terms) == ("visits", "division")
