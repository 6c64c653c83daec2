"""Proof of what happened: signed receipts and checkpoints, exports of the log, verification.

A receipt, in one transaction of the room that makes it (signer asked for before it is opened):

    by = signer_of(hub)
    with hub.ledger.writing() as connection:
        …
        note(connection, Event.DATA_DELIVERED, subject=grant_id, …, receipt=receipt_id)
        envelope = seal(connection, by, {"id": receipt_id, …})

`checkpoint(hub)` signs the head of the log (the watch calls it); `standalone.py` is the verifier.
"""

from hub.proof.checkpoints import checkpoint
from hub.proof.signing import seal, signer_of, viewed

__all__ = ["checkpoint", "seal", "signer_of", "viewed"]
