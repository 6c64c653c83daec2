"""COPY … TO STDOUT (FORMAT binary), read in blocks of whole rows.

libpq hands out one row a call, each in memory of its own, which costs more than decoding them.
Between two commands libpq has nothing in hand, so the messages of a COPY are read from its socket
here, until the server is ready for the next command. TLS hides the socket's bytes: then libpq is
asked for every row after all.

Protocol: PostgreSQL's documentation, "Message Formats" and COPY, "Binary Format".
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from connectors.gather import Bytes, Cells, Places, overlapping, sealed

MESSAGE = struct.Struct(">BI")  # kind; length of itself and what follows
QUERY, (COPY_DATA, ERROR, READY) = b"Q", b"dEZ"
HEADER = 19  # of the data: signature, flags, length of an empty extension
TRAILER = b"\xff\xff"
READ_BYTES = 2**18
MOST_BYTES = 8 * 2**20  # a block of wide rows ends early: some eight are in memory at once
LONGEST_S = 86_400  # statement_timeout and TCP keep-alive come first


@dataclass(frozen=True)
class Block:
    """Whole rows as they came, each as field count and (length, bytes) of its fields."""

    buffer: Bytes
    starts: Places

    def columns(self, count: int) -> list[Cells]:
        lengths_at = overlapping(self.buffer, ">i4")
        position = self.starts + 2
        columns = []
        for _ in range(count):
            lengths = lengths_at[position].astype(np.int32)
            valid = lengths >= 0
            np.maximum(lengths, 0, out=lengths)
            position = position + 4
            columns.append(Cells(self.buffer, position, lengths, valid))
            position = position + lengths
        return columns


@dataclass
class _Unread:
    """Bytes received, the rows found among them, and how far the search came."""

    buffer: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)
    position: int = 0
    headed: bool = False  # the stream's header has been seen
    failure: bytes | None = None
    ready: bool = False

    def search(self, most: int) -> None:
        """Finds whole messages until `most` rows are there."""
        buffer, position, found = self.buffer, self.position, self.starts.append
        unpack, size = MESSAGE.unpack_from, len(buffer)
        room = most - len(self.starts)
        while room and position + 5 <= size:
            kind, length = unpack(buffer, position)
            end = position + 1 + length
            if end > size:
                break
            if kind == COPY_DATA and length > 6 and self.headed:
                found(position + 5)
                room -= 1
            elif self._other(kind, position + 5, end):
                room -= 1
            position = end
        self.position = position

    def _other(self, kind: int, start: int, end: int) -> bool:
        """Anything but a plain row; True when the message holds a row nevertheless."""
        if kind == COPY_DATA:
            start += 0 if self.headed else HEADER
            self.headed = True
            if end - start >= 2 and self.buffer[start:end] != TRAILER:
                self.starts.append(start)
                return True
        elif kind == ERROR:
            self.failure = bytes(self.buffer[start:end])
        elif kind == READY:
            self.ready = True
        return False

    def skip(self) -> None:
        """Passes over everything that has arrived."""
        self.search(len(self.buffer))
        self.block()

    def block(self) -> Block:
        """The rows found so far, taken out."""
        whole, self.buffer = sealed(self.buffer, self.position)
        block = Block(whole, np.array(self.starts, np.int32))
        self.position = 0
        self.starts.clear()
        return block


def blocks(connection: psycopg.Connection, query: str, rows: int) -> Generator[Block, None, None]:
    """The result of `query` in blocks of at most `rows` rows.

    A reading that is given up leaves the connection usable.
    """
    command = f"COPY ({query}) TO STDOUT (FORMAT binary)"
    receive = _from_libpq if connection.pgconn.ssl_in_use else _from_socket
    unread = _Unread()
    with closing(receive(connection, command, unread)) as arrivals:
        for data in arrivals:
            unread.buffer += data
            unread.search(rows)
            while len(unread.starts) >= rows or (unread.starts and len(unread.buffer) > MOST_BYTES):
                yield unread.block()
                unread.search(rows)
            if unread.ready:
                break
    if unread.failure is not None:
        raise _error(unread.failure)
    if unread.starts:
        yield unread.block()


def _from_socket(
    connection: psycopg.Connection, command: str, unread: _Unread
) -> Generator[bytes, None, None]:
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire:
        wire.settimeout(LONGEST_S)
        query = command.encode() + b"\0"
        wire.sendall(QUERY + struct.pack(">I", len(query) + 4) + query)
        try:
            while data := wire.recv(READ_BYTES):
                yield data
            raise psycopg.OperationalError("the server closed the connection")
        except GeneratorExit:
            if not unread.ready:
                # Given up. The end may have arrived already, behind rows that nobody asked for
                # any more: then there is nothing left to wait for.
                unread.skip()
            if not unread.ready:
                connection.cancel_safe(timeout=10)
            while not unread.ready and (data := wire.recv(READ_BYTES)):
                unread.buffer += data
                unread.skip()
            raise


def _from_libpq(
    connection: psycopg.Connection, command: str, unread: _Unread
) -> Generator[bytes, None, None]:
    """The messages as they would have come from the socket."""
    pgconn = connection.pgconn
    pgconn.send_query(command.encode())
    result = pgconn.get_result()
    if result is None or result.status != ExecStatus.COPY_OUT:
        raise _failed(result)
    try:
        while (got := pgconn.get_copy_data(0))[0] >= 0:
            yield MESSAGE.pack(COPY_DATA, got[0] + 4) + bytes(got[1])
    except GeneratorExit:
        connection.cancel_safe(timeout=10)
        while pgconn.get_copy_data(0)[0] >= 0:
            pass
        while pgconn.get_result() is not None:
            pass
        raise
    while (result := pgconn.get_result()) is not None:
        if result.status != ExecStatus.COMMAND_OK:
            raise _failed(result)
    yield MESSAGE.pack(READY, 5) + b"T"


def _failed(result: PGresult | None) -> psycopg.Error:
    if result is None:
        return psycopg.OperationalError("the server closed the connection")
    return psycopg.errors.error_from_result(result)


def _error(message: bytes) -> psycopg.Error:
    """ErrorResponse: fields of one letter and a text; C is the SQLSTATE."""
    parts = {part[:1]: part[1:].decode(errors="replace") for part in message.split(b"\0")}
    try:
        kind = psycopg.errors.lookup(parts.get(b"C", ""))
    except KeyError:
        kind = psycopg.DatabaseError
    error: psycopg.Error = kind(parts.get(b"M", ""))
    return error
