"""Who is let in by pull: a credential with its grant, read anew on every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from hub.ledger.grants import as_credential, as_grant
from hub.ledger.opening import Ledger
from hub.ledger.sharing_tables import credential, share_grant
from hub.records import Credential, Grant


@dataclass(frozen=True)
class Pass:
    """A credential that is good at this moment, and the one grant that it opens."""

    credential: Credential
    grant: Grant


def pass_of_digest(ledger: Ledger, digest: str, now: datetime) -> Pass | None:
    """What a token of this digest opens at a moment; None: nothing."""
    return _pass(ledger, credential.c.digest == digest, now)


def pass_of_credential(ledger: Ledger, credential_id: str, now: datetime) -> Pass | None:
    """What a credential, known by its id, opens at a moment; None: nothing."""
    return _pass(ledger, credential.c.id == credential_id, now)


def _pass(ledger: Ledger, which: ColumnElement[bool], now: datetime) -> Pass | None:
    # Two short reads in one transaction: both tables have columns of the same names.
    with ledger.reading() as connection:
        row = connection.execute(select(credential).where(which)).one_or_none()
        if row is None:
            return None
        query = select(share_grant).where(share_grant.c.id == row.grant_id)
        grant = as_grant(connection.execute(query).one())
    held = as_credential(row)
    return Pass(held, grant) if held.active(now) and grant.active(now) else None
