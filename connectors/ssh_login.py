"""Logging in to an SSH server: first the server proves who it is, then the hub does."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, unquote

import paramiko
from paramiko.pkey import UnknownKeyType

from connectors.protocol import SourceRefused, SourceUnreachable
from schemas.properties import Node

TIMEOUT_S = 30.0
SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}  # one kind of key, other names


def log_in(node: Node, address: SplitResult) -> paramiko.Transport:
    """A transport to the checked host, logged in with the node's key or password."""
    host, port = address.hostname or "", address.port or 22
    expected = _expected(node, host, port)
    with unreachable(host):
        connection = socket.create_connection((host, port), timeout=TIMEOUT_S)
        transport = paramiko.Transport(connection)
    try:
        with unreachable(host):
            _prefer(transport, expected)
            transport.banner_timeout = TIMEOUT_S
            transport.auth_timeout = TIMEOUT_S
            transport.start_client(timeout=TIMEOUT_S)
            _check(transport.get_remote_server_key(), expected, f"{host}:{port}")
            transport.set_keepalive(30)
            _prove(transport, node, unquote(address.username or ""), host)
    except BaseException:
        transport.close()
        raise
    return transport


@contextmanager
def unreachable(host: str) -> Iterator[None]:
    """Turns what a connection can suffer into `SourceUnreachable`; a missing file stays one."""
    try:
        yield
    except (FileNotFoundError, EOFError):
        raise
    except (paramiko.SSHException, paramiko.SFTPError, OSError) as error:
        kind = type(error).__name__
        raise SourceUnreachable(f"{host}: {kind}: {error}") from error


def fingerprint(key: paramiko.PKey) -> str:
    """The key's SHA-256 fingerprint as ssh-keygen shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _expected(node: Node, host: str, port: int) -> list[paramiko.PKey]:
    if node.host_key is None:
        return []
    if node.host_key.startswith(("ssh-", "ecdsa-")):
        return [_literal(line) for line in node.host_key.splitlines() if line.strip()]
    path = Path(node.host_key).expanduser()
    if not path.is_file():
        raise SourceRefused(f"{host}: hostKey is neither a key nor a known_hosts file: {path}")
    known = paramiko.HostKeys(str(path)).lookup(host if port == 22 else f"[{host}]:{port}")
    return list(known.values()) if known else []


def _literal(line: str) -> paramiko.PKey:
    kind, data, *_ = [*line.split(), ""]
    try:
        return paramiko.PKey.from_type_string(kind, base64.b64decode(data, validate=True))
    except (ValueError, paramiko.SSHException, UnknownKeyType) as error:
        raise SourceRefused("hostKey is no public key of the form `ssh-ed25519 AAAA…`") from error


def _prefer(transport: paramiko.Transport, expected: list[paramiko.PKey]) -> None:
    """Ask the server for a key of a kind that is known, if it has one."""
    options = transport.get_security_options()
    names = [key.get_name() for key in expected]
    wanted = [kind for name in names for kind in SIGNATURES.get(name, (name,))]
    offered = list(options.key_types)
    known = [kind for kind in dict.fromkeys(wanted) if kind in offered]
    options.key_types = tuple(known + [kind for kind in offered if kind not in known])


def _check(shown: paramiko.PKey, expected: list[paramiko.PKey], place: str) -> None:
    line = f"{shown.get_name()} {shown.get_base64()}"
    if not expected:
        raise SourceRefused(
            f"{place} is not known. It shows {fingerprint(shown)}. When the department confirms "
            f"this fingerprint, write in the node: hostKey: {line}"
        )
    if all(key.asbytes() != shown.asbytes() for key in expected):
        known = ", ".join(map(fingerprint, expected))
        raise SourceRefused(
            f"{place} shows another host key than the one that is known: {fingerprint(shown)} "
            f"instead of {known}. Somebody may stand in between; ask the department first"
        )


def _prove(transport: paramiko.Transport, node: Node, user: str, host: str) -> None:
    if not user:
        raise SourceRefused(f"{host}: the address names no user")
    if node.private_key:
        transport.auth_publickey(user, _private_key(node, host))
    elif node.password:
        transport.auth_password(user, node.password)
    else:
        raise SourceRefused(f"{host}: the node has neither privateKey nor password")


def _private_key(node: Node, host: str) -> paramiko.PKey:
    """The node's key; when it is locked, the node's password is its passphrase."""
    path = str(Path(node.private_key or "").expanduser())
    reason = "of an unknown kind"
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            try:
                return kind.from_private_key_file(path)
            except paramiko.PasswordRequiredException:
                return kind.from_private_key_file(path, node.password or "")
        except OSError as error:
            raise SourceRefused(f"{host}: the private key: {error.strerror}: {path}") from error
        except (ValueError, TypeError, paramiko.SSHException) as error:
            reason = str(error)
    raise SourceRefused(f"{host}: the private key {path} cannot be used: {reason}")
