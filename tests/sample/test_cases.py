"""Planted cases of cross-checks and near misses: each stands in the city, nobody has two."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

import sample
from sample.target import Target
from schemas.catalog import load_catalog
from tests.sample.reading import CATALOG, DAY, Rows, read_city, read_supply

PEOPLE = 2_000
WITHOUT_NEAR_MISS = {"payee_in_no_register", "registers_differ"}  # all the others' rows are theirs
RARE = {"over_budget_line", "cancelled_but_paid"}  # their near misses need a larger city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Target:
    target = Target(tmp_path_factory.mktemp("cases"))
    sample.create(target, PEOPLE, seed=4, day=DAY)
    return target


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    target = Target(tmp_path_factory.mktemp("clean"))
    sample.create(target, PEOPLE, seed=4, faults=False, day=DAY)
    return read_city(target)


def test_every_cross_check_has_cases_and_near_misses(city: Target) -> None:
    cases = sample.planted_cases(city.folder)
    checks = set(load_catalog(CATALOG).crosschecks)
    assert len(checks) == 14
    assert {case.check for case in cases if not case.why} == checks
    spared = Counter(case.check for case in cases if case.why)
    assert set(spared) >= checks - WITHOUT_NEAR_MISS - RARE
    assert len({(case.check, case.key) for case in cases if not case.why}) == len(
        [case for case in cases if not case.why]
    )


def test_every_question_of_the_catalog_is_named_on_its_page() -> None:
    page = (CATALOG.parent / "docs/cross-checks.md").read_text(encoding="utf-8")
    catalog = load_catalog(CATALOG)
    listed = set(re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", page, re.MULTILINE))
    assert {*catalog.crosschecks, *catalog.policies} <= listed


def test_every_row_of_a_case_stands_in_the_city_and_belongs_to_it_alone(city: Target) -> None:
    cases = sample.planted_cases(city.folder)
    places = Counter(place for case in cases for place in set(case.rows))
    assert places and max(places.values()) == 1
    catalog = load_catalog(CATALOG, city.home)
    for name in {supply for supply, _ in places}:
        key = catalog.supplies[name].key[0].name
        known = {row[key] for row in read_supply(city, catalog.supplies[name])}
        assert {place[1] for place in places if place[0] == name} <= known, name


def test_no_row_of_a_case_has_a_fault_of_another_kind(city: Target) -> None:
    faults = {(f.supply, f.key) for f in sample.planted(city.folder)}
    derived = {"cancelled_but_paid", "payee_in_no_register", "registers_differ"}
    for case in sample.planted_cases(city.folder):
        if case.check not in derived or case.why:
            assert not faults & set(case.rows), case.check


def test_who_gets_assistance_is_alive_and_neither_owner_nor_employee(
    clean: dict[str, Rows],
) -> None:
    assisted = {row["resident_id"] for row in clean["civil_affairs/allowances"]}
    owners = {row["holder_id"] for row in clean["market/shareholders"]}
    staff = {row["resident_id"] for row in clean["staffing/employees"]}
    dead = {row["resident_id"] for row in clean["funeral/cremations"]}
    assert len(assisted) > 20 and len(owners) > 100 and len(staff) > 20
    assert not assisted & (owners | staff | dead) and not staff & owners


def test_every_firm_has_an_owner_and_shares_that_add_up(clean: dict[str, Rows]) -> None:
    shares: Counter[str | None] = Counter()
    for row in clean["market/shareholders"]:
        assert (row["holder_id"] is None) == (row["holder_kind"] == "2")
        shares[row["uscc"]] += round(float(str(row["share"])) * 1_000_000)
    assert set(shares) == {row["uscc"] for row in clean["market/enterprises"]}
    assert set(shares.values()) == {1_000_000}


def test_projects_rely_on_licences_that_cover_their_start(clean: dict[str, Rows]) -> None:
    held = {row["licence_no"]: row for row in clean["approval/licences"]}
    for row in clean["development/projects"]:
        licence = held[row["licence_no"]]
        assert licence["uscc"] == row["contractor_uscc"]
        if row["started_on"]:
            assert str(licence["valid_from"]) < row["started_on"] < str(licence["valid_to"])
    newest = max(date.fromisoformat(str(r["reported_on"])) for r in clean["development/progress"])
    assert 0 < (DAY - newest).days < 15
