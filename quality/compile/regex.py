"""Python's regular expressions for RE2: rewritten node by node where both mean the same.

RE2 differs in silence: its classes are ASCII, its `$` is not Python's, it folds cases in another
way. Classes are therefore written out. What RE2 cannot say (look-around, back-references,
boundaries of words that are not ASCII) is left to Python itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from quality.compile.forms import BadArgument, Uncompilable

RE2_REPEATS = 1000
FOLDED_RANGE = 0x3000  # letters with two cases stand below; a wider range is left to Python
_KNOWN_FLAGS = re.UNICODE | re.ASCII | re.IGNORECASE | re.MULTILINE | re.DOTALL
_ASCII_CLASSES = {
    op.CATEGORY_DIGIT: "0-9",
    op.CATEGORY_SPACE: r"\t-\r\x{20}",
    op.CATEGORY_WORD: "0-9A-Za-z_",
}
_SPACES = (
    r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}"
    r"\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
)
_OPPOSITE = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}


def re2(pattern: Any) -> str:
    """The RE2 spelling; raises `BadArgument` on a broken pattern, `Uncompilable` on a hard one."""
    if not isinstance(pattern, str):
        raise BadArgument("a regular expression must be text")
    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError) as error:
        raise BadArgument(f"not a regular expression: {error}") from None
    if tree.state.flags & ~_KNOWN_FLAGS:
        raise Uncompilable("flags")
    return _sequence(tree, tree.state.flags)


@cache
def _written(category: Any) -> str:
    """Python's own letters or digits, as ranges: RE2 knows those of another Unicode version."""
    belongs = str.isdecimal if category is op.CATEGORY_DIGIT else str.isalnum
    found, start = [_ASCII_CLASSES[category]], -1
    for code in range(128, sys.maxunicode + 2):
        inside = code <= sys.maxunicode and belongs(chr(code))
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            found.append(f"\\x{{{start:x}}}-\\x{{{code - 1:x}}}")
            start = -1
    return "".join(found)


@cache
def _same_letters() -> dict[str, frozenset[str]]:
    """Characters that Python takes for each other, whatever their case, by their small letter."""
    import _sre  # type: ignore[import-not-found]
    from re import _casefix  # type: ignore[attr-defined]

    groups: dict[int, set[str]] = {}
    for code in (*range(1, 0xD800), *range(0xE000, 0x20000)):
        groups.setdefault(_sre.unicode_tolower(code), set()).add(chr(code))
    extra = _casefix._EXTRA_CASES
    return {
        chr(small): frozenset(
            group.union(*(groups.get(other, set()) for other in extra.get(small, ())))
        )
        for small, group in groups.items()
        if len(group) > 1 or small in extra
    }


def _variants(code: int) -> Iterable[int]:
    import _sre

    small = chr(_sre.unicode_tolower(code))
    return sorted(map(ord, _same_letters().get(small, {chr(code)})))


def _sequence(nodes: Any, flags: int) -> str:
    # The spelling of $ takes the last line feed with it, so nothing may come behind it.
    if not flags & re.MULTILINE and any("AT_END" in repr(node) for node in list(nodes)[:-1]):
        raise Uncompilable("$ before the end")
    return "".join(_node(code, value, flags) for code, value in nodes)


def _character(code: int) -> str:
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise Uncompilable("character")
    return f"\\x{{{code:x}}}" if not chr(code).isalnum() else chr(code)


def _node(code: Any, value: Any, flags: int) -> str:
    many, ascii_only = flags & re.MULTILINE, flags & re.ASCII
    match code:
        case op.LITERAL if not flags & re.IGNORECASE:
            return _character(value)
        case op.LITERAL | op.NOT_LITERAL:
            return _set(
                [*[(op.NEGATE, None)] * (code is op.NOT_LITERAL), (op.LITERAL, value)], flags
            )
        case op.ANY:
            return "(?s:.)" if flags & re.DOTALL else r"[^\n]"
        case op.AT if value is op.AT_BEGINNING and many:
            return "(?m:^)"
        case op.AT if value is op.AT_END and many:
            return "(?m:$)"
        case op.AT if value in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return r"\A"
        case op.AT if value is op.AT_END:
            return r"(?:\n?\z)"  # Python's $ also stands before a last line feed
        case op.AT if value is op.AT_END_STRING:
            return r"\z"
        case op.AT if value is op.AT_BOUNDARY and ascii_only:
            return r"\b"
        case op.IN:
            return _set(value, flags)
        case op.BRANCH:
            return "(?:" + "|".join(_sequence(branch, flags) for branch in value[1]) + ")"
        case op.SUBPATTERN if not value[1] and not value[2]:
            return f"(?:{_sequence(value[3], flags)})"
        case op.MAX_REPEAT | op.MIN_REPEAT:
            least, most, what = value
            return _repeat(least, most, what, flags)
    raise Uncompilable(str(code))


def _repeat(least: int, most: Any, what: Any, flags: int) -> str:
    if least > RE2_REPEATS or (most is not op.MAXREPEAT and most > RE2_REPEATS):
        raise Uncompilable("more repeats than RE2 allows")
    if "AT_END" in repr(what):
        raise Uncompilable("$ repeated")
    body = f"(?:{_sequence(what, flags)})"
    upper = "" if most is op.MAXREPEAT else str(most)
    return f"{body}{{{least},{upper}}}"


def _set(items: Any, flags: int) -> str:
    negated = bool(items) and items[0][0] is op.NEGATE
    members = items[1:] if negated else items
    if any(code is op.CATEGORY and value in _OPPOSITE for code, value in members):
        if len(members) > 1:
            raise Uncompilable("a class and the opposite of one")
        members = [(op.CATEGORY, _OPPOSITE[members[0][1]])]
        negated = not negated
    parts = [_member(code, value, flags) for code, value in members]
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _member(code: Any, value: Any, flags: int) -> str:
    match code:
        case op.LITERAL | op.RANGE:
            low, high = (value, value) if code is op.LITERAL else value
            if not flags & re.IGNORECASE:
                return _character(low) + (f"-{_character(high)}" if high > low else "")
            if flags & re.ASCII or high - low > FOLDED_RANGE:
                raise Uncompilable("a range without regard to case")
            return "".join(_character(c) for one in range(low, high + 1) for c in _variants(one))
        case op.CATEGORY if flags & re.ASCII and value in _ASCII_CLASSES:
            return _ASCII_CLASSES[value]
        case op.CATEGORY if value in _ASCII_CLASSES:
            return _SPACES if value is op.CATEGORY_SPACE else _written(value)
    raise Uncompilable(str(value))
