"""From the address of a database inbox to a driver's connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from hub.channels.face import Face, run
from hub.errors import DeliveryError
from schemas.sharing import DatabaseInbox


@contextmanager
def opened(
    inbox: DatabaseInbox,
    department: str,
    driver: str,
    face: Face,
    arguments: Mapping[str, Any],
    settings: str | None = None,
) -> Iterator[Any]:
    """A connection of the driver itself, closed at the end; raises `DeliveryError`."""
    try:
        url = sqlalchemy.make_url(inbox.url).set(drivername=driver)
        if inbox.password:
            url = url.set(password=inbox.password)
        engine = sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.NullPool, connect_args=dict(arguments), hide_parameters=True
        )
    except (SQLAlchemyError, ImportError):
        raise DeliveryError(f"{department}: the inbox is no address of a database") from None
    errors: tuple[type[Exception], ...] = (SQLAlchemyError, *face.errors)
    try:
        connection = engine.raw_connection()
    except errors as error:
        cause = getattr(error, "orig", None) or error
        raise DeliveryError(
            f"{department}: no connection to the inbox database: {face.kind(cause)}", True
        ) from None
    try:
        if settings:
            run(connection, settings)
        yield connection.driver_connection
    finally:
        connection.close()
