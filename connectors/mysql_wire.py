"""Rows of MySQL's text protocol, taken from the connection in blocks rather than one by one.

Protocol: dev.mysql.com/doc/dev/mysql-server, "Text Resultset Row" and
"Protocol::LengthEncodedInteger".
pymysql opens the connection, sends the query and reads the column definitions; from there on the
packets are read here, since its own reader makes one Python object of every cell.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymysql.err import OperationalError, raise_mysql_exception

from connectors.gather import Bytes, Cells, Places, overlapping, sealed

HEAD = struct.Struct("<IB")  # three bytes of length, one of sequence; the first of the payload
FULL = 0xFFFFFF  # a packet of this length goes on in the next
EOF, ERROR, NULL = 0xFE, 0xFF, 0xFB
READ_BYTES = 2**20
MOST_BYTES = 8 * 2**20  # a block of wide rows ends early: some eight are in memory at once


@dataclass(frozen=True)
class Block:
    """Whole rows as they came: per row, one length-encoded string a column."""

    buffer: Bytes
    starts: Places

    def columns(self, count: int) -> list[Cells]:
        columns, position = [], self.starts
        for _ in range(count):
            cells = self._column(position)
            columns.append(cells)
            position = cells.starts + cells.lengths
        return columns

    def _column(self, position: Places) -> Cells:
        first = self.buffer[position]
        lengths, starts = first.astype(np.int32), position + 1
        valid = first != NULL
        lengths[~valid] = 0
        for mark, dtype, mask, width in _WIDER:
            rows = np.flatnonzero(first == mark)
            if len(rows):
                long = overlapping(self.buffer, dtype)[position[rows] + 1].astype(np.int64) & mask
                lengths[rows], starts[rows] = long, position[rows] + 1 + width
        return Cells(self.buffer, starts, lengths, valid)


_WIDER = (
    (0xFC, "<u2", 0xFFFF, 2),
    (0xFD, "<u4", 0xFFFFFF, 3),
    (0xFE, "<i8", 2**63 - 1, 8),
)


def blocks(connection: Any, query: str, rows: int) -> Generator[Block, None, None]:
    """The result of `query` in blocks of at most `rows` rows."""
    connection.query(query, unbuffered=True)
    result = connection._result
    buffer, position, starts = bytearray(), 0, list[int]()
    ended = False
    while not ended:
        data = connection._rfile.read1(READ_BYTES)
        if not data:
            raise OperationalError(2013, "the server closed the connection")
        buffer += data
        position, ended = _scan(buffer, position, starts, rows)
        while not ended and (len(starts) >= rows or (starts and len(buffer) > MOST_BYTES)):
            whole, buffer = sealed(buffer, position)
            yield Block(whole, np.array(starts, np.int32))
            starts.clear()
            position, ended = _scan(buffer, 0, starts, rows)
    result.unbuffered_active, result.connection = False, None
    if starts:
        yield Block(sealed(buffer, position)[0], np.array(starts, np.int32))


def _scan(buffer: bytearray, position: int, starts: list[int], rows: int) -> tuple[int, bool]:
    """Notes the payloads of whole packets from `position` on; (where it stopped, end of rows)."""
    unpack, found = HEAD.unpack_from, starts.append
    last = len(buffer) - HEAD.size
    room = rows - len(starts)
    while position <= last and room:
        head, first = unpack(buffer, position)
        length = head & FULL
        end = position + 4 + length
        if end > len(buffer):
            break
        if first == EOF and length < 9:
            return end, True
        if first == ERROR:
            raise_mysql_exception(bytes(buffer[position + 4 : end]))
        if length == FULL and not _whole(buffer, position):
            break
        if length == FULL:
            end = _merged(buffer, position)
            last = len(buffer) - HEAD.size
        found(position + 4)
        position = end
        room -= 1
    return position, False


def _whole(buffer: bytearray, position: int) -> bool:
    """Whether all packets of the row that begins here have arrived."""
    while position + 4 <= len(buffer):
        length = int.from_bytes(buffer[position : position + 3], "little")
        position += 4 + length
        if length < FULL:
            return position <= len(buffer)
    return False


def _merged(buffer: bytearray, position: int) -> int:
    """Takes the inner packet headers out of one row of more than 16 MiB; the row's end."""
    end = position + 4 + FULL
    while True:
        length = int.from_bytes(buffer[end : end + 3], "little")
        del buffer[end : end + 4]
        end += length
        if length < FULL:
            return end
