"""Proof of what happened: checkpoints of the audit log, exports, and their verification."""

from hub.proof.signing import signer_of, viewed

__all__ = ["signer_of", "viewed"]
