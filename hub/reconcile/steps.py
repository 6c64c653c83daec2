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
    """One text to one text; null stays null. `sql` is a template with `{x}` for the input.

    `sql` names its input once, so that chains grow with their steps and not with their power.
    `when` is true of the inputs that it can change: a cheap look that spares most rows the work.
    """

    sql: str
    python: Callable[[str], str | None]
    when: str | None = None

    @property
    def sparing(self) -> str:
        """The SQL face for an input that costs nothing to name again, such as a column."""
        return f"CASE WHEN {self.when} THEN {self.sql} ELSE {{x}} END" if self.when else self.sql


def replace(pattern: str, by: str) -> Step:
    """All matches of a regular expression that RE2 and Python read alike."""
    found = re.compile(pattern, re.ASCII)  # RE2 knows word boundaries of ASCII alone
    wanted = _braced(literal(pattern))
    return Step(
        f"regexp_replace({{x}}, {wanted}, {literal(by)}, 'g')",
        lambda text: found.sub(by, text),
        f"regexp_matches({{x}}, {wanted})",
    )


def _braced(sql: str) -> str:
    return sql.replace("{", "{{").replace("}", "}}")


def _upper(text: str) -> str:
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in text)


UPPER = Step("upper({x})", _upper)
NARROW = Step(
    f"translate({{x}}, {_braced(literal(FULL))}, {_braced(literal(HALF))})",
    lambda text: text.translate(str.maketrans(FULL, HALF)),
    "regexp_matches({x}, '[！-～　]')",
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
    """The SQL face of a chain of steps in one expression."""
    for step in steps:
        expression = step.sql.format(x=f"({expression})")
    return expression


def together(steps: tuple[Step, ...], unless: str) -> Step:
    """Several steps as one, skipped for texts that match `unless`: those they would not change."""
    return Step(
        _braced(chain(steps, "\0")).replace("\0", "{x}"),
        lambda text: run(steps, text),
        f"NOT regexp_matches({{x}}, {_braced(literal(unless))})",
    )


def layered(base: str, columns: list[str], steps: dict[str, tuple[Step, ...]]) -> str:
    """A SELECT over `base` with some of its columns normalised, one nested level per step.

    Levels keep each step's input in a column, so that nothing is computed twice.
    """
    for level in range(max((len(chain_) for chain_ in steps.values()), default=0)):
        selected = ", ".join(
            f"{steps[column][level].sparing.format(x=column)} AS {column}"
            if column in steps and level < len(steps[column])
            else column
            for column in columns
        )
        base = f"SELECT {selected} FROM ({base})"
    return base
