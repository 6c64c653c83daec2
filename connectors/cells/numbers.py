"""Numbers, from one cell's text: the exact meaning that the column casts must agree with."""

from __future__ import annotations

import re
from decimal import Decimal

from connectors.cells.faults import Illegal
from schemas.contract import FieldType

INTEGER = re.compile(r"[+-]?[0-9]+(\.0*)?", re.ASCII)
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?", re.ASCII)
BEYOND = re.compile(r"[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
INT64 = range(-(2**63), 2**63)


def integer(text: str, kind: FieldType, wide: bool) -> int | Decimal:
    """A whole number; a fraction of zeros is whole. `wide`: decimal128 rather than int64."""
    if not INTEGER.fullmatch(text):
        raise Illegal("out_of_range" if BEYOND.fullmatch(text) else "not_integer")
    whole = text.partition(".")[0]
    if len(whole) > 400:  # int() refuses very long texts; none of them fits
        raise Illegal("out_of_range")
    value = int(whole)
    if wide:
        if abs(value) >= 10 ** (kind.precision or 38):
            raise Illegal("out_of_range")
        return Decimal(value)
    if value not in INT64:
        raise Illegal("out_of_range")
    return value


def decimal(text: str, kind: FieldType) -> Decimal:
    """A decimal of the contract's precision and scale, digit for digit."""
    value = _decimal(text)
    if not value:
        return Decimal(0)
    precision, scale = kind.precision or 38, kind.scale or 0
    if value.adjusted() >= precision - scale:
        raise Illegal("out_of_range")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    lost = -exponent - scale  # decimals more than promised; zeros may go
    if lost > 0:
        if any(digits[-lost:]):
            raise Illegal("scale_lost")
        value = Decimal((sign, digits[:-lost], -scale))
    return value


def double(text: str) -> float:
    """A binary float that is shown again as the same number; NaN and infinity are refused."""
    exact = _decimal(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Illegal("out_of_range")
    if Decimal(repr(value)) != exact:
        raise Illegal("scale_lost")
    return value


def _decimal(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise Illegal("out_of_range" if BEYOND.fullmatch(text) else "not_number")
    return Decimal(text)
