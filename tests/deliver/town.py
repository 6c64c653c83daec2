"""A hub with one dataset, and a subscriber with inboxes, on the world of the shares' tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.opened import Hub
from hub.records import Grant, Release
from schemas.sharing import (
    Condition,
    DatabaseInbox,
    FileInbox,
    GrantedField,
    Inbox,
    Keep,
    Partial,
    Terms,
    Way,
)
from tests.shares.world import make_grant, make_hub, make_release

FIELDS = ("full_name", "division", "visits", "amount", "seen_at", "alive")
Row = dict[str, Any]


def town(folder: Path, inbox: Inbox | None) -> Hub:
    """A hub whose department `tax` has an inbox."""
    return with_inbox(make_hub(folder), inbox)


def with_inbox(hub: Hub, inbox: Inbox | None) -> Hub:
    departments = dict(hub.catalog.departments)
    departments["tax"] = departments["tax"].model_copy(update={"inbox": inbox})
    return replace(hub, catalog=replace(hub.catalog, departments=departments))


def inboxes(folder: Path, content: str = "rows", form: str = "parquet") -> Inbox:
    """A folder and a SQLite file."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    file: dict[str, Any] = {"url": f"file://{folder}/files", "content": content, "form": form}
    return Inbox(file=FileInbox(**file), database=DatabaseInbox(url=f"sqlite:///{folder}/inbox.db"))


def terms(*ways: Way, rows: Iterable[Condition] = ()) -> Terms:
    fields = [GrantedField(name=name, mask=Keep()) for name in FIELDS]
    number = GrantedField(name="number", mask=Partial(first=6, last=0))
    return Terms(fields=(*fields, number), rows=tuple(rows), ways=ways)


def people(count: int, version: int = 1) -> list[Row]:
    """Rows of a release; of each version, others are changed, left and new."""
    return [
        {
            "entity_id": f"P{number:06d}",
            "number": f"9901012000{number:07d}X",
            "full_name": f"人{number}" if number % 7 != version % 7 else f"人{number}·{version}",
            "division": "990101" if number % 3 else "990102",
            "visits": number if number % 5 else None,
            "amount": None,
            "seen_at": datetime(2026, 1, 1, tzinfo=UTC),
            "alive": number % 2 == 0,
            "secret": "nobody's business",
        }
        for number in range(version, count + version)
        if number % 11 != version % 11
    ]


def publish(hub: Hub, rows: Iterable[Mapping[str, Any]]) -> Release:
    return make_release(hub, list(rows))


def granted(hub: Hub, *ways: Way, **more: Any) -> Grant:
    return make_grant(hub, terms(*ways), **more)
