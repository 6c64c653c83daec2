"""The ledger: the only writer of what happened."""

from __future__ import annotations

from hub.ledger.opening import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]
