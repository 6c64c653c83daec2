"""The keys of an installation, in `<home>/keys`: the newest signs, all of them verify.

`0001-<key id>.pem` is a private key (0600), `0001-<key id>.pub` its public key. Old private keys
may be taken away; public keys stay, so that what was signed stays verifiable.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hub.errors import SettingsError
from hub.signing.algorithms import DEFAULT, algorithm

FOLDER = "keys"
_NAME = re.compile(r"^(\d{4})-(\w+)-([0-9a-f]{32})\.(pem|pub)$")


@dataclass(frozen=True)
class PublicKey:
    """A public key; `number` counts the keys of the installation, from 1."""

    number: int
    algorithm: str
    key_id: str
    pem: bytes


@dataclass(frozen=True)
class Signer:
    """The key that signs now."""

    number: int
    algorithm: str
    key_id: str
    private: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        pem = algorithm(self.algorithm).public(self.private)
        return PublicKey(self.number, self.algorithm, self.key_id, pem)


def signer(home: Path, name: str = DEFAULT) -> Signer:
    """The newest key of the installation; the first one is made when there is none.

    Rooms ask `hub.proof.signer_of(hub)` instead, which notes a new key in the audit log.
    """
    found = newest(home)
    return found or make(home, name)


def newest(home: Path) -> Signer | None:
    """The key that signs now; None before the first."""
    private = sorted(p for p in _files(home) if p.suffix == ".pem")
    if not private:
        return None
    number, name, key_id = _parts(private[-1])
    return Signer(number, name, key_id, private[-1].read_bytes())


def public_keys(home: Path) -> dict[str, PublicKey]:
    """All public keys of the installation by their id, oldest first."""
    keys = {}
    for path in sorted(p for p in _files(home) if p.suffix == ".pub"):
        number, name, key_id = _parts(path)
        keys[key_id] = PublicKey(number, name, key_id, path.read_bytes())
    return keys


def make(home: Path, name: str = DEFAULT) -> Signer:
    """Make the next key; from now on it signs. Callers see to it that nobody else does so now."""
    chosen = algorithm(name)
    private = chosen.make()
    pem = chosen.public(private)
    key_id = key_id_of(pem)
    number = 1 + max((_parts(path)[0] for path in _files(home)), default=0)
    stem = home / FOLDER / f"{number:04}-{name}-{key_id}"
    _write(stem.with_suffix(".pub"), pem)  # first, so that no signature is without its public key
    _write(stem.with_suffix(".pem"), private)
    return Signer(number, name, key_id, private)


def key_id_of(pem: bytes) -> str:
    """The first 32 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo."""
    body = "".join(line for line in pem.decode("ascii").splitlines() if "-----" not in line)
    return hashlib.sha256(base64.b64decode(body)).hexdigest()[:32]


def _files(home: Path) -> list[Path]:
    folder = home / FOLDER
    return [p for p in folder.iterdir() if _NAME.match(p.name)] if folder.is_dir() else []


def _parts(path: Path) -> tuple[int, str, str]:
    found = _NAME.match(path.name)
    assert found is not None
    return int(found[1]), found[2], found[3]


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, mine = tempfile.mkstemp(dir=path.parent)  # its mode is 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(mine).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(mine).unlink()
    except OSError as error:
        raise SettingsError(
            f"no key can be written into {path.parent}: {error.strerror}"
        ) from error
