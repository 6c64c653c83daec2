"""Single steps of normalisation, each with a SQL face and an equal Python face."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hub.store import literal

FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "　"
HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
WHITE = "[\t\n\x0b\f\r \xa0]"


@dataclass(frozen=True)
class Step:
    """One text to one text; null stays null. `sql` is a template with `{x}` for the input."""

    sql: str
    python: Callable[[str], str | None]


def replace(pattern: str, by: str) -> Step:
    """All matches of a regular expression that RE2 and Python read alike."""
    found = re.compile(pattern)
    wanted = literal(pattern).replace("{", "{{").replace("}", "}}")
    return Step(
        f"CASE WHEN regexp_matches({{x}}, {wanted}) "
        f"THEN regexp_replace({{x}}, {wanted}, {literal(by)}, 'g') ELSE {{x}} END",
        lambda text: found.sub(by, text),
    )


def _upper(text: str) -> str:
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


UPPER = Step("upper({x})", _upper)
NARROW = Step(
    f"CASE WHEN regexp_matches({{x}}, '[！-～　]') "
    f"THEN translate({{x}}, {literal(FULL)}, {literal(HALF)}) ELSE {{x}} END".replace(
        "{x}", "\0"
    ).replace("{", "{{").replace("}", "}}").replace("\0", "{x}"),
    lambda text: text.translate(str.maketrans(FULL, HALF)),
)
"""Full-width letters, digits and signs become ASCII: the part of NFKC that clerks produce."""
COLLAPSE = replace(f"{WHITE}+", " ")
TRIM = Step("trim({x}, ' ')", lambda text: text.strip(" "))
FILLED = Step("nullif({x}, '')", lambda text: text or None)


def run(steps: tuple[Step, ...], text: str | None) -> str | None:
    """The Python face of a chain of steps."""
    for step in steps:
        if text is None:
            return None
        text = step.python(text)
    return text


def chain(steps: tuple[Step, ...], expression: str) -> str:
    """The SQL face in one expression; the text grows with every step, so use it for short ones."""
    for step in steps:
        expression = step.sql.format(x=f"({expression})")
    return expression


def layered(base: str, columns: list[str], steps: dict[str, tuple[Step, ...]]) -> str:
    """A SELECT over `base` with some of its columns normalised, one nested level per step.

    Levels keep each step's input in a column, so that nothing is computed twice.
    """
    for level in range(max((len(chain_) for chain_ in steps.values()), default=0)):
        selected = ", ".join(
            f"{steps[column][level].sql.format(x=column)} AS {column}"
            if column in steps and level < len(steps[column])
            else column
            for column in columns
        )
        base = f"SELECT {selected} FROM ({base})"
    return base
