"""Hypothesis strategies: rows full of odd values, and terms that fit the small hub's dataset."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from schemas.sharing import Terms

ODD = (
    "",
    " ",
    "'",
    '"',
    "\\",
    'a,b\n"c"',
    "=1+1",
    "𠮷野家",
    "e\u0301",
    "\u202e",
    "*",
    "\x1f",
    "%s{}",
)
texts = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.text("王李张明红", min_size=1, max_size=4),
)
digits = st.text("0123456789X", max_size=18)
codes = st.sampled_from(["990101", "990102", "9902", "99", ""])
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
moments = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC))
decimals = st.decimals(
    Decimal("-9999999999999999999999999999"), Decimal("9999999999999999999999999999"), places=10
)
floats = st.one_of(st.floats(width=64, allow_nan=False), st.floats(-1e6, 1e6))

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": digits,
    "full_name": texts,
    "division": codes,
    "born_on": days,
    "seen_at": moments,
    "visits": st.integers(-(2**63), 2**63 - 1) | st.integers(-50, 50),
    "amount": decimals | st.decimals(-100, 100, places=10),
    "weight": floats,
    "alive": st.booleans(),
    "opens_at": st.sampled_from(["08:00:00", "23:59:59.5"]),
    "remarks": st.sampled_from(["{}", '{"a": "王"}', "[1]"]),
    "payee_entity_id": st.sampled_from(["e0", "e1", "x9"]),
    "secret": texts,
    "备注": texts,
}
KEEP = {"kind": "keep"}
PSEUDONYM = {"kind": "pseudonym"}
partials = st.builds(
    lambda first, last: {"kind": "partial", "first": first, "last": last},
    st.integers(0, 10), st.integers(0, 10),
)  # fmt: skip
dated = st.sampled_from([{"kind": "generalise", "to": to} for to in ("year", "quarter", "month")])
steps = st.sampled_from([1, 2, 5, 7, 10, 1000, 10**12]).map(
    lambda step: {"kind": "generalise", "step": step}
)
firsts = st.integers(1, 7).map(lambda first: {"kind": "generalise", "first": first})
of_text = st.one_of(st.just(KEEP), st.just(PSEUDONYM), partials)
MASKS: dict[str, st.SearchStrategy[Any]] = {
    "number": of_text | firsts,
    "full_name": of_text,
    "division": of_text | firsts,
    "born_on": st.just(KEEP) | dated,
    "seen_at": st.just(KEEP) | dated,
    "visits": st.sampled_from([KEEP, PSEUDONYM]) | steps,
    "amount": st.just(KEEP) | steps,
    "weight": st.just(KEEP) | steps,
    "alive": st.just(KEEP),
    "opens_at": st.just(KEEP),
    "remarks": st.just(KEEP),
    "payee_entity_id": st.sampled_from([KEEP, PSEUDONYM]),
    "备注": of_text,
}


@st.composite
def rows(draw: st.DrawFn, least: int = 0, most: int = 8) -> list[dict[str, Any]]:
    """Golden rows with distinct entity ids."""
    ids = draw(st.lists(st.sampled_from([f"e{n}" for n in range(12)]), unique=True,
                        min_size=least, max_size=most))  # fmt: skip
    cells = {name: st.none() | values for name, values in VALUES.items()}
    return [{"entity_id": one, **draw(st.fixed_dictionaries(cells))} for one in ids]


def _one(field: str, **tests: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.fixed_dictionaries({}, optional=tests).filter(bool)
    return some.map(lambda chosen: {"field": field, **chosen})


_present, _iso, _whole = st.booleans(), days | days.map(str), st.integers(-60, 60)
_prefixes = st.lists(st.sampled_from(["99", "9901", "990102", "1"]), min_size=1, max_size=2)
_wholes = st.lists(_whole, min_size=1, max_size=3)
CONDITIONS = {
    "division": _one(
        "division",
        one_of=st.lists(st.sampled_from(["990101", "990102"]), min_size=1, max_size=3),
        starts_with=_prefixes,
        since=codes,
        before=codes,
    ),
    "number": _one("number", starts_with=_prefixes, present=_present),
    "born_on": _one("born_on", since=_iso, before=_iso, present=_present),
    "seen_at": _one("seen_at", since=_iso, before=_iso, present=_present),
    "visits": _one("visits", since=_whole, before=_whole, one_of=_wholes),
    "amount": _one("amount", since=_whole, before=_whole, present=_present),
    "alive": _one("alive", one_of=st.lists(st.sampled_from([0, 1]), min_size=1), present=_present),
}
"""One condition of a kind that its field can be tested by."""


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    """A condition on any field."""
    return st.one_of(*CONDITIONS.values())


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Terms that `problems` finds nothing wrong with."""
    names = draw(st.lists(st.sampled_from(sorted(MASKS)), unique=True, min_size=1))
    return Terms.model_validate(
        {
            "fields": [{"name": name, "mask": draw(MASKS[name])} for name in names],
            "rows": draw(st.lists(conditions(), max_size=2)),
            "ways": draw(st.lists(st.sampled_from(["pull", "file"]), unique=True, min_size=1)),
            "scope": draw(st.sampled_from(["grant", "subscriber"])),
            "history": draw(st.booleans()),
        }
    )
