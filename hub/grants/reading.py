"""Which grants there are, and which of them are active."""

from __future__ import annotations

from hub.ledger import grants as ledger
from hub.opened import Hub
from hub.records import Grant


def grant_of(hub: Hub, grant_id: str) -> Grant:
    """One grant, ended or not; raises `NotFound`."""
    return ledger.grant_of(hub.ledger, grant_id)


def active_grants(hub: Hub, dataset: str | None = None) -> list[Grant]:
    """The grants under which something may leave the hub now, oldest first."""
    return ledger.grants_open(hub.ledger, hub.now(), dataset)


def grants_of(hub: Hub, dataset: str | None = None, subscriber: str | None = None) -> list[Grant]:
    """All grants ever made, oldest first; ended and expired ones too."""
    return ledger.grants(hub.ledger, dataset, subscriber)
