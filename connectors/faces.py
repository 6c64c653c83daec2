"""What the SQL connectors differ in; all else is `connectors.sql_source`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy

from connectors.plan import Literal, Plan, Query
from connectors.protocol import LiveColumn, Totals
from schemas.properties import Node


@dataclass(frozen=True)
class Part:
    """Some rows of a query, in its order, typed as landed.

    `order_texts(row)` is the text of the query's order columns in one row, as the server would
    read it back.
    """

    rows: pa.RecordBatch
    order_texts: Callable[[int], tuple[str, ...]]


@dataclass(frozen=True)
class Face:
    """One server's dialect. All functions work within the transaction that `begin` opens."""

    drivers: dict[str, str]  # scheme of the node's url -> SQLAlchemy driver
    errors: tuple[type[Exception], ...]  # of the driver, where SQLAlchemy does not wrap them
    connect_args: dict[str, Any]
    quote: Callable[[str], str]
    literal: Literal
    rank: Callable[[LiveColumn], str]
    """What orders a column that no primary key keeps free of near-equals."""
    begin: Callable[[sqlalchemy.Connection, Node], None]
    """Opens a read-only transaction that sees one snapshot until the end."""
    end: Callable[[sqlalchemy.Connection], None]
    live: Callable[[sqlalchemy.Connection, str | None, str], list[LiveColumn]]
    """The columns of (schema, table); empty when there is no such table."""
    high: Callable[[sqlalchemy.Connection, Plan, str | None], str | None]
    """The text of the greatest watermark behind (plan, low) and not after the source's clock."""
    totals: Callable[[sqlalchemy.Connection, Plan, str | None], Totals]
    """Of the rows under a condition (None: all)."""
    parts: Callable[[sqlalchemy.Connection, Query], Iterator[Part]]
    """The rows of one query, at most the contract's `chunk_rows` at a time."""
