"""Atoms of blocking: parts of a value that two records of one entity are likely to share.

A blocking rule is one atom, or two atoms of two fields. Which rules serve is worked out from the
data (`rules`), from how often an atom agrees by chance and how often it outlives a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.linkage.prepare import words_of
from hub.linkage.specification import Compared
from schemas.linkage import Kind


@dataclass(frozen=True)
class Atom:
    """One part of a value: SQL over `{p}`, the canonical value, giving a text or a list of them.

    `lasts` says which typing mistakes it outlives: the mistake lies in one place of the value,
    from 0 (its start) to 1 (its end), and the atom lasts when that place is outside of `parts`;
    of those inside it lasts in the share `luck`.
    """

    name: str
    sql: str
    parts: tuple[float, float] = (0.0, 1.0)
    luck: float = 0.0
    many: bool = False  # a list: sharing one of its values is enough


_DIGITS = "translate(substr({x}, 2), 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '111122222222334556')"
for _digit in "123456":
    _DIGITS = f"replace({_DIGITS}, '{_digit}{_digit}', '{_digit}')"
_SOUND = f"left({{x}}, 1) || left({_DIGITS} || '000', 3)"
"""Soundex (Russell 1918), which drops vowels before it looks for doubled letters."""
_HAN = "regexp_matches({p}, '\\p{Han}')"
_SOUNDS = (
    f"CASE WHEN {_HAN} THEN CASE WHEN length({{p}}) >= 3 "
    "THEN [left({p}, 2), substr({p}, 2), left({p}, 1) || '?' || substr({p}, 3)] "
    "ELSE [left({p}, 1), '?' || substr({p}, 2)] END "
    f"ELSE [{_SOUND.replace('{x}', 'x')} FOR x IN string_split({{p}}, ' ')] END"
)
_WORDS = words_of("{p}")
_TWO = "[^\\p{Han} ]+ [^\\p{Han} ]+"
_NEXT = (
    f"regexp_extract_all({{p}}, '{_TWO}') || "
    f"regexp_extract_all(substr({{p}}, strpos({{p}}, ' ') + 1), '{_TWO}')"
    f" || CASE WHEN {_HAN} THEN [{{p}}[i:i + 3] FOR i IN range(1, greatest(length({{p}}) - 2, 2))] "
    "ELSE [] END"
)
_HALF = "(length({p}) + 1) // 2"

ATOMS: dict[Kind, tuple[Atom, ...]] = {
    "person_name": (
        Atom("same", "{p}"),
        Atom("sound", _SOUNDS, luck=0.6, many=True),
        Atom("start", "left({p}, 3)", (0.0, 0.4)),
        Atom("end", "right({p}, 3)", (0.6, 1.0)),
    ),
    "organisation_name": (
        Atom("same", "{p}"),
        Atom("word", _WORDS, luck=0.8, many=True),
        Atom("next", _NEXT, luck=0.6, many=True),
        Atom("start", "left({p}, 5)", (0.0, 0.4)),
    ),
    "identifier": (
        Atom("same", "{p}"),
        Atom("head", f"left({{p}}, {_HALF})", (0.0, 0.5)),
        Atom("tail", f"substr({{p}}, {_HALF} + 1)", (0.5, 1.0)),
    ),
    "date": (
        Atom("same", "{p}"),
        Atom("month", "left({p}, 6)", (0.0, 0.67)),
        Atom("day", "substr({p}, 5)", (0.33, 1.0)),
        Atom("year", "left({p}, 4)", (0.0, 0.34)),
    ),
    "address": (
        Atom("same", "{p}"),
        Atom("word", _WORDS, luck=0.8, many=True),
        Atom("next", _NEXT, luck=0.6, many=True),
        Atom("start", "left({p}, 4)", (0.0, 0.3)),
    ),
    "phone": (
        Atom("same", "right({p}, 8)"),
        Atom("head", "left(right({p}, 8), 4)", (0.0, 0.5)),
        Atom("tail", "right({p}, 4)", (0.5, 1.0)),
    ),
    "code": (Atom("same", "{p}"),),
    "number": (Atom("same", "{p}"),),
    "text": (
        Atom("same", "{p}"),
        Atom("word", _WORDS, luck=0.85, many=True),
        Atom("next", _NEXT, luck=0.7, many=True),
        Atom("start", "left({p}, 6)", (0.0, 0.3)),
    ),
}

STATES: dict[Kind, tuple[float, float]] = {
    "person_name": (0.55, 0.35),
    "organisation_name": (0.4, 0.5),
    "identifier": (0.8, 0.15),
    "date": (0.8, 0.15),
    "address": (0.35, 0.4),
    "phone": (0.6, 0.1),
    "code": (0.85, 0.05),
    "number": (0.8, 0.1),
    "text": (0.4, 0.5),
}
"""Shares of matches whose values are equal, and whose values differ by one mistake: on the
pessimistic side, so that blocking does not rely on clean data."""


def atom_sql(field: Compared, name: str) -> str:
    """SQL of one atom of a field's canonical value, which is not null."""
    atom = next(atom for atom in ATOMS[field.kind] if atom.name == name)
    return atom.sql.replace("{p}", f"p{field.place}")


def is_many(field: Compared, name: str) -> bool:
    """Whether the atom is a list."""
    return next(atom for atom in ATOMS[field.kind] if atom.name == name).many
