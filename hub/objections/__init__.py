"""Objections (校核): a subscriber doubts one field of one record; whoever supplied it answers."""

from hub.objections.closing import close_mended, lapse
from hub.objections.desk import dispute, file, objection_of, reject, settle, uphold, withdraw

__all__ = [
    "close_mended",
    "dispute",
    "file",
    "lapse",
    "objection_of",
    "reject",
    "settle",
    "uphold",
    "withdraw",
]
