"""The registry of ways to sign; each is a module of three functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hub.errors import SettingsError
from hub.signing import ed25519, sm2

DEFAULT = "ed25519"


@dataclass(frozen=True)
class Algorithm:
    """One way to sign: keys are PEM (PKCS 8, SubjectPublicKeyInfo), signatures 64 bytes."""

    name: str
    make: Callable[[], bytes]  # a private key
    public: Callable[[bytes], bytes]  # of a private key
    sign: Callable[[bytes, bytes], bytes]  # private key, message
    check: Callable[[bytes, bytes, bytes], bool]  # public key, message, signature


ALGORITHMS = {
    "ed25519": Algorithm("ed25519", ed25519.make, ed25519.public, ed25519.sign, ed25519.check),
    "sm2": Algorithm("sm2", sm2.make, sm2.public, sm2.sign, sm2.check),
}


def algorithm(name: str) -> Algorithm:
    """One way to sign; raises `SettingsError`."""
    try:
        return ALGORITHMS[name]
    except KeyError:
        known = ", ".join(ALGORITHMS)
        raise SettingsError(f"HUB_SIGNATURE must be one of {known}, found {name!r}") from None
