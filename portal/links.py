"""Addresses of files that carry their own signature: good for one credential, for a short time.

A signature opens nothing that the grant does not open at that moment: the ledger is asked anew.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from hub.digests import digest_key
from portal.answers import BadLink

EXPIRES = "Expires"
SIGNATURE = "X-Amz-Signature"
"""Delta's own readers take an address for a signed one by the name of this parameter."""

DOMAIN = b"portal file address, 1"
LIFETIME_S = 15 * 60


@dataclass(frozen=True)
class Signer:
    """Signs and checks paths; `key` is the installation's, of this purpose alone."""

    key: bytes
    lifetime_s: int = LIFETIME_S

    def sign(self, path: str, now_s: int) -> tuple[str, int]:
        """The path with its signature, and the second at which that ends."""
        expires = now_s + self.lifetime_s
        return (
            f"{path}?{urlencode({EXPIRES: expires, SIGNATURE: self._of(path, expires)})}",
            expires,
        )

    def check(self, path: str, expires: str, signature: str, now_s: int) -> None:
        """Raise `BadLink` unless the path was signed as it stands and its time is not over."""
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
            raise BadLink
        wanted = self._of(path, int(expires))
        if not hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace")):
            raise BadLink(why="forged")
        if now_s >= int(expires):
            raise BadLink

    def _of(self, path: str, expires: int) -> str:
        return hmac.new(self.key, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()


def signer(home: Path, lifetime_s: int = LIFETIME_S) -> Signer:
    """The signer of a home folder; its key derives from the installation's secret."""
    secret = digest_key(home).encode()
    return Signer(hmac.new(secret, DOMAIN, hashlib.sha256).digest(), lifetime_s)
