"""Who asks: a bearer token or a signed address becomes a pass, asked from the ledger each time."""

from __future__ import annotations

import re

from hub.grants import pass_of_token
from hub.ledger.passes import Pass, pass_of_credential
from hub.opened import Hub
from portal.answers import BadLink, Forbidden, Missing, Unknown
from schemas.sharing import Way

UNKNOWN, ENDED, NOT_GRANTED = "unknown", "ended", "not_granted"
"""Why somebody was not let in, as the audit log says it."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}", re.ASCII)
_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


def bearer(header: str | None) -> str:
    """The token of an Authorization header; raises `Unknown`."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unknown
    return token.strip()


def by_token(hub: Hub, token: str) -> Pass:
    """What a token opens now; raises `Unknown`."""
    if not _TOKEN.fullmatch(token):
        raise Unknown(why=UNKNOWN)
    found = pass_of_token(hub, token)
    if found is None:
        raise Unknown(why=UNKNOWN)
    if not found.active(hub.now()):
        raise Unknown(why=ENDED, held=found)
    return found


def by_credential(hub: Hub, credential_id: str) -> Pass:
    """What the credential of a signed address opens now; raises `BadLink`."""
    if not _CREDENTIAL.fullmatch(credential_id):
        raise BadLink(why=UNKNOWN)
    found = pass_of_credential(hub.ledger, credential_id)
    if found is None:
        raise BadLink(why=UNKNOWN)
    if not found.active(hub.now()):
        raise BadLink(why=ENDED, held=found)
    return found


def demand(held: Pass, way: Way) -> None:
    """Raise `Forbidden` unless the grant includes a way."""
    if way not in held.grant.terms.ways:
        zh, en = f"{way.value} 未获授权", f"{way.value} was not granted"
        raise Forbidden(zh, en, why=NOT_GRANTED, held=held)


def demand_table(
    held: Pass, share: str, schema: str | None = None, table: str | None = None
) -> None:
    """Raise `Missing` unless the names are those of the pass's own table, in any case of letters.

    What others were granted is answered like what never was.
    """
    own = names_of(held)
    asked = (share, schema, table)
    if any(a is not None and a.casefold() != o.casefold() for a, o in zip(asked, own, strict=True)):
        raise Missing(why=NOT_GRANTED, held=held)


def names_of(held: Pass) -> tuple[str, str, str]:
    """Share, schema and table under which a grant is read: subscriber, dataset, grant."""
    return held.grant.subscriber, held.grant.dataset, held.grant.id
