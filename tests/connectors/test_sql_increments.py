"""Increments and snapshots: no row is lost or doubled, whatever happens between two pulls."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy

from connectors.protocol import Chunk, SourceError, SourceMissing, Window
from connectors.registry import open_source
from schemas.contract import Supply
from schemas.properties import Node
from tests.connectors import sql_contracts as c

pytestmark = pytest.mark.server
SERVERS = ["postgres_database", "mariadb_database", "sqlite_database"]


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The URL of an empty SQLite file that readers and writers may share."""
    url = f"sqlite:///{tmp_path}/t.db"
    c.execute(url, "PRAGMA journal_mode = WAL")
    return url


@pytest.fixture(params=SERVERS)
def database(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    moment = "timestamp(6)" if "postgres" in url else "datetime(6)"
    c.execute(
        url,
        f"CREATE TABLE t (id integer PRIMARY KEY, name varchar(20), amount decimal(18,2),"
        f" updated_at {moment})",
        "CREATE INDEX by_time ON t (updated_at, id)",
    )
    return url


def contract(**pull: object) -> Supply:
    settings = {"mode": "increment", "watermark": "updated_at", "chunk_rows": 3, **pull}
    return c.supply(
        c.field("id", c.INTEGER, key=1),
        c.field("name"),
        c.field("amount", c.MONEY),
        c.field("updated_at", c.MOMENT),
        **settings,
    )


def insert(url: str, *rows: tuple[int, str | None]) -> None:
    """Rows as (id, updated_at)."""
    values = ", ".join(
        f"({number}, '名{number}', {number}.10, {'NULL' if at is None else repr(at)})"
        for number, at in rows
    )
    c.execute(url, f"INSERT INTO t VALUES {values}")


def second(number: int) -> str:
    return f"2024-01-01 00:00:{number:02d}"


def ids(chunks: list[Chunk]) -> list[int]:
    return [number for chunk in chunks for number in chunk.rows["id"].to_pylist()]


def test_rows_of_one_moment_are_never_split_between_chunks(database: str) -> None:
    insert(database, *[(i, second(i // 7)) for i in range(40)])
    keyless = c.supply(
        c.field("id", c.INTEGER),
        c.field("updated_at", c.MOMENT),
        mode="increment", watermark="updated_at", chunk_rows=3,
    )  # fmt: skip
    _, chunks = c.pull(database, keyless)
    assert sorted(ids(chunks)) == list(range(40))
    seen: list[str] = []
    for chunk in chunks:
        seen += sorted({str(at) for at in chunk.rows["updated_at"].to_pylist() if at})
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize("mode", ["increment", "snapshot"])
def test_a_broken_pull_goes_on_behind_every_chunk(database: str, mode: str) -> None:
    moments = random.Random(7)
    insert(database, *[(i, second(moments.randrange(5))) for i in range(25)])
    insert(database, (90, None), (91, None))
    wanted = contract(mode=mode)
    extract, chunks = c.pull(database, wanted)
    assert sorted(ids(chunks)) == [*range(25), 90, 91]
    for count in range(1, len(chunks)):
        after = chunks[count - 1].after
        if after is None:
            continue
        again, rest = c.pull(database, wanted, high=extract.window.high, after=after)
        assert again.totals == extract.totals
        assert ids(chunks[:count]) + ids(rest) == ids(chunks)


def test_late_commits_within_the_overlap_are_read(database: str) -> None:
    insert(database, (1, second(10)), (2, second(20)))
    first, _ = c.pull(database, contract())
    insert(database, (3, second(15)), (4, second(21)))  # 3 was committed late
    _, without = c.pull(database, contract(), low=first.window.high)
    assert ids(without) == [4]
    _, within = c.pull(database, contract(overlap=timedelta(seconds=9)), low=first.window.high)
    assert ids(within) == [3, 2, 4]


def test_bound_and_rows_are_of_one_snapshot(database: str) -> None:
    insert(database, *[(i, second(i)) for i in range(1, 10)])
    with (
        open_source(Node(url=database), "police", Path()) as source,
        source.read(contract(), Window(as_of=c.AS_OF)) as extract,
    ):
        chunks = iter(extract.chunks)
        first = next(chunks)
        c.execute(database, "UPDATE t SET updated_at = '2024-01-01 00:00:59' WHERE id = 9")
        insert(database, (50, second(3)), (51, second(58)))
        rest = list(chunks)
    assert ids([first, *rest]) == list(range(1, 10))
    assert extract.totals is not None and extract.totals.rows == 9
    assert extract.window.high is not None
    following, chunks_after = c.pull(database, contract(), low=extract.window.high)
    assert sorted(ids(chunks_after)) == [9, 51]
    assert following.totals is not None and following.totals.rows == 2


def test_rows_without_a_watermark_are_part_of_every_window(database: str) -> None:
    insert(database, (1, second(1)), (2, None))
    extract, chunks = c.pull(database, contract())
    assert ids(chunks) == [2, 1]
    extract, chunks = c.pull(database, contract(), low=extract.window.high)
    assert ids(chunks) == [2]
    assert extract.totals is not None and extract.totals.rows == 1


def test_only_rows_without_a_watermark_make_a_window_without_bounds(database: str) -> None:
    insert(database, (2, None))
    extract, chunks = c.pull(database, contract())
    assert ids(chunks) == [2]
    assert extract.window.high is None


def test_a_watermark_in_the_future_does_not_hide_what_follows(database: str) -> None:
    insert(database, (1, second(1)), (2, "2999-12-31 00:00:00"))
    extract, chunks = c.pull(database, contract())
    assert ids(chunks) == [1]
    insert(database, (3, second(2)))
    _, chunks = c.pull(database, contract(), low=extract.window.high)
    assert ids(chunks) == [3]


def test_the_lag_leaves_the_newest_rows_to_the_next_window(database: str) -> None:
    engine = sqlalchemy.create_engine(database)
    now = {
        "postgresql": "now() AT TIME ZONE 'Asia/Shanghai'",
        "mysql": "utc_timestamp(6) + INTERVAL 8 HOUR",
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '+8 hours')",
    }[engine.dialect.name]
    c.execute(database, f"INSERT INTO t VALUES (1, 'x', 1, {now})")
    insert(database, (2, second(1)))
    _, chunks = c.pull(database, contract(lag=timedelta(minutes=5)))
    assert ids(chunks) == [2]
    _, chunks = c.pull(database, contract())
    assert ids(chunks) == [2, 1]


def test_an_empty_window_keeps_its_bound(database: str) -> None:
    insert(database, (1, second(1)))
    first, _ = c.pull(database, contract())
    again, chunks = c.pull(database, contract(), low=first.window.high)
    assert (again.window.high, ids(chunks)) == (first.window.high, [])
    assert again.totals is not None and again.totals.rows == 0


def test_an_empty_table_is_an_empty_window(database: str) -> None:
    extract, chunks = c.pull(database, contract())
    assert (extract.window.high, chunks) == (None, [])
    assert extract.totals is not None
    assert (extract.totals.rows, extract.totals.key_digest) == (0, "0")


def test_totals_are_those_of_the_window(database: str) -> None:
    insert(database, *[(i, second(i)) for i in range(1, 10)])
    extract, _ = c.pull(database, contract(), low="2024-01-01 00:00:05")
    assert extract.totals is not None
    assert extract.totals.rows == 4
    assert extract.totals.sums == {"amount": Decimal("30.40")}


def test_all_servers_agree_on_the_digest_of_the_keys(
    postgres_database: str, mariadb_database: str, sqlite_database: str
) -> None:
    wanted = c.supply(c.field("a", key=1), c.field("b", c.INTEGER, key=2))
    digests = set()
    for url in (postgres_database, mariadb_database, sqlite_database):
        text = "varchar(20)" + (" character set gbk" if "mysql" in url else "")
        c.execute(
            url,
            f"CREATE TABLE t (a {text}, b integer)",
            "INSERT INTO t VALUES ('甲', 1), (' trimmed　', -2), ('', 3), (NULL, 4), ('x', NULL)",
        )
        extract, _ = c.pull(url, wanted)
        assert extract.totals is not None
        digests.add(extract.totals.key_digest)
    assert len(digests) == 1 and digests != {None}


def test_keys_are_all_keys_in_order(database: str) -> None:
    insert(database, *[(i, second(i % 3)) for i in (5, 3, 9, 1, 7)], (4, None))
    with (
        open_source(Node(url=database), "police", Path()) as source,
        source.keys(contract()) as batches,
    ):
        found = [batch.to_pydict() for batch in batches]
    assert found == [{"id": [1, 3, 4]}, {"id": [5, 7, 9]}]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("rows", [60, 3000])  # all of it has arrived when it is given up; or not
def test_a_source_serves_one_reading_after_another_even_broken_off(
    database: str, rows: int
) -> None:
    insert(database, *[(i, second(i % 50)) for i in range(rows)])
    with open_source(Node(url=database), "police", Path()) as source:
        for _ in range(3):
            with source.read(contract(), Window(as_of=c.AS_OF)) as extract:
                next(iter(extract.chunks))
        with source.read(contract(chunk_rows=1000), Window(as_of=c.AS_OF)) as extract:
            assert sum(chunk.rows.num_rows for chunk in extract.chunks) == rows


def test_drift_names_missing_unknown_renamed_and_changed_columns(database: str) -> None:
    insert(database, (1, second(1)))
    wanted = c.supply(
        c.field("id", c.INTEGER, key=1, physical="integer"),
        c.field("full_name", aliases=("xm", "name")),
        c.field("amount", c.MONEY, physical="varchar(10)"),
        c.field("birth_date", c.DATE),
    )
    extract, chunks = c.pull(database, wanted)
    assert [(drift.code, drift.column) for drift in extract.drift] == [
        ("column_alias", "full_name"),
        ("type_changed", "amount"),
        ("column_missing", "birth_date"),
        ("column_unknown", "updated_at"),
    ]
    [row] = c.rows_of(chunks).to_pylist()
    assert (row["full_name"], row["birth_date"]) == ("名1", None)


def test_a_missing_table_and_a_missing_watermark_are_named(database: str) -> None:
    with pytest.raises(SourceMissing, match="police/t: there is no table nowhere"):
        c.pull(database, c.supply(c.field("id"), table="nowhere"))
    wanted = c.supply(c.field("id"), c.field("at"), mode="increment", watermark="at")
    with pytest.raises(SourceMissing, match="watermark at"):
        c.pull(database, wanted)


def test_nothing_can_be_written_in_a_reading(database: str) -> None:
    insert(database, (1, second(1)))
    with (
        open_source(Node(url=database), "police", Path()) as source,
        source.read(contract(), Window(as_of=c.AS_OF)),
        pytest.raises(Exception, match=r"(?i)read.?only"),
    ):
        cursor = source._connection.connection.driver_connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("DELETE FROM t")


def test_text_keys_resume_in_the_order_of_the_server(database: str) -> None:
    words = ["b", "A", "a", "ä", "B", "甲", "乙", "Z", "z", "it's", "a b", "", "\\"]
    rows = ", ".join(f"({i}, '{w.replace(chr(39), chr(39) * 2)}')" for i, w in enumerate(words))
    if "mysql" in database:
        rows = rows.replace("\\", "\\\\")
    c.execute(
        database, "CREATE TABLE w (n integer, word varchar(20))", f"INSERT INTO w VALUES {rows}"
    )
    wanted = c.supply(
        c.field("n", c.INTEGER), c.field("word", key=1, trim=False), table="w",
        null_values=(), chunk_rows=2,
    )  # fmt: skip
    _, chunks = c.pull(database, wanted)
    found = [n for chunk in chunks for n in chunk.rows["n"].to_pylist()]
    assert sorted(found) == list(range(len(words)))
    for count, chunk in enumerate(chunks, 1):
        if chunk.after is not None:
            _, rest = c.pull(database, wanted, after=chunk.after)
            tail = [n for part in rest for n in part.rows["n"].to_pylist()]
            assert tail == [n for part in chunks[count:] for n in part.rows["n"].to_pylist()]


def test_a_pull_that_its_server_ends_is_an_error_and_not_a_short_table(
    postgres_database: str,
) -> None:
    c.execute(postgres_database, "CREATE TABLE big AS SELECT i AS id, repeat('x', 500) AS v"
              " FROM generate_series(1, 200000) AS i")  # fmt: skip
    wanted = c.supply(c.field("id", c.INTEGER), c.field("v"), table="big", chunk_rows=1000)
    with (
        open_source(Node(url=postgres_database), "police", Path()) as source,
        pytest.raises(SourceError) as caught,
        source.read(wanted, Window(as_of=c.AS_OF)) as extract,
    ):
        for _ in extract.chunks:
            c.execute(
                postgres_database,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
    assert caught.value.transient
