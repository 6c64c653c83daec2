"""Signed documents: Ed25519 by default, SM2 with SM3 where HUB_SIGNATURE says so."""

from hub.signing.envelope import Envelope, sign, verify
from hub.signing.keys import Signer, public_keys, signer, vouches_of

__all__ = ["Envelope", "Signer", "public_keys", "sign", "signer", "verify", "vouches_of"]
