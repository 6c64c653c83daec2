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
    """A credential and the one grant that it opens."""

    credential: Credential
    grant: Grant

    def active(self, now: datetime) -> bool:
        """Whether it lets anybody in at this moment."""
        return self.credential.active(now) and self.grant.active(now)


def pass_of_digest(ledger: Ledger, digest: str) -> Pass | None:
    """What a token of this digest opens, or once opened; None: it was never given."""
    return _pass(ledger, credential.c.digest == digest)


def pass_of_credential(ledger: Ledger, credential_id: str) -> Pass | None:
    """What a credential, known by its id, opens, or once opened; None: there is none."""
    return _pass(ledger, credential.c.id == credential_id)


def _pass(ledger: Ledger, which: ColumnElement[bool]) -> Pass | None:
    # Two short reads in one transaction: both tables have columns of the same names.
    with ledger.reading() as connection:
        row = connection.execute(select(credential).where(which)).one_or_none()
        if row is None:
            return None
        query = select(share_grant).where(share_grant.c.id == row.grant_id)
        grant = as_grant(connection.execute(query).one())
    return Pass(as_credential(row), grant)
