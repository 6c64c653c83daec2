"""The signing key of an open hub, and notes of who saw personal data."""

from __future__ import annotations

from hub import signing
from hub.ledger.audit import Event, Value, note
from hub.opened import Hub


def signer_of(hub: Hub) -> signing.Signer:
    """The key that signs now, to be asked for BEFORE a transaction is opened.

    The first one of an installation is made here, and noted in the audit log.
    """
    return signing.signer(hub.settings.home)


def viewed(
    hub: Hub, what: str, subject: str, *, by: str, department: str | None = None, **detail: Value
) -> None:
    """Note that personal data is about to be shown; call it before anything is shown.

    `what` is a word of the closed list in docs/audit.md, `subject` an id, never a value.
    """
    with hub.ledger.writing() as connection:
        note(
            connection,
            Event.PERSONAL_DATA_VIEWED,
            subject=subject,
            by=by,
            at=hub.now(),
            department=department,
            what=what,
            **detail,
        )
