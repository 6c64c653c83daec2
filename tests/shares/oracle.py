"""What a grant shows, worked out a second time in pandas and plain Python, row by row."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import floor, isfinite
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from schemas.sharing import Condition, Generalise, Keep, Mask, Partial, Pseudonym, Terms

HOME_ZONE = ZoneInfo("Asia/Shanghai")
NEVER = {"secret"}
REFERENCES = {"payee_entity_id"}
DOMAINS = {"number": "resident_id"}
ORDER = [
    "number", "full_name", "division", "born_on", "seen_at", "visits", "amount", "weight",
    "alive", "opens_at", "remarks", "payee_entity_id", "secret", "备注",
]  # fmt: skip


def keyed(key: bytes, domain: str, text: str) -> str:
    return hmac.new(key, f"{domain}\x1f{text}".encode(), "sha256").hexdigest()[:32]


def expected(terms: Terms, rows: Iterable[Mapping[str, Any]], key: bytes) -> pd.DataFrame:
    """The rows shown, by record id; every cell an object, None where it is empty."""
    frame = pd.DataFrame([dict(row) for row in rows], dtype=object)
    masks = {granted.name: granted.mask for granted in terms.fields}
    names = [name for name in ORDER if name in masks and name not in NEVER]
    if frame.empty:
        return pd.DataFrame(columns=["record_id", *names], dtype=object)
    for condition in terms.rows:
        kept = [meets(value, condition) for value in frame[condition.field]]
        frame = frame[pd.Series(kept, index=frame.index, dtype=bool)]
    shown = {"record_id": [keyed(key, "entity", value) for value in frame["entity_id"]]}
    for name in names:
        shown[name] = [cell(key, name, masks[name], value) for value in frame[name]]
    made = pd.DataFrame(shown, dtype=object)
    return made.sort_values("record_id").reset_index(drop=True)


def cell(key: bytes, name: str, mask: Mask, value: Any) -> Any:
    if value is None:
        return None
    if name in REFERENCES:
        return keyed(key, "entity", value)
    match mask:
        case Keep():
            return value
        case Pseudonym():
            return keyed(key, DOMAINS.get(name, f"people.{name}"), str(value))
        case Partial():
            room = max(len(value) - 2, 0)
            first, last = min(mask.first, room - room // 2), min(mask.last, room // 2)
            hidden = "*" * (len(value) - first - last)
            return value[:first] + hidden + value[len(value) - last :]
        case Generalise():
            return coarse(mask, value)


def coarse(mask: Generalise, value: Any) -> Any:
    if mask.first:
        return value[: mask.first]
    if mask.step:
        if isinstance(value, float) and not isfinite(value):
            return None
        whole = floor(value)
        found = whole - whole % mask.step
        return found if -(2**63) <= found < 2**63 or isinstance(value, Decimal) else None
    day = value.astimezone(HOME_ZONE) if isinstance(value, datetime) else value
    match mask.to:
        case "year":
            return str(day.year)
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case _:
            return f"{day.year}-{day.month:02d}"


def meets(value: Any, condition: Condition) -> bool:
    if value is None:
        only_absence = condition.model_dump(exclude={"field"}, exclude_none=True)
        return only_absence == {"present": False}
    if isinstance(value, datetime):
        value = value.astimezone(HOME_ZONE).replace(tzinfo=None)
    tests = [
        condition.present is not False,
        condition.one_of is None or any(typed(value, one) == value for one in condition.one_of),
        condition.starts_with is None or value.startswith(condition.starts_with),
        condition.since is None or value >= typed(value, condition.since),
        condition.before is None or value < typed(value, condition.before),
    ]
    return all(tests)


def typed(value: Any, one: Any) -> Any:
    if isinstance(value, datetime):
        return datetime.combine(typed(value.date(), one), datetime.min.time())
    if isinstance(value, date) and isinstance(one, str):
        return date.fromisoformat(one)
    return one
