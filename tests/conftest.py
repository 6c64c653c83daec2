"""Real servers for the tests: one of each kind a session, a fresh database a test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy

from tests.servers.mariadb import mariadb
from tests.servers.postgresql import postgresql


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no long one is left to a single worker at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a throwaway PostgreSQL, as its superuser."""
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The SQLAlchemy URL of a throwaway MariaDB, as its superuser."""
    with mariadb() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database, dropped after the test."""
    yield from _new_database(postgres_url, " WITH (FORCE)")


@pytest.fixture
def mariadb_database(mariadb_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty MariaDB database, dropped after the test."""
    yield from _new_database(mariadb_url, "")


def _new_database(server: str, forcing: str) -> Iterator[str]:
    name = f"t_{secrets.token_hex(6)}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}{forcing}")
        engine.dispose()
