"""What the hub's expectations judge a value by, for Great Expectations over pandas.

Each function takes the expectation's arguments and gives a function of one cell, pair or row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from quality.identifiers import IDENTIFIERS, Reference
from quality.identifiers.agreement import agrees
from quality.periods import in_force

Arguments = dict[str, Any]


def valid(identifier: str) -> Callable[[Arguments], Callable[[Any], bool]]:
    """One verdict of an identifier; without a name, all those that are errors."""

    def judge(given: Arguments) -> Callable[[Any], bool]:
        verdict, as_of, divisions = given["verdict"], given["as_of"], given["divisions"]
        day = date.fromisoformat(as_of) if as_of else date.max
        reference = Reference(day, frozenset(divisions) if divisions else None)
        wanted = [
            v
            for v in IDENTIFIERS[identifier]
            if v.name == verdict or (verdict is None and v.severity == "error")
        ]
        if not wanted:
            raise ValueError(f"no verdict {verdict}")
        return lambda number: all(v.judge(str(number), reference) is not False for v in wanted)

    return judge


def listed(given: Arguments) -> Callable[[Any], bool]:
    """The value, as text, is one of `value_set`."""
    values = given["value_set"]
    if values is None:
        raise ValueError("value_set is needed where there is no catalog")
    known = set(map(str, values))
    return lambda value: str(value) in known


def known_elsewhere(given: Arguments) -> Callable[[Any], bool]:
    """The value is one of `value_set`: the values of the other supply's field."""
    values = given["value_set"]
    if values is None:
        raise ValueError("value_set is needed: the values of the other supply's field")
    known = set(values)
    return lambda value: value in known


def in_force_on(given: Arguments) -> Callable[..., bool]:
    """The code was in force on the day beside it, on `as_of`, or today."""
    periods = given["periods"]
    if periods is None:
        raise ValueError("periods are needed where there is no catalog: [code, from, until]")
    by_code: dict[str, list[Any]] = {}
    for period in periods:
        by_code.setdefault(str(period[0]), []).append(period)
    default = given.get("as_of") or date.today().isoformat()
    return lambda code, day=default: in_force(code, day, by_code.get(str(code), ()))


def agreeing(given: Arguments) -> Callable[[dict[str, Any]], bool]:
    """The number of a row contradicts neither its birth date nor its sex."""
    number, born, sex = given["column"], given["birth_date"], given["sex"]
    return lambda row: agrees(row[number], born and row[born], sex and row[sex])
