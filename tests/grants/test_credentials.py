"""Credentials: shown once, kept as a digest, and asked from the ledger each time."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from hub import grants
from hub.errors import DecisionError, NotFound, SettingsError
from hub.ledger.audit_tables import audit_event
from tests.grants.conftest import Town
from tests.requests.city import LESS, opened_by


def logged(town: Town) -> list[str]:
    with town.hub.ledger.reading() as connection:
        return [row.kind for row in connection.execute(audit_event.select())]


def test_a_token_opens_its_grant_and_nothing_else_does(town: Town) -> None:
    token, made = grants.make_credential(town.hub, town.grant, "ann", 30)
    assert opened_by(town.hub, token) == town.grant
    for other in ("", token[:-1], token.lower(), made.id, token + "x", "\ud800", "é"):
        assert opened_by(town.hub, other) is None
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert opened_by(town.hub, digest) is None
    assert logged(town)[-1] == "credential_made"


def test_no_token_is_kept_anywhere(town: Town) -> None:
    token, _ = grants.make_credential(town.hub, town.grant, "ann", 30)
    home = town.hub.settings.home
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert any(hashlib.sha256(token.encode()).hexdigest().encode() in data for data in kept)
    assert not any(token.encode() in data for data in kept)


def test_two_tokens_are_different_and_256_bits_long(town: Town) -> None:
    first, second = (grants.make_credential(town.hub, town.grant, "ann", 1)[0] for _ in "ab")
    assert first != second
    assert len(first) >= 43  # of 32 bytes, base64


def test_it_expires_on_the_next_request(town: Town) -> None:
    token, made = grants.make_credential(town.hub, town.grant, "ann", 30)
    town.clock.at = made.expires_at - timedelta(microseconds=1)
    assert opened_by(town.hub, token) is not None
    town.clock.at = made.expires_at
    assert opened_by(town.hub, token) is None


def test_it_never_lasts_longer_than_the_grant(town: Town) -> None:
    _, made = grants.make_credential(town.hub, town.grant, "ann", 366)
    assert made.expires_at == town.grant.expires_at


def test_it_is_revoked_at_once_and_only_it(town: Town) -> None:
    first, made = grants.make_credential(town.hub, town.grant, "ann", 30)
    second, _ = grants.make_credential(town.hub, town.grant, "sue", 30)
    grants.revoke(town.hub, made.id, "amy")
    assert opened_by(town.hub, first) is None
    assert opened_by(town.hub, second) == town.grant
    assert grants.revoke(town.hub, made.id, "amy").revoked_at == town.clock.at
    assert logged(town).count("credential_revoked") == 1
    with pytest.raises(NotFound):
        grants.revoke(town.hub, "C00", "ann")


def test_rotation_lets_the_old_one_run_out(town: Town) -> None:
    old, _ = grants.make_credential(town.hub, town.grant, "ann", 30)
    new, _ = grants.rotate(town.hub, town.grant, "ann", 30, timedelta(hours=2))
    assert opened_by(town.hub, old) == opened_by(town.hub, new)
    town.clock.at += timedelta(hours=2)
    assert opened_by(town.hub, old) is None
    assert opened_by(town.hub, new) == town.grant
    with pytest.raises(DecisionError, match="overlap"):
        grants.rotate(town.hub, town.grant, "ann", 30, timedelta(days=8))


def test_rotation_lengthens_nothing(town: Town) -> None:
    old, made = grants.make_credential(town.hub, town.grant, "ann", 1)
    grants.rotate(town.hub, town.grant, "ann", 30, timedelta(days=7))
    town.clock.at = made.expires_at
    assert opened_by(town.hub, old) is None


def test_revoked_and_expired_grants_are_closed_to_their_tokens(town: Town) -> None:
    token, _ = grants.make_credential(town.hub, town.grant, "ann", 366)
    at = town.clock.at
    town.clock.at = town.grant.expires_at
    assert opened_by(town.hub, token) is None
    town.clock.at = at
    assert opened_by(town.hub, token) is not None
    grants.end(town.hub, town.grant.id, "sue", "用途已变")
    assert opened_by(town.hub, token) is None
    with pytest.raises(DecisionError, match="not active"):
        grants.make_credential(town.hub, town.grant, "ann", 1)


@pytest.mark.parametrize("by", ["bob", "paul", "tom", "nobody", ""])
def test_only_the_subscriber_and_supervisors_make_them(town: Town, by: str) -> None:
    with pytest.raises(DecisionError):
        grants.make_credential(town.hub, town.grant, by, 1)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_the_days_are_within_bounds(town: Town, days: int) -> None:
    with pytest.raises(DecisionError, match="1 to 366"):
        grants.make_credential(town.hub, town.grant, "ann", days)


def test_a_grant_that_is_only_pushed_has_no_token(town: Town) -> None:
    from dataclasses import replace

    from hub.ledger.grants import add_grant
    from schemas.sharing import Way

    pushed = LESS.model_copy(update={"ways": (Way.FILE,)})
    with town.hub.ledger.writing() as connection:
        only = add_grant(connection, replace(town.grant, terms=pushed))
    with pytest.raises(DecisionError, match="neither for pull nor download"):
        grants.make_credential(town.hub, only, "ann", 1)


def test_a_profile_is_for_its_owner_alone_and_never_written_over(
    town: Town, tmp_path: Path
) -> None:
    token, made = grants.make_credential(town.hub, town.grant, "ann", 30)
    path = tmp_path / "civil.share"
    grants.write_profile(path, "https://hub.example/delta-sharing", token, made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert told == {
        "shareCredentialsVersion": 1,
        "endpoint": "https://hub.example/delta-sharing",
        "bearerToken": token,
        "expirationTime": "2026-04-01T01:00:00.000Z",
    }
    with pytest.raises(SettingsError):
        grants.write_profile(path, "https://other.example", token, made)
    assert json.loads(path.read_text()) == told
