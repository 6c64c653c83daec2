"""Spellings that a contract allows beside the plain one, rewritten for a whole column at once.

`formats` of dates and timestamps are strptime formats. `formats` of numbers are samples such as
`£#,##0.00`, `(#,##0.00)` or `0-`: a currency sign, thousands separators, brackets or a trailing
minus for negative amounts are legal where a sample shows them, and faults elsewhere.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from schemas.contract import Field

SIGNS = "£¥￥€$"
_WIDTHS = {"Y": "[0-9]{4}", "f": "[0-9]{1,6}"} | dict.fromkeys("mdHMS", "[0-9]{2}")
_DIRECTIVE = re.compile(r"%(.)")


def plain_moments(column: pa.Array, formats: tuple[str, ...]) -> pa.Array:
    """Cells of the formats as ISO 8601, the first format that fits; others as they were."""
    shown, done = column, pa.nulls(len(column), pa.bool_()).fill_null(False)
    for spelling in formats:
        rule = _moment_rule(spelling)
        if rule is None:
            break  # what follows is tried cell by cell, in its order
        fits = pc.and_not(pc.match_substring_regex(shown, rule[0]), done)
        column = pc.if_else(fits, pc.replace_substring_regex(shown, *rule), column)
        done = pc.or_(done, fits)
    return column


def plain_numbers(column: pa.Array, field: Field) -> pa.Array:
    """Cells with allowed decoration as plain numbers; others cannot be read as a number."""
    formats, comma = "".join(field.properties.formats), field.properties.decimal_comma
    if not formats and not comma:
        return column
    group, point = (".", ",") if comma else (",", ".")
    whole = "[0-9]*"
    if group in formats:
        whole = rf"(?:[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+|[0-9]*)"
    body = rf"{whole}(?:\{point}[0-9]*)?"
    signs = "".join(sign for sign in SIGNS if sign in formats)
    sign = f"[{signs}]? ?" if signs else ""
    negatives = [rf"\({sign}{body}\)|{sign}\({body}\)"] if "(" in formats else []
    negatives += [f"{sign}{body}-"] if "0-" in formats else []
    legal = "|".join([f"[-+]?{sign}{body}", f"{sign}[-+]?{body}", *negatives])
    fits = pc.match_substring_regex(column, f"^(?:{legal})$")
    bare = pc.replace_substring_regex(column, rf"[{SIGNS} \{group}()]", "")
    bare = pc.replace_substring_regex(bare, "^(.*)-$", r"-\1")
    if negatives:
        bracket = pc.match_substring(column, "(")
        bare = pc.if_else(bracket, pc.binary_join_element_wise("-", bare, ""), bare)
    if comma:
        bare = pc.replace_substring(bare, ",", ".")
    return pc.if_else(fits, bare, pc.binary_join_element_wise("?", column, ""))


def _moment_rule(spelling: str) -> tuple[str, str] | None:
    """(pattern, ISO replacement) of a format; None where only strptime can read it."""
    names = _DIRECTIVE.findall(spelling)
    if len(set(names)) != len(names) or not {"Y", "m", "d"} <= set(names) <= set(_WIDTHS):
        return None
    literals = [re.escape(part) for part in _DIRECTIVE.split(spelling)[::2]]
    pattern = literals[0]
    for name, literal in zip(names, literals[1:], strict=True):
        pattern += f"({_WIDTHS[name]})" + literal
    place = {name: rf"\{names.index(name) + 1}" for name in names}
    iso = f"{place['Y']}-{place['m']}-{place['d']}"
    if set(names) > {"Y", "m", "d"}:
        if not {"H", "M"} <= set(names) or ("f" in names and "S" not in names):
            return None
        iso += f" {place['H']}:{place['M']}:{place.get('S', '00')}"
        iso += f".{place['f']}" if "f" in names else ""
    return f"^{pattern}$", iso
