"""What was granted, and the credentials that open it by pull."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from hub.opened import Hub
from hub.records import Credential, Grant


def grant_of(hub: Hub, grant_id: str) -> Grant:
    """One grant, ended or not; raises `NotFound`."""
    raise NotImplementedError


def active_grants(hub: Hub, dataset: str | None = None) -> list[Grant]:
    """The grants under which something may leave the hub now, oldest first."""
    raise NotImplementedError


def end(hub: Hub, grant_id: str, by: str, reason: str, consented_by: str | None = None) -> Grant:
    """Revoke a grant at once: nothing leaves the hub under it from now on.

    By an officer of the subscriber (gives it back), a supervisor, or an approver of the provider
    with the consent of a supervisor.
    """
    raise NotImplementedError


def end_expired(hub: Hub) -> list[Grant]:
    """End the grants whose last day is over (`watch` calls it); returns those ended now."""
    raise NotImplementedError


def make_credential(hub: Hub, grant: Grant, by: str, days: int) -> tuple[str, Credential]:
    """A token for one grant, shown this once; never longer than the grant lasts."""
    raise NotImplementedError


def grant_of_token(hub: Hub, token: str) -> Grant | None:
    """The grant that a token opens now; None for an unknown, expired or revoked one.

    Asked from the ledger each time: revocation and expiry act on the next request.
    """
    raise NotImplementedError


def rotate(
    hub: Hub, grant: Grant, by: str, days: int, overlap: timedelta = timedelta(days=1)
) -> tuple[str, Credential]:
    """A new token; the grant's older ones are let in for `overlap` more at most."""
    raise NotImplementedError


def revoke(hub: Hub, credential_id: str, by: str) -> Credential:
    """Take one credential back at once."""
    raise NotImplementedError


def profile(endpoint: str, token: str, credential: Credential) -> Mapping[str, object]:
    """A Delta Sharing profile (version 1): what a subscriber's client reads."""
    raise NotImplementedError


def write_profile(path: Path, endpoint: str, token: str, credential: Credential) -> None:
    """Write a profile that nobody else can read (0600); never over a file that is there."""
    raise NotImplementedError


__all__ = [
    "active_grants",
    "date",
    "datetime",
    "end",
    "end_expired",
    "grant_of",
    "grant_of_token",
    "make_credential",
    "profile",
    "revoke",
    "rotate",
    "write_profile",
]
