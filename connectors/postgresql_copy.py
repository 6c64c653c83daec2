"""COPY … TO STDOUT (FORMAT binary), read in blocks of whole rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from connectors.gather import Bytes, Cells, Ints, overlapping

HEADER = 19  # signature, flags, length of an empty extension
SIGNATURE = b"PGCOPY\n\xff\r\n\0"
TRAILER = b"\xff\xff"
SHORTEST = HEADER + 3  # bytes of a message that cannot be the trailer, header or not
MOST_BYTES = 64 * 2**20  # a block of wide rows ends early


@dataclass(frozen=True)
class Block:
    """Whole rows as they came, each as field count and (length, bytes) of its fields."""

    buffer: Bytes
    starts: Ints

    def columns(self, count: int) -> list[Cells]:
        lengths_at = overlapping(self.buffer, ">i4")
        position = self.starts + 2
        columns = []
        for _ in range(count):
            lengths = lengths_at[position].astype(np.int64)
            valid = lengths >= 0
            np.maximum(lengths, 0, out=lengths)
            columns.append(Cells(self.buffer, position + 4, lengths, valid))
            position = position + 4 + lengths
        return columns


def blocks(connection: psycopg.Connection, query: str, rows: int) -> Iterator[Block]:
    """The result of `query` in blocks of at most `rows` rows."""
    pgconn = connection.pgconn
    pgconn.send_query(f"COPY ({query}) TO STDOUT (FORMAT binary)".encode())
    result = pgconn.get_result()
    if result is None or result.status != ExecStatus.COPY_OUT:
        raise _failure(result)
    receive = pgconn.get_copy_data
    held: list[bytes | memoryview] = []
    size, first = 0, True
    while True:
        length, data = receive(0)
        if length < 0:
            break
        if first:
            first = False
            if bytes(data[:11]) != SIGNATURE:
                raise psycopg.DataError("this is no binary COPY")
            data = data[HEADER:]
            if not len(data):
                continue
        if length < SHORTEST and data == TRAILER:
            continue
        held.append(data)
        size += length
        if len(held) == rows or size > MOST_BYTES:
            yield _block(held)
            held, size = [], 0
    # A read that broke off ends like a whole one; only the result that follows tells.
    _finish(connection)
    if held:
        yield _block(held)


def break_off(connection: psycopg.Connection) -> None:
    """Cancels a COPY that nobody will read to its end."""
    pgconn = connection.pgconn
    if pgconn.transaction_status != TransactionStatus.ACTIVE:
        return
    connection.cancel_safe(timeout=5)
    while pgconn.get_copy_data(0)[0] >= 0:
        pass
    while pgconn.get_result() is not None:
        pass


def _block(held: list[bytes | memoryview]) -> Block:
    starts = np.zeros(len(held), np.int64)
    np.cumsum(np.fromiter(map(len, held), np.int64, len(held))[:-1], out=starts[1:])
    # Gathers look at eight bytes from any start, nulls included.
    return Block(np.frombuffer(b"".join((*held, bytes(8))), np.uint8), starts)


def _finish(connection: psycopg.Connection) -> None:
    while (result := connection.pgconn.get_result()) is not None:
        if result.status != ExecStatus.COMMAND_OK:
            raise _failure(result)


def _failure(result: PGresult | None) -> psycopg.Error:
    if result is None:
        return psycopg.OperationalError("the connection is gone")
    return psycopg.errors.error_from_result(result)
