"""Identifiers: both faces agree with each other, and with python-stdnum wherever both apply."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

from quality.identifiers import (
    IDENTIFIERS,
    Reference,
    judge,
    org_code,
    registration_no,
    resident_id,
    uscc,
)

pytestmark = pytest.mark.slow

AS_OF = date(2026, 6, 1)
PLAIN = Reference(AS_OF)
LISTED = Reference(AS_OF, frozenset({"110105", "440524", "990101"}))
CONNECTION = duckdb.connect()

dates = st.dates(date(1850, 1, 1), date(2030, 12, 31)).map(lambda d: d.strftime("%Y%m%d"))
divisions = st.one_of(
    st.sampled_from(["110105", "440524", "990101", "810000", "830000", "911234", "100000"]),
    st.from_regex("[0-9]{6}", fullmatch=True),
)
bodies = st.builds(
    lambda d, b, s: f"{d}{b}{s:03}",
    divisions,
    dates | st.from_regex("[0-9]{8}", fullmatch=True),
    st.integers(0, 999),
)
residents = st.one_of(
    bodies.map(lambda b: b + resident_id.check_character(b)),
    st.builds(lambda b, c: b + c, bodies, st.sampled_from("0123456789Xx")),
    st.from_regex("[0-9]{15}", fullmatch=True),
)
uscc_bodies = st.builds(
    lambda a, d, o: a + d + o,
    st.text(uscc.ALPHABET, min_size=2, max_size=2),
    divisions,
    st.text(uscc.ALPHABET, min_size=9, max_size=9)
    | st.text(uscc.ALPHABET, min_size=8, max_size=8).map(lambda b: b + org_code.check_character(b)),
)
usccs = uscc_bodies.map(lambda b: b + uscc.check_character(b)) | st.text(
    uscc.ALPHABET, min_size=18, max_size=18
)
org_codes = st.text(org_code.VALUES, min_size=8, max_size=8).flatmap(
    lambda b: st.sampled_from(
        [b + org_code.check_character(b), b + "-" + org_code.check_character(b), b + "5", b]
    )
)
tax_ids = st.one_of(
    st.builds(lambda d, o: d + o, divisions, org_codes),
    usccs,
    residents.map(lambda r: r + "01"),
)
registrations = st.from_regex("[0-9]{14}", fullmatch=True).flatmap(
    lambda b: st.sampled_from([b + registration_no.check_character(b), b + "3"])
)
NUMBERS = {
    "resident_id": residents,
    "uscc": usccs,
    "org_code": org_codes,
    "tax_id": tax_ids,
    "registration_no": registrations,
    "division": divisions,
}
WIDE = str.maketrans("0123456789ABCXYZx", "０１２３４５６７８９ＡＢＣＸＹＺｘ")


def spoilt(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Numbers as people mistype them: full width, small letters, blanks, anything at all."""
    return st.one_of(
        numbers,
        numbers.map(lambda n: n.translate(WIDE)),
        numbers.map(str.lower),
        numbers.map(lambda n: n[:-1]),
        numbers.map(lambda n: n + " "),
        numbers.map(lambda n: n[1:2] + n[0:1] + n[2:]),
        st.text(max_size=20).filter(lambda t: "\0" not in t),
    )


@pytest.mark.parametrize("identifier", sorted(IDENTIFIERS))
@pytest.mark.parametrize("reference", [PLAIN, LISTED], ids=["provinces", "listed"])
def test_the_sql_face_gives_the_verdicts_of_the_python_face(
    identifier: str, reference: Reference
) -> None:
    verdicts = IDENTIFIERS[identifier]
    faces = ", ".join(v.sql("n", reference) for v in verdicts)

    @settings(max_examples=12, deadline=None)
    @given(st.lists(spoilt(NUMBERS[identifier]), min_size=20, max_size=60))
    def hold(numbers: list[str]) -> None:
        rows = CONNECTION.execute(
            f"SELECT {faces} FROM (SELECT unnest($1::VARCHAR[]) AS n)", [numbers]
        ).fetchall()
        for number, row in zip(numbers, rows, strict=True):
            assert dict(zip((v.name for v in verdicts), row, strict=True)) == judge(
                identifier, number, reference
            ), number

    hold()


@pytest.mark.parametrize("identifier", sorted(IDENTIFIERS))
def test_null_is_judged_by_nobody(identifier: str) -> None:
    for verdict in IDENTIFIERS[identifier]:
        row = CONNECTION.execute(
            f"SELECT {verdict.sql('n', PLAIN)} FROM (SELECT NULL::VARCHAR AS n)"
        ).fetchone()
        assert row == (None,)


@given(bodies)
def test_resident_check_digit_equals_stdnum(body: str) -> None:
    assert ric.calc_check_digit(body + "0") == resident_id.check_character(body)


@given(residents)
def test_what_stdnum_accepts_as_resident_number_is_accepted(number: str) -> None:
    try:
        ric.validate(number)
    except (ValidationError, KeyError):
        return
    if not (number[6:10] >= "1800" and number[6:14] <= AS_OF.strftime("%Y%m%d")):
        return
    assert False not in judge("resident_id", number, PLAIN).values()


@given(usccs)
def test_uscc_check_equals_stdnum(number: str) -> None:
    if number[:8].isdigit():
        assert stdnum_uscc.is_valid(number) == uscc.check_digit(number, PLAIN)


@given(registrations)
def test_registration_check_equals_stdnum(number: str) -> None:
    assert mod_11_10.is_valid(number) == registration_no.check_digit(number, PLAIN)


def test_published_vectors() -> None:
    # GB 11643 and GB 32100 samples: made-up people and bodies of the standards themselves.
    assert set(judge("resident_id", "11010519491231002X", LISTED).values()) == {True}
    assert set(judge("resident_id", "44052418800101001４", LISTED).values()) == {True}
    assert judge("uscc", "91350100M000100Y43", PLAIN)["check_digit"]
    assert judge("uscc", "913501008288360750", PLAIN)["check_digit"]
    assert judge("org_code", "D2143569-X", PLAIN)["check_digit"]


def test_the_three_verdicts_are_apart() -> None:
    body = "12345619000230001"  # 30 February, no such division in the list
    verdicts = judge("resident_id", body + resident_id.check_character(body), LISTED)
    assert verdicts == {"check_digit": True, "calendar_date": False, "division": False}


def test_permits_are_not_refused() -> None:
    for division in ("810000", "820000", "830000", "911011"):
        body = division + "19900101001"
        number = body + resident_id.check_character(body)
        assert set(judge("resident_id", number, LISTED).values()) == {True}


@settings(max_examples=40, deadline=None)
@given(residents | st.text(max_size=18).filter(lambda t: "\0" not in t))
def test_legacy_numbers_become_the_same_full_numbers_in_sql(number: str) -> None:
    row = CONNECTION.execute(
        f"SELECT {resident_id.to_full_sql('$1::VARCHAR')}", [number]
    ).fetchone()
    assert row == (resident_id.to_full(number),)
