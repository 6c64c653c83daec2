"""The database itself refuses to change what is proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.ledger import Ledger, open_ledger
from hub.ledger.audit import Event, head, note

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def tell(ledger: Ledger, count: int) -> None:
    for n in range(count):
        with ledger.writing() as connection:
            note(
                connection,
                Event.ADMINISTRATIVE_ACT,
                subject=f"thing-{n}",
                by="Wang Fang",
                at=NOON,
                act="tried",
            )


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.server, pytest.mark.slow])]
)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with three events, on either database."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
    opened = open_ledger(url, tmp_path)
    tell(opened, 3)
    yield opened
    opened.engine.dispose()


def rows(ledger: Ledger) -> list[tuple[object, ...]]:
    with ledger.reading() as connection:
        found = connection.execute(text("SELECT * FROM audit_event ORDER BY seq"))
        return [tuple(row) for row in found]


ROW = "VALUES ({}, 'x', 'x', NULL, 'x', 'x', '{{}}', '{}', 'x')"
TAMPERING: dict[str, Callable[[str], str]] = {
    "a change of the body": lambda _: "UPDATE audit_event SET body = '{}' WHERE seq = 2",
    "a change of a column": lambda _: "UPDATE audit_event SET actor = 'nobody' WHERE seq = 3",
    "a change of all": lambda _: "UPDATE audit_event SET kind = 'x'",
    "one event less": lambda _: "DELETE FROM audit_event WHERE seq = 3",
    "no events": lambda _: "DELETE FROM audit_event",
    "a gap": lambda head: "INSERT INTO audit_event " + ROW.format(5, head),
    "another chain": lambda _: "INSERT INTO audit_event " + ROW.format(4, "0" * 64),
    "the same number": lambda head: "INSERT INTO audit_event " + ROW.format(3, head),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_database_refuses(ledger: Ledger, what: str) -> None:
    before = rows(ledger)
    with ledger.reading() as connection:
        newest = head(connection).hash
    with pytest.raises(DBAPIError), ledger.writing() as connection:
        connection.execute(text(TAMPERING[what](newest)))
    assert rows(ledger) == before


def test_the_database_takes_the_next_event(ledger: Ledger) -> None:
    tell(ledger, 1)
    assert [row[0] for row in rows(ledger)] == [1, 2, 3, 4]


def test_the_log_is_not_emptied_or_replaced(ledger: Ledger) -> None:
    before = rows(ledger)
    replacing = ledger.engine.dialect.name == "sqlite"
    statement = "INSERT OR REPLACE INTO audit_event " + ROW.format(3, "0" * 64)
    with pytest.raises(DBAPIError), ledger.writing() as connection:
        connection.execute(text(statement if replacing else "TRUNCATE audit_event"))
    assert rows(ledger) == before


def test_events_noted_at_once_stand_in_one_chain(ledger: Ledger) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tell(ledger, 5), range(4)))
    found = rows(ledger)
    assert [row[0] for row in found] == list(range(1, 24))
    assert all(later[7] == earlier[8] for earlier, later in pairwise(found))
