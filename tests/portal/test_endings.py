"""A signed address opens one file for a while; what ended ends it on the next request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.grants import change_credential, end_grant
from portal.answers import BadLink
from portal.links import Signer
from schemas.sharing import Way
from tests.portal.door import TABLE, Door, refused
from tests.portal.open_portal import (
    NOW,
    TERMS,
    add_token,
    open_grant,
)


def test_a_signed_address_opens_one_file_without_a_token(door: Door) -> None:
    answer = door.client.get(door.link())
    assert answer.status_code == 200
    assert answer.content[:4] == answer.content[-4:] == b"PAR1"
    assert "authorization" not in answer.request.headers


def test_every_altered_address_is_refused_alike(door: Door) -> None:
    link = door.link()
    path, _, query = link.partition("?")
    expires, signature = (part.split("=")[1] for part in query.split("&"))
    forged = [
        path,
        f"{path}?{query[:-1]}",
        f"{path}?{query}0",
        f"{path}?Expires={int(expires) + 1}&X-Amz-Signature={signature}",
        f"{path}?Expires=-1&X-Amz-Signature={signature}",
        f"{path}?Expires=99999999999999999999&X-Amz-Signature={signature}",
        f"{path}?Expires={expires}&X-Amz-Signature={'0' * 64}",
        f"{path}?Expires={expires}&X-Amz-Signature=%E4%BB%A4",
        f"{path}?Expires={expires}&X-Amz-Signature={signature.upper()}",
        link.replace("/2/", "/1/"),
        link.replace("rows-0", "changes-0"),
        link.replace("rows-0", "rows-1"),
        link.replace("/files/", "/files/x"),
    ]
    other = Signer(b"another key of 32 bytes, perhaps").sign(path, door.desk.now_s())[0]
    told = {refused(door.client.get(one), 403, "PERMISSION_DENIED") for one in [*forged, other]}
    assert len(told) == 1


def test_an_address_ends_with_its_time(own_door: Door) -> None:
    link = own_door.link()
    own_door.clock.now = NOW + timedelta(seconds=899)
    assert own_door.client.get(link).status_code == 200
    own_door.clock.now = NOW + timedelta(seconds=901)
    refused(own_door.client.get(link), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("what", ["grant ended", "grant expired", "credential revoked", "expired"])
def test_an_end_acts_on_the_next_request(own_door: Door, what: str) -> None:
    """The bearer token and the addresses that were signed before are refused at once."""
    link = own_door.link()
    assert own_door.client.get(link).status_code == 200
    with own_door.hub.ledger.writing() as connection:
        match what:
            case "grant ended":
                end_grant(connection, own_door.grant.id, NOW, "li", "purpose met")
            case "credential revoked":
                change_credential(connection, own_door.credential, revoked_at=NOW)
            case "expired":
                change_credential(connection, own_door.credential, expires_at=NOW)
    if what == "grant expired":
        at = replace(own_door.desk, signer=replace(own_door.desk.signer, lifetime_s=60 * 86400))
        link = at.signer.sign(link.partition("?")[0], at.now_s())[0]
        own_door.clock.now = own_door.grant.expires_at
    refused(own_door.client.get(link), 403, "PERMISSION_DENIED")
    refused(own_door.client.get(link, headers={"Range": "bytes=0-3"}), 403, "PERMISSION_DENIED")
    assert own_door.client.head(link).status_code == 403
    for path in ("/delta-sharing/shares", "/downloads", "/receipts"):
        refused(own_door.get(path), 401, "UNAUTHENTICATED")
    refused(own_door.query(), 401, "UNAUTHENTICATED")


def test_rotation_overlaps_and_revokes_one_token_alone(own_door: Door) -> None:
    newer = add_token(own_door.hub, own_door.grant)
    assert own_door.get("/delta-sharing/shares", newer).status_code == 200
    with own_door.hub.ledger.writing() as connection:
        change_credential(connection, own_door.credential, revoked_at=NOW)
    assert own_door.get("/delta-sharing/shares", newer).status_code == 200
    assert own_door.get("/delta-sharing/shares").status_code == 401


@pytest.mark.parametrize("way", [Way.PULL, Way.DOWNLOAD])
def test_a_way_that_was_not_granted_is_refused(door: Door, way: Way) -> None:
    grant, token = open_grant(door.hub, TERMS.model_copy(update={"ways": (way,)}))
    pulls = ("/delta-sharing/shares", TABLE.format(grant.id) + "/version")
    downloads = ("/downloads", "/downloads/latest/rows.csv")
    for path in pulls if way is Way.DOWNLOAD else downloads:
        refused(door.get(path, token), 403, "PERMISSION_DENIED")
    for path in downloads if way is Way.DOWNLOAD else pulls:
        assert door.get(path, token).status_code == 200


@given(st.text(max_size=20), st.text(max_size=80))
def test_a_signer_takes_its_own_signatures_alone(expires: str, signature: str) -> None:
    with pytest.raises(BadLink):
        Signer(b"k" * 32).check("/files/C1/1/rows-0.parquet", expires, signature, 0)
