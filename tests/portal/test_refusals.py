"""What is asked badly or by strangers is refused: clearly, alike, and without leaks."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from portal import access
from portal.answers import ANSWERS, FAULT
from portal.app import app_of
from tests.portal.door import TABLE, Door, refused
from tests.portal.open_portal import (
    SECRETS,
    desk,
    make_hub,
    open_grant,
)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic dGF4OnRheA==",
        "Bearer " + "A" * 43,
        "Bearer " + "A" * 5000,
        "Bearer ' OR 1=1 --------------",
        "Bearer \x7f\t~~~~~~~~~~~~~~~~",
    ],
)
def test_strangers_are_answered_alike(door: Door, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    own = TABLE.format(door.grant.id)
    told = set()
    for path in ("/delta-sharing/shares", f"{own}/version", "/downloads", "/receipts", "/recalls"):
        answer = door.client.get(path, headers=headers)
        told.add(refused(answer, 401, "UNAUTHENTICATED"))
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len(told) == 1


def test_another_ones_grant_looks_like_none(door: Door) -> None:
    """Existing and invented names give the same bytes, on every route."""
    routes = [
        "/delta-sharing/shares/{share}",
        "/delta-sharing/shares/{share}/schemas",
        "/delta-sharing/shares/{share}/all-tables",
        "/delta-sharing/shares/{share}/schemas/{schema}/tables",
        "/delta-sharing/shares/{share}/schemas/{schema}/tables/{table}/version",
        "/delta-sharing/shares/{share}/schemas/{schema}/tables/{table}/metadata",
        "/delta-sharing/shares/{share}/schemas/{schema}/tables/{table}/changes?startingVersion=1",
    ]
    there = {"share": "office", "schema": "people", "table": door.other.id}
    invented = {"share": "nobody", "schema": "things", "table": "G2026-999999"}
    for route in routes:
        real, none = (door.get(route.format(**names)) for names in (there, invented))
        refused(real, 404, "RESOURCE_DOES_NOT_EXIST")
        assert (real.status_code, real.content) == (none.status_code, none.content)
    own = "/delta-sharing/shares/tax/schemas/people/tables/{}/version"
    real, none = (door.get(own.format(name)) for name in (door.other.id, "G2026-999999"))
    assert real.status_code == 404
    assert real.content == none.content


def test_names_are_known_in_any_case(door: Door) -> None:
    table = door.grant.id.lower()
    path = f"/delta-sharing/shares/TAX/schemas/People/tables/{table}/version"
    assert door.get(path).headers["delta-table-version"] == "2"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"limitHint": -1}',
        b'{"limitHint": "1"}',
        b'{"limitHint": true}',
        b'{"limitHint": 1.5}',
        b'{"limitHint": 99999999999999999999999}',
        b'{"version": -1}',
        b'{"version": 0}',
        b'{"version": 3}',
        b'{"version": "1; DROP TABLE release"}',
        b'{"timestamp": "0001-01-01T00:00:00+23:59"}',
        b'{"timestamp": "9999-12-31T23:59:59-23:59"}',
        b'{"timestamp": 5}',
        b'{"predicateHints": "division = 1"}',
        b'{"jsonPredicateHints": {}}',
        b'{"startingVersion": 1}',
    ],
)
def test_bodies_that_mean_nothing_are_refused(door: Door, body: bytes) -> None:
    message = refused(door.query(body), 400, "INVALID_PARAMETER_VALUE")
    assert "DROP" not in message
    assert len(message) < 300


def test_a_body_beyond_reason_is_not_read(door: Door) -> None:
    huge = json.dumps({"jsonPredicateHints": "x" * 70_000})
    refused(door.query(huge), 413, "INVALID_PARAMETER_VALUE")
    refused(door.client.post("/downloads", content=b"a" * 70_000), 413, "INVALID_PARAMETER_VALUE")


def test_a_form_of_many_fields_is_refused_on_the_page(door: Door) -> None:
    answer = door.client.post("/downloads", content="&".join(["token=x"] * 9))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_hints_change_nothing(door: Door) -> None:
    """A hint on a column that is not granted, or none at all, gives the same files."""

    def shown(**hints: Any) -> list[str]:
        lines = [json.loads(line) for line in door.query(json.dumps(hints)).text.splitlines()]
        return [line["file"]["id"] for line in lines if "file" in line]

    plain = shown()
    assert plain
    equal = {"op": "equal", "children": [
        {"op": "column", "name": "secret", "valueType": "string"},
        {"op": "literal", "value": SECRETS[0], "valueType": "string"}]}  # fmt: skip
    assert shown(jsonPredicateHints=json.dumps(equal)) == plain
    assert shown(predicateHints=["secret = '绝密'", "nonsense("]) == plain
    assert shown(jsonPredicateHints="{") == plain
    assert shown(later="a key of tomorrow") == plain


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/files/x/1/rows-0.parquet", 403),
        ("/files/..%2f..%2fledger.db/1/rows-0.parquet", 404),
        ("/files/../../etc/passwd", 404),
        ("/downloads/latest/..%2f..%2f..%2fledger.db", 404),
        ("/downloads/latest/rows.parquet%00.csv", 404),
        ("/downloads/latest/rows-99.parquet", 404),
        ("/downloads/latest/rows-00.parquet", 404),
        ("/downloads/0/rows.csv", 404),
        ("/downloads/3/rows.csv", 404),
        ("/downloads/-1/rows.csv", 404),
        ("/downloads/01/rows.csv", 404),
        ("/downloads/" + "9" * 4000 + "/rows.csv", 404),
        ("/downloads/１/rows.csv", 404),
        ("/downloads/latest/golden.csv", 404),
        ("/downloads/latest/rows.exe", 404),
        ("/recalls/" + "0" * 64, 404),
        ("/docs", 404),
        ("/openapi.json", 404),
        ("/delta-sharing", 404),
    ],
)
def test_tricks_with_paths_lead_nowhere(door: Door, path: str, status: int) -> None:
    answer = door.get(path)
    assert answer.status_code == status, answer.text
    assert answer.json()["errorCode"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_nothing_is_written_over_http(door: Door, method: str) -> None:
    for path in ("/delta-sharing/shares", "/receipts", "/files/x/1/rows-0.parquet", "/health"):
        refused(door.client.request(method, path), 405, "INVALID_PARAMETER_VALUE")


def test_before_the_first_release_there_is_no_version(tmp_path: Path) -> None:
    hub = make_hub(tmp_path)
    grant, token = open_grant(hub)
    with TestClient(app_of(desk(hub))) as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/delta-sharing/shares", headers=headers).status_code == 200
        for end in ("version", "metadata", "changes?startingVersion=1"):
            answer = client.get(f"{TABLE.format(grant.id)}/{end}", headers=headers)
            assert "no release yet" in refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
        answer = client.post("/downloads", data={"token": token})
        assert "尚无发布版本" in answer.text


def test_a_fault_of_the_hub_has_the_form_of_every_error(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(SECRETS[0])

    monkeypatch.setattr(access, "by_token", fails)
    with TestClient(app_of(door.desk), raise_server_exceptions=False) as client:
        answer = client.get("/receipts", headers={"Authorization": f"Bearer {door.token}"})
    refused(answer, 500, "INTERNAL_ERROR")
    assert "RuntimeError" in caplog.text
    assert SECRETS[0] not in answer.text
    assert SECRETS[0] not in "".join(record.getMessage() for record in caplog.records)


def test_errors_are_mapped_once_and_for_all() -> None:
    assert {a.status for a in ANSWERS.values()} <= {400, 401, 403, 404, 405, 409, 413, 416, 500}
    assert all(a.zh and a.en for a in (*ANSWERS.values(), FAULT))


def test_no_secret_is_in_a_log_or_an_answer(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = door.link()
    answers = [
        door.query(),
        door.get("/downloads/latest/rows.csv"),
        door.client.get(link),
        door.client.get(link + "0"),
        door.client.post("/downloads", data={"token": door.token}),
        door.client.post("/downloads", data={"token": "<script>alert(1)</script>" + "A" * 20}),
        door.get(f"/delta-sharing/shares/{door.token}"),
        door.get("/nowhere/" + door.token),
    ]
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    log = "\n".join(record.getMessage() for record in ours)
    signature = link.partition("X-Amz-Signature=")[2]
    assert "GET /downloads/{version}/{name} 200" in log
    for secret in (door.token, signature, *SECRETS):
        assert secret not in log
    for answer in answers:
        text = answer.text + str(answer.headers)
        assert door.token not in text
        assert "<script>" not in text
        for secret in (*SECRETS, "E0000", "9901011950", str(door.hub.settings.home)):
            assert secret not in text


def test_every_answer_has_its_headers(door: Door) -> None:
    for answer in (
        door.client.get("/"),
        door.client.get("/health"),
        door.get("/delta-sharing/shares"),
        door.get("/nowhere"),
        door.client.get(door.link()),
        door.client.post("/downloads", content=b"a" * 70_000),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
