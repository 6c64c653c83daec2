"""Diffs: each change is a sentence, and breaking where somebody would be let down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalog import load_catalog
from schemas.changes.fields import one_field
from schemas.comparing import compare_catalogs, compare_paths
from schemas.contract import Field, FieldType, LogicalType
from schemas.evolution import Diff, Level, raised
from tests.schemas.small_city import documents, prop, write
from tests.schemas.spoilt import (
    FUND,
    MARRIAGES,
    POPULATION,
    RESIDENTS,
    SEX,
    custom,
    field,
    give,
    plan,
    rule,
)
from tests.schemas.spoilt import directory as set_directory

Files = dict[str, Any]
Spoil = Callable[[Files], object]


def diffs(tmp_path: Path, change: Spoil, before: Spoil = lambda f: None) -> dict[str, Diff]:
    old, new = documents(), documents()
    before(old)
    before(new)
    change(new)
    catalogs = [
        load_catalog(write(files, tmp_path / name), environ={})
        for name, files in (("old", old), ("new", new))
    ]
    return {diff.name: diff for diff in compare_catalogs(*catalogs)}


def add(files: Files, path: str, **more: Any) -> None:
    files[path]["schema"][0]["properties"].append(prop("phone", "string", "varchar(20)", **more))


def feed(files: Files) -> None:
    plan(files)["sources"][0]["fields"]["phone"] = "name"


CASES: list[tuple[str, Spoil, str, str, Level]] = [
    (
        "police/residents",
        lambda f: add(f, RESIDENTS),
        "field_added",
        "field phone was added",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: add(f, RESIDENTS, required=True),
        "field_added",
        "required field phone was added",
        Level.MAJOR,
    ),
    (
        "population",
        lambda f: (add(f, POPULATION, required=True), feed(f)),
        "field_added",
        "required field phone was added",
        Level.MINOR,
    ),
    (
        "civil/marriages",
        lambda f: field(f, MARRIAGES, 1).update(physicalName="c_sfzh"),
        "column",
        "field resident_id is read from column c_sfzh, no longer from c_resident_id",
        Level.MAJOR,
    ),
    (
        "civil/marriages",
        lambda f: (
            field(f, MARRIAGES, 1).update(physicalName="c_sfzh"),
            give(f, MARRIAGES, 1, aliases=["c_resident_id"]),
        ),
        "column",
        (
            "field resident_id is read from column c_sfzh, no longer from c_resident_id, "
            "which stays an alias"
        ),
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: field(f, RESIDENTS, 2).update(required=True),
        "required",
        "field sex is now required",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: field(f, RESIDENTS, 1).pop("required"),
        "required",
        "field name is no longer required",
        Level.MINOR,
    ),
    (
        "population",
        lambda f: field(f, POPULATION, 1).update(required=True),
        "required",
        "field name is now required",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: field(f, RESIDENTS, 0).update(
            logicalTypeOptions={"minLength": 18, "maxLength": 18}
        ),
        "min_length",
        "the minimum length of field resident_id was 15, now 18",
        Level.MAJOR,
    ),
    (
        "fund",
        lambda f: field(f, FUND, 3).update(physicalType="decimal(20,2)"),
        "size",
        "the type of field amount was widened from decimal(18,2) to decimal(20,2)",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: field(f, RESIDENTS, 2).update(logicalType="integer", physicalType="int"),
        "type",
        "field sex was string, now integer",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: [field(f, RESIDENTS, 1).update(primaryKey=True, primaryKeyPosition=2)],
        "key",
        "the primary key was (resident_id), now (resident_id, name)",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: give(f, RESIDENTS, 1, sensitive=False),
        "sensitive",
        "field name is no longer sensitive",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: give(f, RESIDENTS, 3, formats=["%Y-%m-%d"]),
        "formats",
        "the property formats of field birth_date changed",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: f.update({SEX: f[SEX].replace("男,1,男,Male,fixable,,\n", "")}),
        "codes_removed",
        "codes left the list sex: 男",
        Level.MAJOR,
    ),
    (
        "population",
        lambda f: f.update({SEX: f[SEX] + "9,9,未说明,Not stated,canonical,,\n"}),
        "codes_added",
        "codes joined the list sex: 9",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: f.update({SEX: f[SEX].replace("男,1,男", "男,2,男")}),
        "codes_moved",
        "codes of the list sex now lead elsewhere: 男",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: rule(f, metric="rowCount", mustBeGreaterThan=0, name="rows"),
        "rule_added",
        "a quality rule was added: rows",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: rule(f, metric="rowCount", mustBeGreaterThan=0, severity="warning", name="rows"),
        "rule_added",
        "a quality rule was added: rows",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: custom(f, RESIDENTS, "verdict").update(hold=0.05),
        "threshold_hold",
        "the threshold to hold was 0.1, now 0.05: stricter",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: custom(f, RESIDENTS, "verdict").update(reject=0.5),
        "threshold_reject",
        "the threshold to reject was 0.3, now 0.5: looser",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: set_directory(f, shareType="denied"),
        "sharing",
        "sharing was conditional, now denied: tighter",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: set_directory(f, updateCycle="weekly"),
        "update_cycle",
        "the update cycle was daily, now weekly",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: f[RESIDENTS]["slaProperties"][0].update(value=48),
        "sla",
        "the service level latency was 24 h, now 48 h",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: f[RESIDENTS]["slaProperties"][0].update(value=12),
        "sla",
        "the service level latency was 24 h, now 12 h",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: custom(f, RESIDENTS, "pull").update(overlap="PT2H"),
        "pull",
        "the pull was adjusted",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: f[RESIDENTS].update(status="retired"),
        "status",
        "the status was active, now retired",
        Level.MAJOR,
    ),
    (
        "police/residents",
        lambda f: field(f, RESIDENTS, 1).update(businessName="姓名"),
        "title",
        "the name of field name was reworded",
        Level.PATCH,
    ),
    (
        "population",
        lambda f: plan(f)["keys"][0].update(normaliser="upper"),
        "entity",
        "what counts as the same entity changed: entity ids may change",
        Level.MAJOR,
    ),
    (
        "population",
        lambda f: plan(f)["sources"].reverse(),
        "sources",
        "sources are read in another way or order: values may change",
        Level.MINOR,
    ),
    (
        "population",
        lambda f: plan(f).pop("duplicates"),
        "duplicates",
        "the reconciliation rule duplicates changed: values may change",
        Level.MINOR,
    ),
    (
        "police/residents",
        lambda f: f[RESIDENTS].update(tags=["x"]),
        "other",
        "something else in the contract was reworded",
        Level.PATCH,
    ),
]


@pytest.mark.parametrize(
    ("name", "change", "kind", "sentence", "level"), CASES, ids=[f"{c[0]}-{c[2]}" for c in CASES]
)
def test_change_is_said_and_judged(
    name: str, change: Spoil, kind: str, sentence: str, level: Level, tmp_path: Path
) -> None:
    diff = diffs(tmp_path, change)[name]
    found = [change for change in diff.changes if change.kind == kind]
    assert [change.message_en for change in found] == [sentence]
    assert found[0].level is level
    assert found[0].message_zh
    assert diff.demanded >= level
    assert not diff.sufficient


def test_a_removed_and_a_renamed_field_are_told_apart(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        files[MARRIAGES]["schema"][0]["properties"].pop(2)
        plan(files)["sources"].pop(1)
        field(files, MARRIAGES, 1)["name"] = "citizen_id"

    diff = diffs(tmp_path, change)["civil/marriages"]
    assert {(change.kind, change.place) for change in diff.changes} == {
        ("field_removed", "name"),
        ("field_renamed", "resident_id"),
    }
    assert diff.breaking


def test_nothing_changed_says_nothing(tmp_path: Path) -> None:
    assert diffs(tmp_path, lambda files: None) == {}


def test_new_and_removed_contracts(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        files["contracts/supply/civil/births.odcs.yaml"] = files.pop(MARRIAGES)
        plan(files)["sources"].pop(1)

    found = diffs(tmp_path, change)
    assert found["civil/marriages"].breaking
    assert not found["civil/births"].breaking
    assert found["civil/births"].sufficient


def test_a_version_raised_as_demanded_is_sufficient(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        field(files, RESIDENTS, 2)["required"] = True
        files[RESIDENTS]["version"] = "2.0.0"

    diff = diffs(tmp_path, change)["police/residents"]
    assert diff.breaking and diff.sufficient
    assert diff.headline_en == "police/residents 1.0.0 → 2.0.0: breaking"


def test_two_contracts_can_be_compared_without_a_catalog(tmp_path: Path) -> None:
    files = documents()
    write({"old/police/residents.odcs.yaml": files[RESIDENTS]}, tmp_path)
    field(files, RESIDENTS, 2)["required"] = True
    write({"new/police/residents.odcs.yaml": files[RESIDENTS]}, tmp_path)
    [diff] = compare_paths(
        tmp_path / "old/police/residents.odcs.yaml", tmp_path / "new/police/residents.odcs.yaml"
    )
    assert [change.kind for change in diff.changes] == ["required"]


VERSION = st.tuples(*[st.integers(0, 30)] * 3)


@given(VERSION, VERSION)
def test_raising_a_version_is_judged_by_its_first_larger_part(
    old: tuple[int, ...], new: tuple[int, ...]
) -> None:
    level = raised(".".join(map(str, old)), ".".join(map(str, new)))
    if new <= old:
        assert level is Level.NONE
    else:
        first = next(i for i in range(3) if old[i] != new[i])
        assert level == (Level.MAJOR, Level.MINOR, Level.PATCH)[first]


@given(old=st.none() | st.integers(1, 99), new=st.none() | st.integers(1, 99))
def test_what_narrows_a_supply_widens_it_on_the_way_back(old: int | None, new: int | None) -> None:
    before, after = (
        Field("name", "c", FieldType(LogicalType.STRING), "名", max_length=length)
        for length in (old, new)
    )
    levels = {}
    for strict in (True, False):
        there = [change.level for change in one_field(before, after, strict)]
        back = [change.level for change in one_field(after, before, strict)]
        assert len(there) == len(back) == (old != new)
        if there:
            assert {there[0], back[0]} == {Level.MAJOR, Level.MINOR}
        levels[strict] = there
    if old != new:
        assert levels[True] != levels[False]
