"""Drops below an SFTP account: host keys are always checked, names are bytes, reads are bounded."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from connectors.folder import Entry, SourceChanged, decoded, fits, leads_to
from connectors.protocol import SourceMissing, SourceUnreachable
from connectors.ssh_login import log_in, unreachable
from schemas.properties import Node

READ = 32 << 10  # bytes; what paramiko asks for in one request
AHEAD = 128  # requests on the way at once: 4 MiB in memory, whatever the size of the file
TIMEOUT_S = 60.0


@contextmanager
def open_sftp(node: Node) -> Iterator[SftpFolder]:
    """Connect, check the host key, log in, and open the folder of the URL.

    A path that begins with `/~/` lies below the account's home. Raises `SourceUnreachable` when
    the server cannot be reached or refuses the login, `SourceRefused` for an unknown host key.
    """
    address = urlsplit(node.url)
    transport = log_in(node, address)
    try:
        with unreachable(address.hostname or ""):
            client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise SourceUnreachable(f"{address.hostname}: the server opened no SFTP channel")
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(TIMEOUT_S)
        yield SftpFolder(client, unquote_to_bytes(address.path), address.hostname or "")
    finally:
        transport.close()


class SftpFolder:
    """A folder on an SFTP server; a `Folder`."""

    local = False

    def __init__(self, client: paramiko.SFTPClient, root: bytes, host: str) -> None:
        self._client, self._host = client, host
        self._root = b"./" + root[3:] if root.startswith(b"/~/") else root
        self._root = self._root.rstrip(b"/") + b"/"

    def entries(self, pattern: str) -> Iterator[Entry]:
        return self._below(b"", pattern)

    def look(self, entry: Entry) -> Entry | None:
        try:
            with unreachable(self._host):
                found = self._client.lstat(self._root + entry.path)
        except FileNotFoundError:
            return None
        return _entry(entry.path, found) if stat.S_ISREG(found.st_mode or 0) else None

    def digest(self, entry: Entry, keep: Path) -> str:
        return self.fetch(entry, keep)

    def fetch(self, entry: Entry, target: Path) -> str:
        partial = target.with_name(target.name + ".partial")
        with partial.open("a+b") as copy:
            digest, size = _begun(copy)
            for block in self._blocks(entry, size):
                copy.write(block)
                digest.update(block)
                size += len(block)
        if size != entry.size:
            partial.unlink()
            raise SourceChanged(f"{entry.name} has {size} bytes instead of {entry.size}")
        partial.replace(target)
        return digest.hexdigest()

    def _blocks(self, entry: Entry, start: int) -> Iterator[bytes]:
        """The file's bytes from `start` on, a window of requests at a time, and what grew since."""
        path, window = self._root + entry.path, READ * AHEAD
        try:
            with unreachable(self._host), self._client.open(path, "rb") as data:
                for begin in range(start, entry.size, window):
                    end = min(begin + window, entry.size)
                    if (data.stat().st_size or 0) < end:
                        return  # paramiko would wait for bytes that no longer are there
                    asked = [(at, min(READ, end - at)) for at in range(begin, end, READ)]
                    yield from data.readv(asked)
                data.seek(entry.size)
                yield data.read(READ)
        except FileNotFoundError:
            raise SourceChanged(f"{entry.name} is gone") from None
        except EOFError:
            return  # the file ends before its size: the caller counts

    def _below(self, folder: bytes, pattern: str) -> Iterator[Entry]:
        for name, found in sorted(self._list(folder), key=lambda item: item[0]):
            path = folder + name
            if stat.S_ISDIR(found.st_mode or 0):
                if leads_to(decoded(path), pattern):
                    yield from self._below(path + b"/", pattern)
            elif stat.S_ISREG(found.st_mode or 0) and fits(decoded(path), pattern):
                yield _entry(path, found)

    def _list(self, folder: bytes) -> list[tuple[bytes, paramiko.SFTPAttributes]]:
        # paramiko's own listing decodes every name as UTF-8 and fails on the first that is not.
        names: list[tuple[bytes, paramiko.SFTPAttributes]] = []
        ask = self._client._request  # type: ignore[attr-defined]
        try:
            with unreachable(self._host):
                kind, reply = ask(CMD_OPENDIR, self._root + folder)
                handle = reply.get_binary() if kind == CMD_HANDLE else b""
                while batch := _names(ask, handle):
                    names += batch
                ask(CMD_CLOSE, handle)
        except FileNotFoundError:
            shown = decoded(self._root + folder)
            raise SourceMissing(f"{self._host}: the folder {shown} is not there") from None
        return [item for item in names if item[0] not in (b".", b"..")]


def _names(ask: Any, handle: bytes) -> list[tuple[bytes, paramiko.SFTPAttributes]]:
    try:
        kind, reply = ask(CMD_READDIR, handle)
    except EOFError:
        return []
    if kind != CMD_NAME:
        raise paramiko.SFTPError("the server sent no names")
    found = []
    for _ in range(reply.get_int()):
        name, _ = reply.get_string(), reply.get_string()
        found.append((name, paramiko.SFTPAttributes._from_msg(reply)))  # type: ignore[attr-defined]
    return found


def _begun(copy: IO[bytes]) -> tuple[hashlib._Hash, int]:
    """The digest and size of what an earlier attempt fetched."""
    digest, size = hashlib.sha256(), 0
    copy.seek(0)
    while block := copy.read(1 << 20):
        digest.update(block)
        size += len(block)
    return digest, size


def _entry(path: bytes, found: paramiko.SFTPAttributes) -> Entry:
    return Entry(decoded(path), path, found.st_size or 0, float(found.st_mtime or 0))
