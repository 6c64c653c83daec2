"""The signing key of an open hub, what is signed with it, and notes of who saw personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from hub import signing
from hub.ledger.audit import Act, Event, Shown, Value, head, note, note_act
from hub.opened import Hub
from hub.signing.keys import drawn, keep, newest

LOCK = "signing-key"


def signer_of(hub: Hub) -> signing.Signer:
    """The key that signs now, to be asked for BEFORE a transaction is opened.

    The first one of an installation is made here, and noted in the audit log.
    """
    if found := newest(hub.settings.home):
        return found
    with hub.ledger.alone(LOCK):
        if found := newest(hub.settings.home):
            return found
        with hub.ledger.writing() as connection:
            made = keep(hub.settings.home, drawn(hub.settings.signature))
            told = {"subject": made.key_id, "algorithm": made.algorithm}
            note_act(connection, Act.KEY_MADE, by="hub", at=hub.now(), **told)
        return made


def seal(
    connection: Connection, by: signing.Signer, document: Mapping[str, Any]
) -> signing.Envelope:
    """Sign a receipt in the transaction that has just noted its event.

    Adds `kind` receipt and `event`, the number and hash of the newest event of the log. Where the
    noted event's detail has `receipt=<the document's id>`, a receipt that is taken away is missed.
    """
    now = head(connection)
    told = {**document, "kind": "receipt", "event": {"seq": now.seq, "hash": now.hash}}
    return signing.sign(by.latest(), told)  # a rotation waits for the log, as we just did


def viewed(
    hub: Hub, what: Shown, subject: str, *, by: str, department: str | None = None, **detail: Value
) -> None:
    """Note that personal data is about to be shown; call it before anything is shown.

    `subject` is an id, never a value.
    """
    with hub.ledger.writing() as connection:
        note(
            connection,
            Event.PERSONAL_DATA_VIEWED,
            subject=subject,
            by=by,
            at=hub.now(),
            department=department,
            what=what.value,
            **detail,
        )
