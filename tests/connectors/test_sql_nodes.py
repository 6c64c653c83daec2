"""Nodes: who may connect when, how many at once, and what an error says."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy

from connectors.ahead import ahead
from connectors.gates import one_of_its_connections, refuse_outside_hours
from connectors.protocol import SourceMissing, SourceRefused, SourceUnreachable, Window
from connectors.registry import OPENERS, open_source
from connectors.watermark import clock_like, earlier
from schemas.properties import Node
from tests.connectors import sql_contracts as c
from tests.servers.postgresql import READER_PASSWORD, postgresql

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("hours", "allowed"),
    [
        (None, True), ("08:00-18:00", True), ("12:00-12:01", True), ("08:00-12:00", False),
        ("22:00-06:00", False), ("22:00-12:30", True), ("00:00-00:00", False),
    ],
)  # fmt: skip
def test_a_node_is_read_only_in_its_allowed_hours(hours: str | None, allowed: bool) -> None:
    node = Node(url="sqlite:///x", allowed_hours=hours)
    if allowed:
        refuse_outside_hours(node, "police", NOON)
    else:
        with pytest.raises(SourceRefused, match="police: 12:00 is outside the allowed hours"):
            refuse_outside_hours(node, "police", NOON)


def _hold(url: str, held: object, done: object) -> None:
    with one_of_its_connections(Node(url=url), "police"):
        held.set()  # type: ignore[attr-defined]
        done.wait(30)  # type: ignore[attr-defined]


def test_a_node_is_not_read_twice_at_once_by_two_processes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/only.db"
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(url, held, done))
    other.start()
    assert held.wait(30)
    with (
        pytest.raises(SourceUnreachable, match="all 1 connections are in use"),
        one_of_its_connections(Node(url=url, statement_timeout_s=1), "police"),
    ):
        pass
    with one_of_its_connections(Node(url=url, connections=2), "police"):
        pass
    other.kill()  # a lock does not outlive its process
    other.join()
    with one_of_its_connections(Node(url=url, statement_timeout_s=5), "police"):
        pass


def test_the_registry_names_its_schemes() -> None:
    assert set(OPENERS) == {
        "delta-sharing", "file", "sftp", "mariadb", "mysql", "postgresql", "sqlite",
    }  # fmt: skip


def test_a_database_that_is_not_there_is_named_and_not_created(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with (
        pytest.raises(SourceMissing, match=r"police: there is no database file .*none\.db"),
        open_source(Node(url=f"sqlite:///{path}"), "police", tmp_path),
    ):
        pass
    assert not path.exists()


def test_an_unknown_dialect_is_refused() -> None:
    with (
        pytest.raises(SourceRefused, match="police"),
        open_source(Node(url="nosuch://h/d"), "police", Path()),
    ):
        pass


def test_nobody_at_the_port_is_unreachable_and_transient() -> None:
    for scheme in ("postgresql", "mysql"):
        node = Node(url=f"{scheme}://u@127.0.0.1:9/d", password="s3cret-word")
        with (
            pytest.raises(SourceUnreachable) as caught,
            open_source(node, "police", Path()),
        ):
            pass
        assert caught.value.transient
        assert "police" in str(caught.value) and "s3cret-word" not in str(caught.value)


@pytest.mark.server
@pytest.mark.parametrize("server", ["postgres_database", "mariadb_database"])
def test_a_password_opens_the_door_and_is_never_told(
    server: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(server)
    c.execute(url, "CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1)")
    if "postgres" in url:
        c.execute(url, "GRANT SELECT ON t TO reader")
    node = sqlalchemy.make_url(url).set(username="reader").render_as_string(False)
    _, chunks = c.pull(node, c.supply(c.field("id", c.INTEGER)), password=READER_PASSWORD)
    assert c.rows_of(chunks)["id"].to_pylist() == [1]
    with pytest.raises(SourceUnreachable) as caught:
        c.pull(node, c.supply(c.field("id", c.INTEGER)), password="wrong-horse")
    assert "wrong-horse" not in str(caught.value)


@pytest.mark.server
def test_a_server_with_tls_is_read_as_any_other() -> None:
    with postgresql(tls=True) as url:
        c.execute(
            url,
            "CREATE TABLE t AS SELECT i AS id, repeat('甲', 100) AS v"
            " FROM generate_series(1, 20000) AS i",
            "CREATE TABLE empty AS SELECT * FROM t LIMIT 0",
        )
        wanted = c.supply(c.field("id", c.INTEGER, key=1), c.field("v"), chunk_rows=3000)
        node = Node(url=url, options={"sslmode": "require"})
        with open_source(node, "police", Path()) as source:
            with source.read(wanted, Window(as_of=c.AS_OF)) as extract:
                next(iter(extract.chunks))  # and no more: the next reading must not mind
            with source.read(wanted, Window(as_of=c.AS_OF)) as extract:
                rows = c.rows_of(list(extract.chunks))
            nothing = c.supply(c.field("id", c.INTEGER), table="empty")
            with source.read(nothing, Window(as_of=c.AS_OF)) as extract:
                assert list(extract.chunks) == []
        assert rows["id"].to_pylist() == list(range(1, 20001))
        assert set(rows["v"].to_pylist()) == {"甲" * 100}


@pytest.mark.server
def test_a_statement_ends_at_its_time_out(postgres_database: str) -> None:
    c.execute(
        postgres_database,
        "CREATE VIEW t AS SELECT 1 AS id, pg_sleep(30)::text AS v FROM generate_series(1, 3)",
    )
    wanted = c.supply(c.field("id", c.INTEGER), c.field("v"))
    began = time.monotonic()
    with pytest.raises(SourceUnreachable, match=r"police/t: .*QueryCanceled"):
        c.pull(postgres_database, wanted, statement_timeout_s=1)
    assert time.monotonic() - began < 15


@pytest.mark.server
def test_an_error_repeats_no_cell(postgres_database: str) -> None:
    c.execute(
        postgres_database,
        "CREATE TABLE base (secret text)",
        "INSERT INTO base VALUES ('11010119900307109X')",
        "CREATE VIEW t AS SELECT secret::integer AS id FROM base",
    )
    with pytest.raises(SourceUnreachable) as caught:
        c.pull(postgres_database, c.supply(c.field("id", c.INTEGER)))
    assert "11010119900307109X" not in str(caught.value)


@pytest.mark.server
@pytest.mark.parametrize("server", ["postgres_database", "mariadb_database"])
def test_any_sqlalchemy_dialect_reads_the_portable_way(
    server: str, request: pytest.FixtureRequest
) -> None:
    from connectors.sql import open_sql

    url = request.getfixturevalue(server)
    moment = "timestamp" if "postgres" in url else "datetime"
    c.execute(
        url,
        f"CREATE TABLE t (id integer PRIMARY KEY, name varchar(9), v decimal(18,2), at {moment})",
        "INSERT INTO t VALUES (1, '甲', 1.10, '2024-01-01 00:00:01'), (2, '', -0.01, NULL),"
        " (3, NULL, NULL, '2024-01-01 00:00:01'), (4, 'it''s', 5, '2024-01-01 00:00:02')",
    )
    wanted = c.supply(
        c.field("id", c.INTEGER, key=1), c.field("name"), c.field("v", c.MONEY),
        c.field("at", c.MOMENT), mode="increment", watermark="at", chunk_rows=1,
    )  # fmt: skip
    _, native = c.pull(url, wanted)
    with (
        open_sql(Node(url=url), "police", Path()) as source,
        source.read(wanted, Window(as_of=c.AS_OF)) as extract,
    ):
        portable = list(extract.chunks)
    assert c.rows_of(portable).to_pylist() == c.rows_of(native).to_pylist()
    assert [chunk.after for chunk in portable] == [chunk.after for chunk in native]
    assert extract.totals is not None and extract.totals.rows == 4
    with (
        open_sql(Node(url=url), "police", Path()) as source,
        source.read(wanted, extract.window, portable[1].after) as rest,
    ):
        assert c.rows_of(list(rest.chunks))["id"].to_pylist() == [3, 4]


def test_reading_ahead_keeps_order_and_errors() -> None:
    def items() -> object:
        yield from range(5)
        raise ValueError("at the end")

    found = []
    with pytest.raises(ValueError, match="at the end"):
        for item in ahead(items()):  # type: ignore[arg-type]
            found.append(item)
    assert found == [0, 1, 2, 3, 4]


def test_giving_up_closes_what_was_read_ahead() -> None:
    closed = []

    def items() -> object:
        try:
            yield from range(1000)
        finally:
            closed.append(True)

    reader = ahead(items())  # type: ignore[arg-type]
    with closing(reader):  # type: ignore[type-var]
        assert next(reader) == 0
    assert closed == [True]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("2024-01-01 00:00:01.5", "2023-12-31 23:00:01.5"),
        ("2024-01-01T00:00:01", "2023-12-31T23:00:01"),
        ("2024-01-01 00:00:01+00", "2023-12-31 23:00:01+00"),
        ("2024-01-01 00:00", "2023-12-31 23:00"),
        ("2024-01-01", "2023-12-31"),
        ("12345", "12345"),
    ],
)
def test_a_watermark_moves_back_in_its_own_spelling(text: str, moved: str) -> None:
    from datetime import timedelta

    assert earlier(text, timedelta(hours=1)) == moved
    assert earlier(text, timedelta(0)) == text


def test_the_clock_is_shown_as_the_watermark_is_spelled() -> None:
    from zoneinfo import ZoneInfo

    shanghai = ZoneInfo("Asia/Shanghai")
    assert clock_like("2024-01-01 00:00:01.5", NOON, shanghai) == "2026-01-01 12:00:00.0"
    assert clock_like("2024-01-01T00:00:01+00:00", NOON, shanghai) == "2026-01-01T04:00:00+00:00"
    assert clock_like("2024-01-01", NOON, shanghai) == "2026-01-01"
    assert clock_like("17", NOON, shanghai) is None
