"""A line between a client and a server of this machine that carries only so many bytes a second."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread

BLOCK = 4 << 10


@dataclass
class Line:
    """A loopback port, and how many bytes have gone to the server through it."""

    port: int
    bytes_per_s: int
    carried: int = 0


@contextmanager
def slow_line(port: int, bytes_per_s: int) -> Iterator[Line]:
    """A line that leads to `port`; what is sent to the server takes its time.

    What a killed client had handed to the system still arrives, as on a real line.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * BLOCK)
        line = Line(int(listening.getsockname()[1]), bytes_per_s)
        Thread(target=_accept, args=(listening, port, line), daemon=True).start()
        yield line


def _accept(listening: socket.socket, port: int, line: Line) -> None:
    with suppress(OSError):  # closed: the test is over
        while True:
            client, _ = listening.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for ends in ((client, server, line), (server, client, None)):
                Thread(target=_carry, args=ends, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, line: Line | None) -> None:
    with suppress(OSError):
        while block := source.recv(BLOCK):
            if line:
                time.sleep(len(block) / line.bytes_per_s)
                line.carried += len(block)
            target.sendall(block)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
