"""SM2 with SM3 (GB/T 32918.2, signer's id as in GM/T 0009), by the command `openssl` 3.

Why the command and no Python library: docs/adr/0026-signing.md.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import SettingsError

SIGNER_ID = "1234567812345678"  # GM/T 0009-2012, 10: where nothing else was agreed
SECONDS = 30  # one call takes about 10 ms
HALF = 32  # bytes of r and of s


def make() -> bytes:
    """A new private key, PEM."""
    return _openssl("genpkey", "-algorithm", "SM2")


def public(private: bytes) -> bytes:
    """The public key of a private one, PEM."""
    return _openssl("pkey", "-pubout", given=private)


def sign(private: bytes, message: bytes) -> bytes:
    """The 64 bytes r || s."""
    with _laid(message) as (path,):
        options = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER_ID}")
        found = _openssl(
            "pkeyutl", "-sign", "-in", path, "-inkey", "/dev/stdin", *options, given=private
        )
    return plain(found)


def check(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that of the message."""
    if len(signature) != 2 * HALF:
        return False
    with _laid(message, der(signature), public_key) as (path, signed, key):
        options = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER_ID}")
        command = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", path, "-sigfile", signed]
        return _run([*command, *options], b"").returncode == 0


def plain(signature: bytes) -> bytes:
    """r || s of a DER sequence of two integers."""
    if signature[0] != 0x30 or signature[2] != 0x02:
        raise SettingsError("openssl gave no SM2 signature")
    first = signature[4 : 4 + signature[3]]
    rest = signature[4 + signature[3] :]
    second = rest[2 : 2 + rest[1]]
    return b"".join(int.from_bytes(n, "big").to_bytes(HALF, "big") for n in (first, second))


def der(signature: bytes) -> bytes:
    """The DER sequence of r || s."""
    parts = b""
    for half in (signature[:HALF], signature[HALF:]):
        number = int.from_bytes(half, "big")
        body = number.to_bytes(number.bit_length() // 8 + 1, "big")
        parts += bytes([0x02, len(body)]) + body
    return bytes([0x30, len(parts)]) + parts


@contextmanager
def _laid(*contents: bytes) -> Iterator[tuple[str, ...]]:
    """Files for the time of the block; no private key is among them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(n) for n in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield tuple(map(str, paths))


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = _run(list(arguments), given)
    if done.returncode != 0:
        raise SettingsError("this machine's openssl does not know SM2: HUB_SIGNATURE=sm2 needs 3.0")
    return done.stdout


def _run(arguments: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["openssl", *arguments], input=given, capture_output=True, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError("HUB_SIGNATURE=sm2 needs the command openssl") from error
