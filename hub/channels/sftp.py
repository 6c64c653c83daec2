"""A folder on an SFTP server as a place for deliveries; its host key is always checked."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko
from paramiko.sftp import CMD_EXTENDED, CMD_WRITE, int64

from connectors.protocol import SourceError
from connectors.ssh_login import log_in
from hub.channels.files import FileChannel
from hub.channels.place import BLOCK
from hub.channels.protocol import Channel
from hub.errors import DeliveryError
from schemas.properties import Node
from schemas.sharing import FileInbox

WRITE = 32 << 10  # bytes of one request, which every server takes
AHEAD = 64  # requests on the way at once: 2 MiB
TIMEOUT_S = 60.0


@contextmanager
def open_sftp(inbox: FileInbox, department: str) -> Iterator[Channel]:
    """Connect, check the host key, log in. A path that begins with `/~/` is below the home.

    Raises `DeliveryError`, transient when the server cannot be reached.
    """
    address = urlsplit(inbox.url)
    node = Node(
        url=inbox.url, password=inbox.password or None, private_key=inbox.private_key or None,
        host_key=inbox.host_key or None,  # a variable that is not set is empty
    )  # fmt: skip
    try:
        transport = log_in(node, address)
    except SourceError as error:
        said = str(error).replace("in the node: hostKey", "in the inbox: hostKey")
        raise DeliveryError(f"{department}: {said}", error.transient) from None
    try:
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise DeliveryError(f"{department}: the server opened no SFTP channel", True)
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(TIMEOUT_S)
        yield FileChannel(SftpPlace(client, unquote(address.path)))
    except PermissionError:
        raise DeliveryError(f"{department}: the SFTP account may not write there") from None
    except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
        kind = type(error).__name__
        raise DeliveryError(f"{department}: the transfer broke off: {kind}", True) from error
    finally:
        transport.close()


class SftpPlace:
    """A `Place` over SFTP."""

    def __init__(self, client: paramiko.SFTPClient, root: str) -> None:
        self._client = client
        self._root = "." + root[2:].rstrip("/") if root.startswith("/~/") else root.rstrip("/")

    def size(self, path: str) -> int | None:
        with suppress(FileNotFoundError):
            return self._client.stat(self._at(path)).st_size
        return None

    def read(self, path: str, length: int) -> Iterator[bytes]:
        with self._client.open(self._at(path), "rb") as file:
            for start in range(0, length, 4 * BLOCK):
                end = min(start + 4 * BLOCK, length)
                yield from file.readv(
                    [(at, min(WRITE, end - at)) for at in range(start, end, WRITE)]
                )

    def write(self, path: str, start: int, blocks: Iterable[bytes]) -> None:
        with self._client.open(self._at(path), "r+b" if start else "wb") as file:
            sending = _Sending(self._client, file.handle)
            at = start
            for block in blocks:
                for begin in range(0, len(block), WRITE):
                    piece = block[begin : begin + WRITE]
                    sending.send(at, piece)
                    at += len(piece)
            sending.settle()
            with suppress(OSError):  # an extension: not every server has it
                ask = self._client._request  # type: ignore[attr-defined]
                ask(CMD_EXTENDED, "fsync@openssh.com", file.handle)

    def replace(self, old: str, new: str) -> None:
        """`posix-rename`, which replaces at once; where it is denied: remove, then rename.

        Then there is a moment without the file. Nothing is lost in it: a manifest is removed
        before its files are touched, so nobody takes the folder for complete.
        """
        try:
            self._client.posix_rename(self._at(old), self._at(new))
            return
        except FileNotFoundError:
            raise
        except OSError:
            pass
        self.remove(new)
        self._client.rename(self._at(old), self._at(new))

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._client.remove(self._at(path))

    def make(self, folder: str) -> None:
        path = ""
        for name in folder.split("/"):
            path = f"{path}/{name}" if path else name
            if not self._is_folder(path):
                with suppress(OSError):  # somebody else made it, or it may not be made
                    self._client.mkdir(self._at(path))
                if not self._is_folder(path):
                    raise PermissionError(f"{path} cannot be made")

    def names(self, folder: str) -> list[str]:
        with suppress(FileNotFoundError):
            return sorted(self._client.listdir(self._at(folder)))
        return []

    def _is_folder(self, path: str) -> bool:
        with suppress(FileNotFoundError):
            return stat.S_ISDIR(self._client.stat(self._at(path)).st_mode or 0)
        return False

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"


class _Sending:
    """Writes on the way. paramiko's own pipelining drops what the server says of them."""

    def __init__(self, client: paramiko.SFTPClient, handle: Any) -> None:
        self._client: Any = client
        self._handle = handle
        self._waiting = 0
        self._error: Exception | None = None

    def send(self, at: int, piece: bytes) -> None:
        self._client._async_request(self, CMD_WRITE, self._handle, int64(at), piece)
        self._waiting += 1
        if self._waiting >= AHEAD:
            self.settle(AHEAD // 2)

    def settle(self, left: int = 0) -> None:
        """Read answers until at most `left` are missing; raises what a server said first."""
        while self._waiting > left:
            self._client._read_response()
        if self._error:
            raise self._error

    def _async_response(self, kind: int, message: Any, number: int) -> None:
        self._waiting -= 1
        try:
            self._client._convert_status(message)
        except (OSError, EOFError) as error:
            self._error = self._error or error
