"""Rows pushed into a subscriber's own PostgreSQL, MariaDB or SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy

from hub.channels import open_channel
from hub.channels.protocol import RECORD, Channel, Outdated
from hub.channels.tables import table_of
from hub.errors import DeliveryError
from schemas.properties import Department, Title
from schemas.sharing import DatabaseInbox, Inbox, Way
from tests.deliver import parcels
from tests.servers.postgresql import READER_PASSWORD

KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.server),
    pytest.param("mysql", marks=pytest.mark.server),
]
TABLE = table_of(parcels.DATASET, parcels.GRANT)
COUNT = 5_400  # more than the rows between two statements


def department(url: str, schema: str | None = None) -> Department:
    inbox = Inbox(database=DatabaseInbox(url=url, schema=schema))
    return Department(name="welfare", title=Title(zh="民政局", en="Welfare"), inbox=inbox)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'inbox.db'}"
    name = {"postgresql": "postgres_database", "mysql": "mariadb_database"}[request.param]
    return str(request.getfixturevalue(name))


@pytest.fixture
def channel(url: str) -> Iterator[Channel]:
    with open_channel(department(url), Way.DATABASE) as opened:
        yield opened


@pytest.fixture
def engine(url: str) -> Iterator[sqlalchemy.Engine]:
    """The subscriber's own connection."""
    made = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    yield made
    made.dispose()


def stored(engine: sqlalchemy.Engine) -> dict[str, parcels.Row]:
    """What the subscriber reads, as the values that were delivered."""
    names = parcels.SCHEMA.names
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {TABLE}").all()
    return {line[0]: {n: _value(n, v) for n, v in zip(names, line, strict=True)} for line in found}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "balance":
        return Decimal(value)
    if name == "alive":
        return bool(value)
    if name == "born" and isinstance(value, str):
        return date.fromisoformat(value)
    if name == "seen_at":
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return value


def test_every_value_arrives_as_it_was_released(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    handed = channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    assert (handed.where, handed.already) == (TABLE, False)
    assert stored(engine) == parcels.rows(1, COUNT)
    assert channel.held(parcels.GRANT, parcels.DATASET) == parcels.delivery(1)


def test_changes_lead_to_the_version_and_are_received_once(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    parcel = parcels.change(tmp_path, 1, 4, COUNT)
    assert not channel.hand_over(parcel).already
    assert stored(engine) == parcels.rows(4, COUNT)
    assert channel.hand_over(parcel).already
    assert stored(engine) == parcels.rows(4, COUNT)


def test_changes_that_do_not_follow_what_is_held_touch_nothing(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    with pytest.raises(Outdated):
        channel.hand_over(parcels.change(tmp_path, 2, 3, COUNT))
    channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    with pytest.raises(Outdated):
        channel.hand_over(parcels.change(tmp_path, 2, 3, COUNT))
    assert stored(engine) == parcels.rows(1, COUNT)


@pytest.mark.parametrize(
    "meddling", ["DELETE FROM {} WHERE {} < '1'", "DELETE FROM {} WHERE {} > 'f'"]
)
def test_rows_that_the_subscriber_removed_are_noticed_and_come_back(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path, meddling: str
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    with engine.begin() as connection:
        connection.exec_driver_sql(meddling.format(TABLE, RECORD))
    left = stored(engine)
    with pytest.raises(Outdated):
        channel.hand_over(parcels.change(tmp_path, 1, 2, COUNT))
    assert stored(engine) == left
    channel.hand_over(parcels.whole(tmp_path, 2, COUNT))
    assert stored(engine) == parcels.rows(2, COUNT)


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        ("ALTER TABLE {} DROP COLUMN age", "column age is not there"),
        ("DROP TABLE {}", "the table is not there"),
        ("ALTER TABLE {} RENAME COLUMN name TO full_name", "column name is not there"),
    ],
)
def test_a_table_that_the_subscriber_changed_gives_a_clear_error_and_is_not_touched(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path, meddling: str, said: str
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    with engine.begin() as connection:
        connection.exec_driver_sql(meddling.format(TABLE))
    with pytest.raises(DeliveryError, match=said) as raised:
        channel.hand_over(parcels.change(tmp_path, 1, 2, COUNT))
    assert not raised.value.transient
    assert channel.held(parcels.GRANT, parcels.DATASET) == parcels.delivery(1)
    channel.hand_over(parcels.whole(tmp_path, 2, COUNT, anew=True))
    assert stored(engine) == parcels.rows(2, COUNT)


@pytest.mark.parametrize("url", KINDS[1:], indirect=True)
def test_another_type_gives_a_clear_error(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    kind = "ALTER COLUMN age TYPE text" if engine.name == "postgresql" else "MODIFY age varchar(9)"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {TABLE} {kind}")
    with pytest.raises(DeliveryError, match=r"column age is .* instead of bigint"):
        channel.hand_over(parcels.change(tmp_path, 1, 2, 100))
    assert len(stored(engine)) == len(parcels.rows(1, 100))


def test_a_column_of_the_subscribers_own_is_left_alone(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {TABLE} ADD COLUMN remark varchar(20)")
        connection.exec_driver_sql(f"UPDATE {TABLE} SET remark = 'seen'")
    channel.hand_over(parcels.change(tmp_path, 1, 2, 100))
    assert stored(engine) == parcels.rows(2, 100)
    with engine.connect() as connection:
        query = f"SELECT count(*) FROM {TABLE} WHERE remark = 'seen'"
        unchanged = connection.exec_driver_sql(query).scalar()
    kept = [k for k, v in parcels.rows(1, 100).items() if parcels.rows(2, 100).get(k) == v]
    assert unchanged == len(kept) > 0


def test_a_required_column_of_the_subscribers_own_gives_a_clear_error(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {TABLE}")
        columns = "record_id varchar(64), name varchar(9), mine int NOT NULL"
        connection.exec_driver_sql(f"CREATE TABLE {TABLE} ({columns})")
    with pytest.raises(DeliveryError, match="is not as the hub made it"):
        channel.hand_over(parcels.change(tmp_path, 1, 2, 100))


def test_a_refused_row_leaves_the_version_before_and_names_no_value(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, COUNT))
    broken = parcels.change(tmp_path, 1, 2, COUNT)
    listed = [*parcels.rows(2, COUNT).values()]
    twice = parcels.packed(tmp_path, "twice.parquet", [*listed, listed[0]], "rows")
    content = replace(broken.contents[0], kind="rows", files=(twice,))
    parcel = replace(broken, base=None, follows=None, contents=(content,))
    with pytest.raises(
        DeliveryError, match=r"refused: IntegrityError|refused: UniqueViolation"
    ) as e:
        channel.hand_over(parcel)
    assert str(listed[0][RECORD]) not in str(e.value)
    assert stored(engine) == parcels.rows(1, COUNT)
    assert channel.held(parcels.GRANT, parcels.DATASET) == parcels.delivery(1)


def test_recall_notices_are_told_once(
    channel: Channel, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    notice = parcels.notice(tmp_path, {"r1": ["name", "age"], "r2": ["name"]})
    for _ in range(2):
        channel.tell(parcels.GRANT, parcels.DATASET, [notice])
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT record_id, field, first_version, mended_in FROM hub_recall ORDER BY 1, 2"
        ).all()
    assert [tuple(line) for line in found] == [
        ("r1", "age", 2, 5), ("r1", "name", 2, 5), ("r2", "name", 2, 5),
    ]  # fmt: skip


def test_a_database_out_of_reach_is_worth_a_retry_and_tells_no_password() -> None:
    inbox = DatabaseInbox(url="postgresql://writer@127.0.0.1:1/inbox", password="tulip-44")
    closed = department("sqlite://").model_copy(update={"inbox": Inbox(database=inbox)})
    with (
        pytest.raises(DeliveryError, match="no connection") as raised,
        open_channel(closed, Way.DATABASE),
    ):
        pass
    assert raised.value.transient
    assert "tulip" not in str(raised.value)


@pytest.mark.server
def test_a_schema_of_its_own_is_written_to(postgres_database: str, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(postgres_database, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA from_hub")
    with open_channel(department(postgres_database, "from_hub"), Way.DATABASE) as channel:
        channel.hand_over(parcels.whole(tmp_path, 1, 100))
    with closing(engine.connect()) as connection:
        query = f"SELECT count(*) FROM from_hub.{TABLE}"
        assert connection.exec_driver_sql(query).scalar() == len(parcels.rows(1, 100))


@pytest.mark.server
def test_a_table_without_transactions_is_refused(mariadb_database: str, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(mariadb_database, poolclass=sqlalchemy.NullPool)
    with open_channel(department(mariadb_database), Way.DATABASE) as channel:
        channel.hand_over(parcels.whole(tmp_path, 1, 100))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {TABLE} ENGINE=MyISAM")
        with pytest.raises(DeliveryError, match="MyISAM, which has no transactions"):
            channel.hand_over(parcels.change(tmp_path, 1, 2, 100))


def test_first_deliveries_of_several_grants_at_once_all_arrive(
    url: str, engine: sqlalchemy.Engine, tmp_path: Path
) -> None:
    """All of them find no table of the hub's and make them."""
    parcel = parcels.whole(tmp_path, 1, 200)
    grants = [f"G2026-{number:06d}" for number in range(1, 7)]
    gate = Barrier(len(grants))

    def deliver(grant: str) -> str:
        with open_channel(department(url), Way.DATABASE) as channel:
            gate.wait(120)
            return channel.hand_over(replace(parcel, grant=grant, delivery=f"d{grant}")).where

    with ThreadPoolExecutor(len(grants)) as pool:
        tables = list(pool.map(deliver, grants))
    with engine.connect() as connection:
        counts = {
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables
        }
        held = connection.exec_driver_sql("SELECT grant_id FROM hub_delivery ORDER BY 1").scalars()
        assert list(held) == grants
    assert counts == {len(parcels.rows(1, 200))}


@pytest.mark.parametrize("url", KINDS[1:], indirect=True)
def test_an_account_that_may_not_write_is_told_so_at_once(url: str, tmp_path: Path) -> None:
    reader = sqlalchemy.make_url(url).set(username="reader").render_as_string(hide_password=False)
    inbox = DatabaseInbox(url=reader, password=READER_PASSWORD)
    poor = department(url).model_copy(update={"inbox": Inbox(database=inbox)})
    with (
        pytest.raises(DeliveryError, match="may not write") as raised,
        open_channel(poor, Way.DATABASE) as channel,
    ):
        channel.hand_over(parcels.whole(tmp_path, 1, 10))
    assert not raised.value.transient


def test_a_delivery_that_another_session_blocks_is_worth_a_retry(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.channels.postgresql.LOCK_WAIT_S", 1)
    monkeypatch.setattr("hub.channels.mysql.LOCK_WAIT_S", 1)
    monkeypatch.setattr("hub.channels.sqlite.WAIT_S", 1)
    with open_channel(department(url), Way.DATABASE) as channel:
        channel.hand_over(parcels.whole(tmp_path, 1, 100))
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as other:
        other.exec_driver_sql("UPDATE hub_delivery SET row_count = row_count")
        with (
            pytest.raises(DeliveryError, match="refused") as raised,
            open_channel(department(url), Way.DATABASE) as channel,
        ):
            channel.hand_over(parcels.change(tmp_path, 1, 2, 100))
    assert raised.value.transient
