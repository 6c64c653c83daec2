"""Deliveries and their signed receipts in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.ledger.opening import Ledger


@dataclass(frozen=True)
class Delivery:
    """One delivery; `state` is begun, received or failed."""

    id: str
    grant_id: str
    version: int
    way: str
    base_version: int | None
    state: str
    attempts: int
    error: str | None
    begun_at: datetime
    received_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """One receipt; `document` is the signed envelope."""

    id: str
    delivery_id: str
    grant_id: str
    document: dict[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


def deliveries_of(ledger: Ledger, grant_id: str | None = None) -> list[Delivery]:
    """Deliveries, oldest first."""
    raise NotImplementedError


def received_versions(ledger: Ledger, grant_id: str) -> list[int]:
    """The versions that the subscriber of a grant has received, any way, ascending."""
    raise NotImplementedError


def receipts_of(ledger: Ledger, grant_id: str | None = None) -> list[Receipt]:
    """Receipts, oldest first."""
    raise NotImplementedError


def receipt_of(ledger: Ledger, receipt_id: str) -> Receipt:
    """One receipt, by its id or the id of its delivery; raises `NotFound`."""
    raise NotImplementedError
