"""The keys of an installation, in `<home>/keys`: the newest signs, all of them verify.

`0001-ed25519-<key id>.pem` is the private key (0600); it goes when the next one takes over. Its
public key `.pub` stays, so that what was signed stays verifiable, and so do the words in `.json`
by which the old key and the new one vouch for each other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import SettingsError
from hub.signing.algorithms import DEFAULT, algorithm

FOLDER = "keys"
_NAME = re.compile(r"^(\d{4})-(\w+)-([0-9a-f]{32})\.(pem|pub|json)$")


@dataclass(frozen=True)
class PublicKey:
    """A public key; `number` counts the keys of the installation, from 1."""

    number: int
    algorithm: str
    key_id: str
    pem: bytes


@dataclass(frozen=True)
class Signer:
    """The key that signs now, of the installation at `home`."""

    home: Path
    number: int
    algorithm: str
    key_id: str
    private: bytes = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        pem = algorithm(self.algorithm).public(self.private)
        return PublicKey(self.number, self.algorithm, self.key_id, pem)

    def latest(self) -> Signer:
        """Itself, or the key that has taken over meanwhile."""
        private = _private(self.home)
        changed = bool(private) and _parts(private[-1])[0] != self.number
        return (newest(self.home) or self) if changed else self


def signer(home: Path, name: str = DEFAULT) -> Signer:
    """The newest key of the installation; the first one is made when there is none.

    Rooms ask `hub.proof.signer_of(hub)` instead, which notes a new key in the audit log.
    """
    return newest(home) or keep(home, drawn(name))


def newest(home: Path) -> Signer | None:
    """The key that signs now; None before the first."""
    private = _private(home)
    if not private:
        return None
    number, name, key_id = _parts(private[-1])
    return Signer(home, number, name, key_id, private[-1].read_bytes())


def public_keys(home: Path) -> dict[str, PublicKey]:
    """All public keys of the installation by their id, oldest first."""
    keys = {}
    for path in sorted(p for p in _files(home) if p.suffix == ".pub"):
        number, name, key_id = _parts(path)
        keys[key_id] = PublicKey(number, name, key_id, path.read_bytes())
    return keys


def drawn(name: str = DEFAULT) -> Signer:
    """A new key that stands nowhere yet."""
    private = algorithm(name).make()
    return Signer(Path(), 0, name, key_id_of(algorithm(name).public(private)), private)


def keep(home: Path, new: Signer, vouches: Sequence[Mapping[str, Any]] = ()) -> Signer:
    """Put a key into the installation; from now on it signs, and the one before it never again.

    Callers see to it that nobody else does so now.
    """
    before = _private(home)
    number = 1 + max((_parts(path)[0] for path in _files(home)), default=0)
    stem = home / FOLDER / f"{number:04}-{new.algorithm}-{new.key_id}"
    # The private key comes last: no signature is without its public key and the word for it.
    _write(stem.with_suffix(".json"), json.dumps(list(vouches)).encode())
    _write(stem.with_suffix(".pub"), new.public.pem)
    _write(stem.with_suffix(".pem"), new.private)
    for path in before:
        path.unlink()
    return Signer(home, number, new.algorithm, new.key_id, new.private)


def vouches_of(home: Path) -> list[dict[str, Any]]:
    """What keys said of each other when one took over from the other, as envelopes."""
    files = sorted(path for path in _files(home) if path.suffix == ".json")
    return [vouch for path in files for vouch in json.loads(path.read_bytes())]


def key_id_of(pem: bytes) -> str:
    """The first 32 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo."""
    body = "".join(line for line in pem.decode("ascii").splitlines() if "-----" not in line)
    return hashlib.sha256(base64.b64decode(body)).hexdigest()[:32]


def _private(home: Path) -> list[Path]:
    return sorted(path for path in _files(home) if path.suffix == ".pem")


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
