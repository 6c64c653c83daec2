"""One open database, whatever the dialect: windows, snapshots, chunks, keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import sqlalchemy
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.chunks import unordered, whole_ties
from connectors.faces import Face
from connectors.gates import one_of_its_connections, refuse_outside_hours
from connectors.nodes import connecting, engine_of, reading, url_of
from connectors.plan import Bounds, Plan, plan_of, queries, window_condition
from connectors.protocol import (
    Chunk,
    Extract,
    LiveColumn,
    SourceMissing,
    SourceRefused,
    Window,
)
from connectors.watermark import earlier
from schemas.contract import Supply
from schemas.properties import Node

FaceOf = Callable[[Node], Face]


@contextmanager
def open_database(
    face_of: FaceOf, node: Node, department: str, scratch: Path
) -> Iterator[SqlSource]:
    """An open connection to a department's database; `scratch` is not used.

    Raises `SourceRefused` outside the allowed hours and `SourceUnreachable` without connection.
    """
    refuse_outside_hours(node, department)
    try:
        face = face_of(node)
    except (SQLAlchemyError, ImportError):
        scheme = node.url.partition("://")[0]
        raise SourceRefused(f"{department}: no driver for {scheme}") from None
    url = url_of(node, department, face.drivers)
    engine = engine_of(url, department, face.connect_args)
    with one_of_its_connections(node, department):
        with connecting(department, url.password):
            connection = engine.connect()
        try:
            yield SqlSource(face, connection, node, department)
        finally:
            connection.invalidate()  # never back into use: its session is in an unknown state
            connection.close()
            engine.dispose()


class SqlSource:
    """A `Source` over one connection; one reading at a time."""

    def __init__(
        self, face: Face, connection: sqlalchemy.Connection, node: Node, department: str
    ) -> None:
        self._face, self._connection = face, connection
        self._node, self._department = node, department

    def columns(self, supply: Supply) -> list[LiveColumn]:
        with self._snapshot(supply):
            return self._live(supply)

    def windows(
        self, supply: Supply, since: str | None, as_of: datetime, seen: Collection[str]
    ) -> list[Window]:
        increment = supply.pull.mode == "increment"
        return [Window(as_of=as_of, low=since if increment else None)]

    @contextmanager
    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> Iterator[Extract]:
        refuse_outside_hours(self._node, self._department)
        with self._snapshot(supply):
            with self._errors(supply):
                plan = self._plan(supply)
                window, bounds = self._bounded(plan, window)
                totals = self._face.totals(self._connection, plan, window_condition(plan, bounds))
            chunks = self._chunks(plan, bounds, after)
            try:
                yield Extract(window, totals, plan.drift, chunks)
            finally:
                chunks.close()

    @contextmanager
    def keys(self, supply: Supply) -> Iterator[Iterator[pa.RecordBatch]]:
        refuse_outside_hours(self._node, self._department)
        with self._snapshot(supply):
            with self._errors(supply):
                plan = self._plan(supply).for_keys()
            chunks = self._chunks(plan, None, None)
            names = [field.name for field in supply.key]
            try:
                yield (chunk.rows.select(names) for chunk in chunks)
            finally:
                chunks.close()

    @contextmanager
    def _snapshot(self, supply: Supply) -> Iterator[None]:
        with self._errors(supply):
            self._face.begin(self._connection, self._node)
        try:
            yield
        finally:
            try:
                self._face.end(self._connection)
            except (DBAPIError, *self._face.errors):  # type: ignore[misc]
                self._connection.invalidate()  # the next reading connects anew

    def _errors(self, supply: Supply) -> AbstractContextManager[None]:
        return reading(supply.name, self._face.errors)

    def _path(self, supply: Supply) -> tuple[str, ...]:
        """Schema and table; the contract's own schema goes before the node's."""
        path, schema = supply.physical_path, self._node.schema_name
        return (schema, *path) if schema and len(path) == 1 else path

    def _live(self, supply: Supply) -> list[LiveColumn]:
        *before, table = self._path(supply)
        schema = ".".join(before) or None
        live = self._face.live(self._connection, schema, table)
        if not live:
            where = f" in schema {schema}" if schema else ""
            raise SourceMissing(f"{supply.name}: there is no table {table}{where}")
        return live

    def _plan(self, supply: Supply) -> Plan:
        quote = self._face.quote
        table = ".".join(map(quote, self._path(supply)))
        return plan_of(
            supply, table, self._live(supply), quote, self._face.literal, self._face.rank
        )

    def _bounded(self, plan: Plan, window: Window) -> tuple[Window, Bounds | None]:
        """The window with its upper bound fixed in this snapshot, and the bounds as SQL."""
        mark = plan.watermark
        if mark is None:
            return replace(window, low=None, high=None), None
        high = window.high
        if high is None:
            high = self._face.high(self._connection, plan, window.low) or window.low
        if high is None:
            return window, None
        literal, low = self._face.literal, window.low
        if low is not None:
            low = literal(earlier(low, plan.supply.pull.overlap), mark)
        return replace(window, high=high), Bounds(low, literal(high, mark))

    def _chunks(
        self, plan: Plan, bounds: Bounds | None, after: tuple[str, ...] | None
    ) -> Generator[Chunk, None, None]:
        with self._errors(plan.supply):
            for query in queries(plan, bounds, after):
                parts = self._face.parts(self._connection, query)
                yield from whole_ties(parts) if query.order else unordered(parts)
