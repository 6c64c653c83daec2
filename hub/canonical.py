"""One spelling of a document, so that whoever reads it again hashes the same bytes; digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def canonical(value: Mapping[str, object]) -> str:
    """JSON with sorted keys and no white space; numbers are whole, so there is one spelling.

    Raises `TypeError` for a fraction.
    """
    _whole(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str, name: str = "sha256") -> str:
    """The digest of a text in hex, by sha256 or sm3."""
    if name == "sm3":
        from cryptography.hazmat.primitives import hashes

        state = hashes.Hash(hashes.SM3())
        state.update(text.encode())
        return state.finalize().hex()
    if name != "sha256":
        raise ValueError(f"no digest {name}")
    return hashlib.sha256(text.encode()).hexdigest()


def _whole(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a signed document holds no fractions")
    if isinstance(value, Mapping):
        for part in value.values():
            _whole(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _whole(part)
