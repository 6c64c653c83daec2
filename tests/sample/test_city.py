"""The sample city: the same for the same seed, valid, and wrong only where it says so."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

import sample
from sample.target import Target
from schemas.catalog import load_catalog
from tests.sample.reading import CATALOG, DAY, Rows, names_on_disk, read_city, read_supply

PEOPLE = 3_000
SEXES = {"男": "1", "女": "2", "男性": "1", "女性": "2", "M": "1", "F": "2"}
BIRTH_STYLES = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    target = Target(tmp_path_factory.mktemp("clean"))
    sample.create(target, PEOPLE, seed=5, faults=False, day=DAY)
    return read_city(target)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Target:
    target = Target(tmp_path_factory.mktemp("faulty"))
    sample.create(target, PEOPLE, seed=5, faults=True, day=DAY)
    return target


@pytest.fixture(scope="module")
def faulty_rows(faulty: Target) -> dict[str, Rows]:
    late = load_catalog(CATALOG).supplies["veterans/veterans"]
    rows = {}
    for name, supply in load_catalog(CATALOG, faulty.home).supplies.items():
        day = DAY.replace(day=28, month=6) if name == late.name else DAY
        rows[name] = read_supply(faulty, supply, day)
    return rows


def long_form(number: str) -> str:
    if len(number) != 15:
        return number
    body = number[:6] + "19" + number[6:]
    return body + ric.calc_check_digit(body + "0")


def birth(text: str) -> datetime:
    for style in BIRTH_STYLES:
        try:
            return datetime.strptime(text, style)
        except ValueError:
            continue
    raise ValueError(text)


def test_the_same_seed_gives_the_same_city_and_another_seed_another(tmp_path: Path) -> None:
    cities = []
    for number, seed in enumerate((1, 1, 2)):
        target = Target(tmp_path / str(number))
        sample.create(target, 400, seed=seed, faults=False, day=DAY)
        cities.append(read_city(target))
    assert cities[0] == cities[1]
    assert all(cities[0][name] != cities[2][name] for name in cities[0] if cities[0][name])


def test_every_resident_number_is_valid_and_says_sex_and_birthday(clean: dict[str, Rows]) -> None:
    seen = 0
    for name, rows in clean.items():
        for row in rows:
            number = row.get("resident_id")
            if number is None:
                continue
            full = long_form(number)
            assert full[:2] == "99" and ric.calc_check_digit(full) == full[17], name
            if row.get("birth_date"):
                assert birth(str(row["birth_date"])).strftime("%Y%m%d") == full[6:14], name
            if row.get("sex"):
                sex = SEXES.get(str(row["sex"]), row["sex"])
                assert sex == ("1" if int(full[16]) % 2 else "2"), name
            seen += 1
    assert seen > 3 * PEOPLE


def test_fifteen_digit_numbers_are_among_them(clean: dict[str, Rows]) -> None:
    for name in ("human_resources/insured", "medical_insurance/insured", "housing/owners"):
        lengths = Counter(len(str(row["resident_id"])) for row in clean[name])
        assert set(lengths) == {15, 18} and lengths[15] > 3, name
    assert {len(str(row["tax_id"])) for row in clean["tax/taxpayers"]} == {15, 18}


def test_every_firm_number_is_valid(clean: dict[str, Rows]) -> None:
    for rows in clean.values():
        for row in rows:
            if row.get("uscc"):
                assert uscc.is_valid(str(row["uscc"]))
            if row.get("registration_no"):
                mod_11_10.validate(str(row["registration_no"]))
    codes = {str(row["uscc"])[8:17] for row in clean["market/enterprises"]}
    for row in clean["quality/organisation_codes"]:
        assert str(row["org_code"]).replace("-", "") in codes
    for row in clean["tax/taxpayers"]:
        number = str(row["tax_id"])
        assert (number[6:] if len(number) == 15 else number[8:17]) in codes


def test_numbers_and_keys_are_nobody_elses(clean: dict[str, Rows]) -> None:
    for name, supply in load_catalog(CATALOG).supplies.items():
        keys = [row[supply.key[0].name] for row in clean[name]]
        assert None not in keys and len(set(keys)) == len(keys), name
    for name, field in (("police/residents", "resident_id"), ("market/enterprises", "uscc")):
        numbers = [row[field] for row in clean[name]]
        assert len(set(numbers)) == len(numbers)


def test_departments_agree_about_everyone_when_nothing_is_planted(clean: dict[str, Rows]) -> None:
    register = {row["resident_id"]: row for row in clean["police/residents"]}
    for name, rows in clean.items():
        for row in rows:
            if "resident_id" not in row or name.startswith(("police", "funds")):
                continue
            truth = register[long_form(str(row["resident_id"]))]
            assert row["name"] == truth["name"], name
            if "address" in row:
                assert row["address"] == truth["address"], name
    firms = {str(row["uscc"])[8:17]: row for row in clean["market/enterprises"]}
    for row in clean["statistics/units"]:
        assert row["name"] == firms[str(row["uscc"])[8:17]]["name"]


def test_every_required_cell_is_filled_and_every_code_is_listed(clean: dict[str, Rows]) -> None:
    catalog = load_catalog(CATALOG)
    for name, supply in catalog.supplies.items():
        for field in supply.fields:
            cells = [row[field.name] for row in clean[name]]
            assert cells, name
            if field.required:
                assert None not in cells, (name, field.name)
            if field.properties.codelist:
                listed = {c.code for c in catalog.codelists[field.properties.codelist].codes}
                assert set(cells) - {None} <= listed, (name, field.name)
            if field.max_length:
                assert max(len(str(c)) for c in cells) <= field.max_length, (name, field.name)


def test_money_ties_out_to_the_fen_when_nothing_is_planted(clean: dict[str, Rows]) -> None:
    given, paid = defaultdict(Decimal), defaultdict(Decimal)
    for row in clean["budget/allocations"]:
        given[row["line_no"]] += Decimal(str(row["amount"]))
    treasury = {row["payment_no"]: row for row in clean["treasury/payments"]}
    for row in treasury.values():
        paid[row["line_no"]] += Decimal(str(row["amount"]))
    assert all(paid[line] <= given[line] for line in paid)
    for name, kind, amount in (
        ("funds/benefits", "social", "paid"), ("state_assets/injections", "capital", "amount"),
    ):  # fmt: skip
        booked = {row["payment_no"]: Decimal(str(row[amount])) for row in clean[name]}
        sent = {
            key: Decimal(str(row["amount"]))
            for key, row in treasury.items() if row["line_kind"] == kind
        }  # fmt: skip
        assert booked == sent


def test_every_payee_is_registered_and_alive_to_the_register(clean: dict[str, Rows]) -> None:
    people = {row["resident_id"] for row in clean["police/residents"]}
    firms = {str(row["uscc"])[8:17] for row in clean["market/enterprises"] if row["status"] == "1"}
    for row in clean["treasury/payments"]:
        if row["payee_resident_id"]:
            assert long_form(str(row["payee_resident_id"])) in people
        else:
            code = str(row["payee_uscc"])
            assert (code[6:] if len(code) == 15 else code[8:17]) in firms


def test_every_planted_cell_stands_in_its_row(faulty: Target, faulty_rows: dict[str, Rows]) -> None:
    catalog = load_catalog(CATALOG)
    checked: Counter[str] = Counter()
    for fault in sample.planted(faulty.folder):
        if fault.stage not in ("quarantine", "discrepancy"):
            continue
        key = catalog.supplies[fault.supply].key[0].name
        rows = [row for row in faulty_rows[fault.supply] if fault.key in (row[key], row.get(
            "resident_id"), row.get("uscc"))]  # fmt: skip
        assert rows, fault
        if fault.kind == "wrong_check_digit":
            assert rows[0][fault.field] != fault.other, fault
            assert str(rows[0][fault.field])[:-1] == fault.other[:-1], fault
        if fault.kind == "missing_required":
            assert rows[0][fault.field] is None, fault
        if fault.kind == "duplicate_key":
            assert len(rows) == 2, fault
        checked[fault.kind] += 1
    assert {
        "wrong_check_digit", "missing_required", "unknown_code", "illegal_date", "duplicate_key",
        "two_people_one_number", "one_person_two_numbers", "transposed_birthday", "name_differs",
        "amounts_do_not_tie", "amount_differs", "payee_in_no_register", "cancelled_firm_paid",
        "order_of_dates", "out_of_range", "bad_phone",
    } <= set(checked)  # fmt: skip


def test_nothing_but_the_planted_rows_differs_from_the_clean_city(
    clean: dict[str, Rows], faulty: Target, faulty_rows: dict[str, Rows]
) -> None:
    planted: dict[str, set[str]] = defaultdict(set)
    for fault in sample.planted(faulty.folder):
        planted[fault.supply].add(fault.key)
        planted[fault.other if fault.stage == "balance" else fault.supply].add(fault.key)
    for case in sample.planted_cases(faulty.folder):
        for supply_name, key in case.rows:
            planted[supply_name].add(key)
    catalog = load_catalog(CATALOG)
    for name, supply in catalog.supplies.items():
        key = supply.key[0].name
        known = {tuple(row.items()) for row in clean[name]}
        for row in faulty_rows[name]:
            named = planted[name] & {str(row[key]), *map(str, row.values())}
            assert tuple(row.items()) in known or named, (name, row[key])


def test_budget_lines_are_overspent_as_planted_and_no_others(
    faulty: Target, faulty_rows: dict[str, Rows]
) -> None:
    rejected = {(f.supply, f.key) for f in sample.planted(faulty.folder) if f.stage == "quarantine"}
    left = defaultdict(Decimal)
    for name, key, sign in (
        ("budget/allocations", "allocation_no", 1), ("treasury/payments", "payment_no", -1),
    ):  # fmt: skip
        for row in faulty_rows[name]:
            if (name, row[key]) not in rejected:
                left[row["line_no"]] += sign * Decimal(str(row["amount"]))
    over = {line for line, rest in left.items() if rest < 0}
    assert over == {f.key for f in sample.planted(faulty.folder) if f.kind == "over_budget"}
    assert over


def test_drops_hold_gbk_names_markers_and_half_written_files(faulty: Target) -> None:
    [name] = names_on_disk(faulty.drop("disabled_federation"))
    assert name.decode("gbk") == "残疾人证_20260701.csv"
    with pytest.raises(UnicodeDecodeError):
        name.decode("utf-8")
    assert names_on_disk(faulty.drop("funeral")) == [
        b"cremations_20260701.csv", b"cremations_20260701.csv.ok", b"cremations_20260702.csv",
    ]  # fmt: skip
    assert b"contractors_20260702.parquet.part" in names_on_disk(faulty.drop("agriculture"))
    assert names_on_disk(faulty.drop("veterans")) == [b"veterans_20260628.xlsx"]


def test_a_column_has_lost_its_promised_name(faulty: Target) -> None:
    import sqlite3

    with sqlite3.connect(faulty.folder / "transport.db") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(ys_cyry)")]
    assert "lxdh" not in columns and "sjhm" in columns


def test_nobody_has_two_planted_faults_of_the_same_supply(faulty: Target) -> None:
    rows = Counter(
        (f.supply, f.key, f.field, f.expect)
        for f in sample.planted(faulty.folder)
        if f.stage != "batch"
    )
    assert max(rows.values()) == 1


def test_blocks_share_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sample import plan

    monkeypatch.setattr(plan, "BLOCK", 300)
    target = Target(tmp_path)
    sample.create(target, 1_500, seed=3, faults=False, day=DAY)
    rows = read_city(target)
    assert len(rows["police/residents"]) == 1_500
    for name, supply in load_catalog(CATALOG).supplies.items():
        keys = [row[supply.key[0].name] for row in rows[name]]
        assert len(set(keys)) == len(keys), name
    numbers = [row["resident_id"] for row in rows["police/residents"]]
    assert len(set(numbers)) == len(numbers)
    shutil.rmtree(target.folder)


def test_a_new_city_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    target = Target(tmp_path)
    sample.create(target, 500, seed=1, day=DAY)
    sample.create(target, 300, seed=2, faults=False, day=DAY.replace(day=9))
    assert len(read_city(target, DAY.replace(day=9))["police/residents"]) == 300
    for department in ("justice", "funeral", "agriculture", "disabled_federation", "veterans"):
        assert all(b"20260709" in name for name in names_on_disk(target.drop(department)))
    assert sample.planted(target.folder) == []
