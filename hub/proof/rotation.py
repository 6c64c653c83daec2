"""The next signing key: it takes over from the last one, and what was signed stays verifiable."""

from __future__ import annotations

from typing import Any

from hub import signing
from hub.ledger.audit import Act, head, hold, note_act
from hub.opened import Hub
from hub.proof.checkpoints import checkpoint
from hub.proof.signing import LOCK, signer_of
from hub.signing.keys import PublicKey, drawn, keep


def rotate(hub: Hub, by: str, reason: str) -> signing.Signer:
    """Make the next key as HUB_SIGNATURE says; the old private key is destroyed.

    The old key names the new one its successor; the new one vouches for all before it, each up to
    the event at which it stopped. So whoever trusts any of them can verify everything.
    """
    signer_of(hub)
    checkpoint(hub)  # the last word of the old key
    with hub.ledger.alone(LOCK), hub.ledger.writing() as connection:
        hold(connection)
        now = head(connection).seq
        old, new = signer_of(hub), drawn(hub.settings.signature)
        known = signing.public_keys(hub.settings.home)
        ends = ends_of(hub)
        vouches = [signing.sign(old, word(new.public, None, now))]
        for key in known.values():
            until = now if key.key_id == old.key_id else ends[key.key_id]
            vouches.append(signing.sign(new, word(key, until, now)))
        made = keep(hub.settings.home, new, vouches)
        note_act(
            connection,
            Act.KEY_MADE,
            subject=made.key_id,
            by=by,
            at=hub.now(),
            algorithm=made.algorithm,
            before=old.key_id,
            reason=reason,
        )
    return made


def word(key: PublicKey, until: int | None, seq: int) -> dict[str, Any]:
    """What one key says of another: trust it, up to an event or (None) from now on."""
    return {
        "kind": "key",
        "algorithm": key.algorithm,
        "key_id": key.key_id,
        "public_key": key.pem.decode("ascii"),
        "until": until,
        "seq": seq,
    }


def ends_of(hub: Hub) -> dict[str, int]:
    """The last event that each key out of use may stand for."""
    words = [vouch["document"] for vouch in signing.vouches_of(hub.settings.home)]
    return {told["key_id"]: told["until"] for told in words if told["until"] is not None}
