"""From a node's address to an open engine, and from a driver's error to ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.protocol import SourceError, SourceRefused, SourceUnreachable
from schemas.properties import Node


def url_of(node: Node, department: str, drivers: dict[str, str]) -> URL:
    """The SQLAlchemy URL with driver, password and `node.options` (TLS and the like) in place."""
    try:
        url = sqlalchemy.make_url(node.url)
    except SQLAlchemyError:
        raise SourceRefused(f"{department}: the node's url is not a database address") from None
    url = url.set(drivername=drivers.get(url.drivername, url.drivername))
    if node.password:
        url = url.set(password=node.password)
    return url.update_query_dict(node.options)


def engine_of(url: URL, department: str, connect_args: dict[str, Any]) -> sqlalchemy.Engine:
    """An engine that keeps no idle connection at the department's server."""
    try:
        return sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.NullPool, connect_args=connect_args, hide_parameters=True
        )
    except (SQLAlchemyError, ImportError) as error:
        raise SourceRefused(f"{department}: no driver for {url.drivername}: {error}") from None


@contextmanager
def connecting(department: str, password: str | None) -> Iterator[None]:
    """Turns a failure to connect into `SourceUnreachable`, without the password."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        shown = str(error.orig if isinstance(error, DBAPIError) else error)
        shown = " ".join(shown.split())
        if password:
            shown = shown.replace(password, "***")
        raise SourceUnreachable(f"{department}: no connection: {shown}") from None


@contextmanager
def reading(name: str, drivers_errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turns a failure while reading `name` into `SourceUnreachable`.

    A server's message about a query may quote a cell, so that only its kind is repeated.
    """
    try:
        yield
    except SourceError:
        raise
    except (DBAPIError, *drivers_errors) as error:  # type: ignore[misc]
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(cause, "sqlstate", None)
        first = cause.args[0] if cause is not None and cause.args else None
        number = state or (first if isinstance(first, int) else "")
        kind = f"{type(cause).__name__} {number}".strip()
        raise SourceUnreachable(f"{name}: the read broke off: {kind}") from None
