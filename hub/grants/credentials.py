"""Credentials of one grant: a token that is shown once, and whose digest alone is kept."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from hub.errors import DecisionError, NotAllowed, SettingsError
from hub.ledger import grants as ledger
from hub.ledger.audit import Event, note
from hub.ledger.passes import Pass, pass_of_digest
from hub.officers import department_of, sharing_of, stands_for
from hub.opened import Hub
from hub.records import Credential, Grant
from schemas.sharing import Role, Way

TOKEN_BYTES = 32  # 256 bits, so that the plain SHA-256 of a token needs no salt
LONGEST_DAYS = 366
LONGEST_OVERLAP = timedelta(days=7)
PROFILE_VERSION = 1  # shareCredentialsVersion of the Delta Sharing protocol


def make_credential(hub: Hub, grant: Grant, by: str, days: int) -> tuple[str, Credential]:
    """A token for one grant, shown this once; never longer than the grant lasts.

    By an applicant of the subscriber or a supervisor; raises `DecisionError`.
    """
    return _make(hub, grant.id, by, days, None)


def rotate(
    hub: Hub, grant: Grant, by: str, days: int, overlap: timedelta = timedelta(days=1)
) -> tuple[str, Credential]:
    """A new token; the grant's older ones are let in for `overlap` more at most."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise DecisionError(
            f"新旧凭证并用不得超过 {LONGEST_OVERLAP.days} 天 / tokens overlap for at most "
            f"{LONGEST_OVERLAP.days} days"
        )
    return _make(hub, grant.id, by, days, overlap)


def _make(
    hub: Hub, grant_id: str, by: str, days: int, overlap: timedelta | None
) -> tuple[str, Credential]:
    if not 1 <= days <= LONGEST_DAYS:
        raise DecisionError(
            f"凭证有效期须为 1 至 {LONGEST_DAYS} 天 / a credential lasts 1 to {LONGEST_DAYS} days"
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with hub.ledger.writing() as connection:
        now = hub.now()
        grant = ledger.grant_in(connection, grant_id)
        department = _may_open(hub, grant, by)
        if not grant.active(now):
            raise DecisionError(f"{grant_id}: 授权已失效 / the grant is not active")
        if not {Way.PULL, Way.DOWNLOAD} & set(grant.terms.ways):
            raise DecisionError(
                f"{grant_id}: 此授权不含拉取或下载方式 / the grant is neither for pull nor download"
            )
        ends = min(now + timedelta(days=days), grant.expires_at)
        made = Credential("C" + secrets.token_hex(8), grant_id, by, now, ends)
        if overlap is not None:
            _shorten(connection, grant_id, now + overlap)
        ledger.add_credential(connection, made, _digest(token))
        note(
            connection,
            Event.CREDENTIAL_MADE,
            subject=made.id,
            by=by,
            at=now,
            department=department,
            grant=grant_id,
            expires_at=ends.astimezone(UTC).isoformat(timespec="seconds"),
            rotated=overlap is not None,
        )
    return token, made


def _shorten(connection: Connection, grant_id: str, until: datetime) -> None:
    for one in ledger.credentials_in(connection, grant_id):
        if one.revoked_at is None and one.expires_at > until:
            ledger.change_credential(connection, one.id, expires_at=until)


def pass_of_token(hub: Hub, token: str) -> Pass | None:
    """What a token opens, or once opened; None: it was never given.

    Asked from the ledger each time: revocation and expiry act on the next request.
    """
    return pass_of_digest(hub.ledger, _digest(token))


def revoke(hub: Hub, credential_id: str, by: str) -> Credential:
    """Take one credential back at once; doing it twice changes nothing."""
    with hub.ledger.writing() as connection:
        known = ledger.credential_in(connection, credential_id)
        department = _may_open(hub, ledger.grant_in(connection, known.grant_id), by)
        if known.revoked_at is not None:
            return known
        at = hub.now()
        ledger.change_credential(connection, credential_id, revoked_at=at)
        note(
            connection,
            Event.CREDENTIAL_REVOKED,
            subject=credential_id,
            by=by,
            at=at,
            department=department,
            grant=known.grant_id,
        )
        return ledger.credential_in(connection, credential_id)


def credentials_of(hub: Hub, grant: Grant) -> list[Credential]:
    """The credentials ever made for one grant, oldest first."""
    return ledger.credentials_of(hub.ledger, grant.id)


def _may_open(hub: Hub, grant: Grant, by: str) -> str:
    supervisor = sharing_of(hub.catalog).supervisor
    if stands_for(hub.catalog, by, Role.APPLICANT, grant.subscriber):
        return grant.subscriber
    if stands_for(hub.catalog, by, Role.SUPERVISOR, supervisor):
        return supervisor
    department_of(hub.catalog, by)
    raise NotAllowed(
        f"{grant.id}: {by} 不是使用部门的申请人 / {by} is no applicant of the subscriber, nor a "
        "supervisor"
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def profile(endpoint: str, token: str, credential: Credential) -> dict[str, object]:
    """A Delta Sharing profile (version 1): what a subscriber's client reads."""
    expires = credential.expires_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "shareCredentialsVersion": PROFILE_VERSION,
        "endpoint": endpoint,
        "bearerToken": token,
        "expirationTime": expires.replace("+00:00", "Z"),
    }


def write_profile(path: Path, endpoint: str, token: str, credential: Credential) -> None:
    """Write a profile that nobody else can read (0600); never over a file that is there."""
    text = json.dumps(profile(endpoint, token, credential), indent=1) + "\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SettingsError(f"{path.name} 已存在 / is there already") from error
    except OSError as error:
        raise SettingsError(f"{path.name}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
