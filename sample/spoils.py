"""The ways in which cells go wrong, and which supply suffers from which."""

from __future__ import annotations

from datetime import datetime

from sample.faults import Change, Spoil
from sample.identifiers import USCC_ALPHABET
from sample.words import HOMOPHONES

NAMES = ("玮", "婧", "铭")
_PAIRS = (("1", "2"), ("男", "女"), ("男性", "女性"), ("M", "F"))
_SEXES = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
EQUAL = "expect_column_pair_values_to_be_equal"
BETWEEN = "expect_column_values_to_be_between"


def _next(alphabet: str, letter: str) -> str:
    return alphabet[(alphabet.index(letter) + 1) % len(alphabet)]


def resident_digit(cell: str) -> str:
    """The check character replaced; 15-digit numbers have none."""
    return cell[:-1] + _next("0123456789X", cell[-1]) if len(cell) == 18 else cell


def uscc_digit(cell: str) -> str:
    """The outer check character replaced."""
    return cell[:-1] + _next(USCC_ALPHABET, cell[-1]) if len(cell) == 18 else cell


def org_digit(cell: str) -> str:
    """The check character of an organisation code replaced."""
    return cell[:-1] + _next("0123456789X", cell[-1])


def other_name(cell: str) -> str:
    """The last character as a clerk mishears it."""
    return cell[:-1] + HOMOPHONES.get(cell[-1], next(n for n in NAMES if n != cell[-1]))


def other_firm_name(cell: str) -> str:
    """One character of the trade name mistaken."""
    return cell[:4] + ("鑫" if cell[4] != "鑫" else "金") + cell[5:]


def other_address(cell: str) -> str:
    """Another room of another house."""
    return cell.replace("号", "9号", 1)


def other_sex(cell: str) -> str:
    return _SEXES.get(cell, cell)


def to(value: str) -> Change:
    """The same wrong cell for everyone."""
    return lambda cell: value


def missing(cell: str) -> str | None:
    return None


def transposed(style: str) -> Change:
    """Day and month changed places, where that is a date and another one."""

    def change(cell: str) -> str:
        born = datetime.strptime(cell, style)
        if born.day > 12 or born.day == born.month:
            return cell
        return born.replace(month=born.day, day=born.month).strftime(style)

    return change


def other_birth(style: str) -> Change:
    """Ten years and some days off."""

    def change(cell: str) -> str:
        born = datetime.strptime(cell, style)
        return born.replace(year=born.year - 10, day=born.day % 27 + 1).strftime(style)

    return change


def rejected(kind: str, field: str, expect: str, change: Change) -> Spoil:
    return Spoil(kind, field, "quarantine", expect, change)


def disputed(kind: str, field: str, change: Change) -> Spoil:
    return Spoil(kind, field, "discrepancy", "value_conflict", change)


def wrong_resident_id(field: str = "resident_id") -> Spoil:
    return rejected("wrong_check_digit", field, "resident_id.check_digit", resident_digit)


def no_name() -> Spoil:
    return rejected("missing_required", "name", "required", missing)


def unknown(field: str, code: str) -> Spoil:
    return rejected("unknown_code", field, "codelist", to(code))


def illegal(field: str, text: str) -> Spoil:
    return rejected("illegal_date", field, "type", to(text))


def short_phone() -> Spoil:
    return rejected("bad_phone", "phone", "pattern", lambda cell: cell[:-1])


def name_variant() -> Spoil:
    return disputed("name_differs", "name", other_name)


def sex_differs() -> Spoil:
    return disputed("sex_differs", "sex", other_sex)


def swapped_birthday(style: str) -> Spoil:
    return disputed("transposed_birthday", "birth_date", transposed(style))


def birth_differs(style: str) -> Spoil:
    return disputed("birth_date_differs", "birth_date", other_birth(style))


def address_differs() -> Spoil:
    return disputed("address_differs", "address", other_address)


ISO = "%Y-%m-%d"
PEOPLE: dict[str, list[Spoil]] = {
    "police/residents": [
        wrong_resident_id(), no_name(), unknown("ethnicity", "66"),
        illegal("birth_date", "19850230"),
        unknown("division", "990199"), unknown("sex", "3"),
    ],
    "health/patients": [
        wrong_resident_id(), name_variant(), swapped_birthday(ISO), address_differs(),
        short_phone(),
        sex_differs(), unknown("sex", "不男"),
    ],
    "human_resources/insured": [
        swapped_birthday(ISO), wrong_resident_id(), name_variant(),
        illegal("birth_date", "1990-13-01"),
        rejected("wrong_check_digit", "employer_uscc", "uscc.check_digit", uscc_digit),
        disputed("ethnicity_differs", "ethnicity", lambda cell: "11" if cell == "1" else "1"),
        unknown("insured_status", "8"), sex_differs(),
    ],
    "education/students": [
        birth_differs("%Y.%m.%d"), wrong_resident_id(), illegal("birth_date", "2015.02.30"),
        rejected("out_of_range", "grade", "range", to("15")), no_name(),
        unknown("ethnicity", "火星族"),
        name_variant(),
    ],
    "civil_affairs/marriages": [
        wrong_resident_id(), name_variant(), unknown("marital_status", "77"), sex_differs(),
        illegal("birth_date", "1970-00-10"), birth_differs(ISO),
    ],
    "housing/owners": [
        wrong_resident_id(), rejected("out_of_range", "area_m2", BETWEEN, to("99999.00")),
        name_variant(), swapped_birthday(ISO), illegal("birth_date", "0000-00-00"), short_phone(),
    ],
    "medical_insurance/insured": [
        name_variant(), address_differs(), swapped_birthday("%Y/%m/%d"), no_name(),
        unknown("insurance_type", "999"), illegal("birth_date", "1988/11/31"),
        birth_differs("%Y/%m/%d"), sex_differs(),
    ],
    "justice/aid_cases": [
        wrong_resident_id(), swapped_birthday(ISO), illegal("accepted_on", "2026-02-31"),
        name_variant(), short_phone(), no_name(),
    ],
    "disabled_federation/certificates": [
        wrong_resident_id(), name_variant(), unknown("category", "心理"), address_differs(),
        illegal("issued_on", "2019年13月1日"), no_name(),
    ],
    "veterans/veterans": [
        rejected("order_of_dates", "discharged_on", GREATER, to("1901-01-01")), wrong_resident_id(),
        illegal("birth_date", "1960-06-31"), name_variant(),
        rejected("out_of_range", "service_years", "range", to("88")), birth_differs(ISO),
    ],
    "agriculture/contractors": [
        wrong_resident_id(), name_variant(),
        rejected("order_of_dates", "valid_to", GREATER, to("1901-01-01")), no_name(),
        sex_differs(), unknown("sex", "7"),
    ],
    "funeral/cremations": [
        rejected("order_of_dates", "cremated_on", GREATER, to("19010101")), wrong_resident_id(),
        illegal("death_date", "20260431"), name_variant(),
    ],
}  # fmt: skip
FIRMS: dict[str, list[Spoil]] = {
    "market/enterprises": [
        rejected("wrong_check_digit", "uscc", "uscc.check_digit", uscc_digit), no_name(),
        unknown("status", "6"), rejected("out_of_range", "capital_wan", "range", to("-100.00")),
        rejected("order_of_dates", "cancelled_on", GREATER, to("1901-01-01")),
    ],
    "tax/taxpayers": [
        rejected("wrong_check_digit", "tax_id", "tax_id.check_digit", uscc_digit),
        disputed("name_differs", "name", other_firm_name),
        disputed("legal_rep_differs", "legal_rep", other_name), unknown("tax_status", "66"),
        disputed("address_differs", "address", other_address),
        illegal("registered_on", "2019-02-29"),
    ],
    "quality/organisation_codes": [
        rejected("wrong_check_digit", "org_code", "org_code.check_digit", org_digit),
        disputed("name_differs", "name", other_firm_name),
        rejected("order_of_dates", "valid_to", GREATER, to("1901-01-01")),
        disputed("legal_rep_differs", "legal_rep", other_name),
    ],
    "police/seals": [
        disputed("legal_rep_differs", "legal_rep", other_name),
        rejected("wrong_check_digit", "uscc", "uscc.check_digit", uscc_digit),
        rejected(
            "wrong_check_digit", "registration_no", "registration_no.check_digit",
            lambda cell: cell[:-1] + _next("0123456789", cell[-1]),
        ),
        wrong_resident_id("legal_rep_id"), no_name(),
    ],
    "statistics/units": [
        disputed("industry_differs", "industry", lambda cell: "97" if cell != "97" else "96"),
        rejected("wrong_check_digit", "uscc", "uscc.check_digit", uscc_digit),
        disputed("name_differs", "name", other_firm_name), unknown("industry", "Z9"),
        rejected("out_of_range", "employees", "range", to("-5")),
    ],
}  # fmt: skip
