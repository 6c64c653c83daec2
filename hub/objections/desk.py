"""What persons do about an objection: file, uphold, reject, dispute, settle, withdraw."""

from __future__ import annotations

from hub.opened import Hub
from hub.records import Objection


def file(
    hub: Hub,
    grant_id: str,
    record_id: str,
    field: str,
    by: str,
    reason: str,
    version: int | None = None,
) -> Objection:
    """Object to one field of one record as the grant shows it in a release (None: the newest).

    By an applicant of the subscriber. It goes to the department whose value survived, found by
    lineage; the clock starts. `reason` may hold values: it lies in the store.
    """
    raise NotImplementedError


def uphold(hub: Hub, objection_id: str, by: str, reason: str = "") -> Objection:
    """The department agrees; the objection closes when a release has another value."""
    raise NotImplementedError


def reject(hub: Hub, objection_id: str, by: str, reason: str) -> Objection:
    """The department finds the value right, with its reason."""
    raise NotImplementedError


def dispute(hub: Hub, objection_id: str, by: str, reason: str) -> Objection:
    """The subscriber disagrees with a rejection: the supervisor settles it."""
    raise NotImplementedError


def settle(hub: Hub, objection_id: str, by: str, upheld: bool, reason: str) -> Objection:
    """The supervisor says who is right: upheld, or dismissed for good."""
    raise NotImplementedError


def withdraw(hub: Hub, objection_id: str, by: str, reason: str = "") -> Objection:
    """The subscriber takes it back."""
    raise NotImplementedError


def objection_of(hub: Hub, objection_id: str) -> Objection:
    """One objection; raises `NotFound`."""
    raise NotImplementedError
