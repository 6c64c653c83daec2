"""Opens the ledger: SQLite in the home folder, PostgreSQL on a server; migrates when behind."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import SettingsError
from hub.ledger.tables import HEAD

BUSY_TIMEOUT_S = 60  # a writer waits this long for another one


@dataclass(frozen=True)
class Ledger:
    """An open ledger; `locks` is where SQLite installations keep their lock files."""

    engine: Engine
    locks: Path

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: everything in the block happens, or nothing of it."""
        with self.engine.begin() as connection:
            self._hold(connection, "pg_advisory_xact_lock_shared")
            yield connection

    def moment(self, now: Callable[[], datetime]) -> datetime:
        """A time before which nothing can be noted any more: what took an earlier one is there.

        Holds for writers that ask for the time inside of their transaction.
        """
        with self.engine.begin() as connection:
            self._hold(connection, "pg_advisory_xact_lock")
            return now()

    def _hold(self, connection: Connection, lock: str) -> None:
        # SQLite has one writer at a time; on PostgreSQL a `moment` waits until all have ended.
        if self.engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT {lock}(:n)"), {"n": _number("ledger-writing")})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; leaves nothing behind."""
        with self.engine.connect().execution_options(hub_reads=True) as connection:
            yield connection

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Wait until nobody else holds `name`; a killed holder releases it."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect() as connection:
                number = _number(name)
                connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": number})
                try:
                    yield
                finally:
                    connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})
            return
        self.locks.mkdir(parents=True, exist_ok=True)
        with (self.locks / f"{name.replace('/', '~')}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


def open_ledger(url: str, home: Path, digest: str = "sha256") -> Ledger:
    """The ledger at a SQLAlchemy URL, migrated to the newest schema.

    `digest` chains the events of its audit log: sha256 or sm3.
    Raises `SettingsError` when it cannot be opened, or is newer than this program.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the home folder {home} cannot be made: {error.strerror}") from error
    try:
        engine = create_engine(url, execution_options={"hub_digest": digest})
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        ledger = Ledger(engine, home / "locks")
        if _revision(engine) != HEAD:
            with ledger.alone("ledger-migration"):
                _migrate(engine)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise SettingsError(f"the ledger cannot be opened: {reason}") from error
    return ledger


def _prepare_sqlite(engine: Engine) -> None:
    # The driver's own transactions start late and deadlock two writers: begin at once instead.
    @event.listens_for(engine, "connect")
    def _connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("hub_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, HEAD)
        except CommandError as error:
            raise SettingsError(f"the ledger was written by a newer hub: {error}") from error
