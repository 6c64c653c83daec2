"""What was fetched whole is proved by one receipt, in however many pieces it left the hub."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import delta_sharing
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import shares
from hub.ledger.receipts import deliveries_of, receipts_of
from portal.progress import SLACK, Progress, joined, whole
from tests.portal.door import Door
from tests.portal.open_portal import desk, listening, profile


@pytest.mark.slow
@pytest.mark.parametrize("delta", [None, True])
def test_the_official_client_leaves_a_receipt(
    own_door: Door, tmp_path: Path, delta: bool | None
) -> None:
    hub, grant = own_door.hub, own_door.grant
    with listening(desk(hub)) as url:
        address = f"{profile(tmp_path, url, own_door.token)}#tax.people.{grant.id}"
        for _ in range(2):
            delta_sharing.load_as_pandas(address, version=1, use_delta_format=delta)
    [delivery] = deliveries_of(hub.ledger, grant.id)
    assert (delivery.version, delivery.way, delivery.state) == (1, "pull", "received")
    [receipt] = receipts_of(hub.ledger, grant.id)
    assert own_door.get("/receipts").json()["items"] == [
        {"id": receipt.id, "receipt": json.loads(json.dumps(receipt.document))}
    ]


def test_a_download_leaves_a_receipt_of_its_own(own_door: Door) -> None:
    hub, grant = own_door.hub, own_door.grant
    assert own_door.client.head("/downloads/1/rows.csv").status_code == 401
    assert own_door.get("/receipts").json() == {"items": []}
    sent = [own_door.get(f"/downloads/1/rows.{form}") for form in ("csv", "xlsx", "parquet")]
    assert [answer.status_code for answer in sent] == [200, 200, 200]
    [delivery] = deliveries_of(hub.ledger, grant.id)
    assert (delivery.version, delivery.way, delivery.state) == (1, "download", "received")
    digests = [hashlib.sha256(answer.content).hexdigest() for answer in sent]
    assert delivery.fetched == tuple(sorted(digests))
    [receipt] = receipts_of(hub.ledger, grant.id)
    [file] = receipt.document["document"]["files"]
    assert file["name"] == f"{grant.id}-1-rows.csv"
    assert (file["sha256"], file["bytes"]) == (digests[0], len(sent[0].content))
    assert file["rows"] == shares.rows(hub, grant, 1).rows


def test_receipts_come_in_pages(own_door: Door) -> None:
    for path in ("/downloads/1/rows.csv", "/downloads/2/rows.csv", "/downloads/2/changes.csv"):
        own_door.get(path)
    whole = own_door.get("/receipts").json()["items"]
    assert len(whole) == 3
    first = own_door.get("/receipts", params={"maxResults": 2}).json()
    rest = own_door.get("/receipts", params={"pageToken": first["nextPageToken"]}).json()
    assert first["items"] + rest["items"] == whole
    assert own_door.get("/recalls", params={"pageToken": "x"}).status_code == 400


def test_a_part_is_no_whole(own_door: Door) -> None:
    hub, grant = own_door.hub, own_door.grant
    link = own_door.link()
    size = shares.rows(hub, grant, 2).files[0].bytes
    for header in (f"bytes={size // 2}-", f"bytes={size // 2}-", f"bytes=0-{size // 3}"):
        own_door.client.get(link, headers={"Range": header})
        own_door.client.head(link)
    assert receipts_of(hub.ledger, grant.id) == []
    own_door.client.get(link, headers={"Range": f"bytes={size // 3}-{size // 2}"})
    assert len(receipts_of(hub.ledger, grant.id)) == 1


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


@given(SPANS, st.integers(1, 60))
def test_a_file_is_whole_when_its_bytes_left(spans: list[tuple[int, int]], size: int) -> None:
    spans = [(start, min(end, size)) for start, end in spans if start < end]
    left = {byte for start, end in spans for byte in range(start, end)}
    assert {b for start, end in joined(spans) for b in range(start, end)} == left
    missing = size - len(left)
    assert whole(joined(spans), size) == (missing <= min(SLACK, size // 2))


@given(SPANS)
def test_progress_tells_whole_once(spans: list[tuple[int, int]]) -> None:
    progress = Progress()
    told = [progress.add("C1", "file", s, e, 60) for s, e in spans if s < e]
    again = [progress.add("C2", "file", 0, 60, 60), progress.add("C2", "file", 0, 60, 60)]
    assert again == [True, True]
    assert sum(told) <= len(spans)
