"""Python's regular expressions for RE2: rewritten node by node where both mean the same.

RE2 differs in silence: its classes are ASCII, its `$` is not Python's. Whatever is not on the
list below (look-around, back-references, flags, word boundaries) is left to Python itself.
"""

from __future__ import annotations

import re
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from quality.compile.forms import BadArgument, Uncompilable

RE2_REPEATS = 1000
_CLASSES = {
    op.CATEGORY_DIGIT: r"\p{Nd}",
    op.CATEGORY_NOT_DIGIT: r"\P{Nd}",
    op.CATEGORY_SPACE: r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}"
    r"\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}",
}


def re2(pattern: Any) -> str:
    """The RE2 spelling; raises `BadArgument` on a broken pattern, `Uncompilable` on a hard one."""
    if not isinstance(pattern, str):
        raise BadArgument("a regular expression must be text")
    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError) as error:
        raise BadArgument(f"not a regular expression: {error}") from None
    if tree.state.flags & ~re.UNICODE:
        raise Uncompilable("flags")
    return _sequence(tree)


def _sequence(nodes: Any) -> str:
    return "".join(_node(code, value) for code, value in nodes)


def _character(code: int) -> str:
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise Uncompilable("character")
    return f"\\x{{{code:x}}}" if not chr(code).isalnum() else chr(code)


def _node(code: Any, value: Any) -> str:
    match code:
        case op.LITERAL:
            return _character(value)
        case op.NOT_LITERAL:
            return f"[^{_character(value)}]"
        case op.ANY:
            return r"[^\n]"
        case op.AT if value in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return r"\A"
        case op.AT if value is op.AT_END:
            return r"(?:\n?\z)"  # Python's $ also stands before a last line feed
        case op.AT if value is op.AT_END_STRING:
            return r"\z"
        case op.IN:
            return _set(value)
        case op.BRANCH:
            return "(?:" + "|".join(_sequence(branch) for branch in value[1]) + ")"
        case op.SUBPATTERN if not value[1] and not value[2]:
            return f"(?:{_sequence(value[3])})"
        case op.MAX_REPEAT | op.MIN_REPEAT:
            return _repeat(*value)
    raise Uncompilable(str(code))


def _repeat(least: int, most: Any, what: Any) -> str:
    if least > RE2_REPEATS or (most is not op.MAXREPEAT and most > RE2_REPEATS):
        raise Uncompilable("more repeats than RE2 allows")
    body = f"(?:{_sequence(what)})"
    upper = "" if most is op.MAXREPEAT else str(most)
    return f"{body}{{{least},{upper}}}"


def _set(items: Any) -> str:
    negated = bool(items) and items[0][0] is op.NEGATE
    parts = [_member(code, value) for code, value in (items[1:] if negated else items)]
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _member(code: Any, value: Any) -> str:
    match code:
        case op.LITERAL:
            return _character(value)
        case op.RANGE:
            return f"{_character(value[0])}-{_character(value[1])}"
        case op.CATEGORY if value in _CLASSES:
            return _CLASSES[value]
    raise Uncompilable(str(value))
