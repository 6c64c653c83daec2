"""Recalls are told to the subscriber they concern, once, as lines without values."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from hub.ledger.audit import Event
from hub.ledger.audit_tables import audit_event
from hub.ledger.recalls import Correction, Look, add_correction, enter, recalls
from hub.opened import Hub
from hub.recalls import COLUMNS
from hub.records import Grant, Recall
from tests.portal.door import Door
from tests.portal.open_portal import NOW, open_grant

FORGED = "/files/C1/1/rows-0.parquet?Expires=1&X-Amz-Signature=00"
RECORDS = 12_345  # more than are read at a time


def recall(hub: Hub, grant: Grant, records: int = RECORDS) -> Recall:
    """A notice in store and ledger, as the room of recalls leaves it."""
    name = f"{grant.id}-recall"
    made = Recall(
        name, "people/2", grant.id, "people", 1, 2, "steward", None, {"born_on": records}, records,
        f"recalls/{name}.parquet", NOW,
    )  # fmt: skip
    rows = [
        {
            "recall_id": name, "grant_id": grant.id, "record_id": f"{n:032x}", "field": "born_on",
            "first_version": 1, "mended_in": 2, "change": "updated",
        }
        for n in range(records)
    ]  # fmt: skip
    with hub.store.writing(made.uri) as path:
        pq.write_table(pa.Table.from_pylist(rows, COLUMNS), path)
    with hub.ledger.writing() as connection:
        add_correction(connection, Correction("people/2", "people", 2, records, None), NOW)
        enter(connection, Look("people/2", grant.id, "x"), [made], NOW)
    return made


def test_a_notice_is_read_in_full_and_told_once(own_door: Door) -> None:
    made = recall(own_door.hub, own_door.grant)
    [item] = own_door.get("/recalls").json()["items"]
    assert (item["id"], item["firstVersion"], item["mendedIn"]) == (made.id, 1, 2)
    assert item["toldAt"] is None
    for _ in range(2):
        head, *lines = own_door.get(f"/recalls/{made.id}").text.splitlines()
        assert json.loads(head)["recall"]["fields"] == {"born_on": RECORDS}
        read = [json.loads(line)["record"] for line in lines]
        assert [row["record_id"] for row in read] == [f"{n:032x}" for n in range(RECORDS)]
        assert set(read[0]) == set(COLUMNS.names)
    [told] = recalls(own_door.hub.ledger, grant_id=own_door.grant.id)
    assert told.told_at == NOW
    assert len(events(own_door.hub, Event.RECALL_TOLD)) == 1
    assert own_door.get("/recalls").json()["items"][0]["toldAt"]


def test_another_ones_notice_looks_like_none(own_door: Door) -> None:
    theirs = recall(own_door.hub, own_door.other, 3)
    assert own_door.get("/recalls").json() == {"items": []}
    real, none = (own_door.get(f"/recalls/{name}") for name in (theirs.id, "nothing"))
    assert real.status_code == 404
    assert real.content == none.content
    assert recalls(own_door.hub.ledger, untold=True) == [theirs]


def test_a_notice_whose_file_is_gone_is_not_told(own_door: Door) -> None:
    made = recall(own_door.hub, own_door.grant, 3)
    own_door.hub.store.path(made.uri).unlink()
    assert own_door.get(f"/recalls/{made.id}").status_code == 404
    assert recalls(own_door.hub.ledger, untold=True) == [made]


def test_who_was_turned_away_is_logged_once_a_minute(own_door: Door) -> None:
    hub = own_door.hub
    _, token = open_grant(hub, expires_at=NOW)
    for _ in range(30):
        assert own_door.get("/delta-sharing/shares", "A" * 43).status_code == 401
        assert own_door.get("/delta-sharing/shares", token).status_code == 401
        assert own_door.get("/delta-sharing/shares/office").status_code == 404
        assert own_door.client.post("/downloads", data={"token": "B" * 43}).status_code == 401
        assert own_door.client.get(FORGED).status_code == 403
    found = events(hub, Event.ACCESS_REFUSED)
    assert sorted((e["detail"]["why"], e["subject"] == "portal") for e in found) == [
        ("ended", False), ("forged", True), ("not_granted", False), ("unknown", True),
    ]  # fmt: skip
    assert {e["detail"]["times"] for e in found} == {1}
    own_door.desk.turned_away.tell_all(hub)
    counted: dict[str, int] = {}
    for event in events(hub, Event.ACCESS_REFUSED):
        why = event["detail"]["why"]
        counted[why] = counted.get(why, 0) + event["detail"]["times"]
    assert counted == {"ended": 30, "forged": 30, "not_granted": 30, "unknown": 60}


def test_a_request_without_a_token_is_nobodys(own_door: Door) -> None:
    assert own_door.client.get("/delta-sharing/shares").status_code == 401
    assert events(own_door.hub, Event.ACCESS_REFUSED) == []


def events(hub: Hub, kind: Event) -> list[dict]:  # type: ignore[type-arg]
    """The bodies of the events of one kind."""
    with hub.ledger.reading() as connection:
        query = select(audit_event.c.body).where(audit_event.c.kind == kind.value)
        return [json.loads(body) for body in connection.execute(query).scalars()]
