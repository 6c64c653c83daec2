"""`hub serve` says in one sentence what is wrong, and the portal works on a server's ledger."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.cli.context import Context
from hub.cli.serve import serve
from hub.errors import SettingsError
from hub.ledger import open_ledger
from hub.ledger.receipts import receipts_of
from portal.app import app_of, create_app
from portal.settings import portal_settings
from tests.portal.door import TABLE
from tests.portal.open_portal import add_token, desk, make_hub, open_grant, release_day, town


class Asked:
    """What Typer hands to a command."""

    def __init__(self, home: Path) -> None:
        self.obj = Context(home, home, False)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"certificate": Path("nowhere.pem"), "key": None}, "no file nowhere.pem"),
        ({"certificate": Path(__file__), "key": None}, "go together"),
        ({"host": "no.such.host.invalid"}, "cannot listen on no.such.host.invalid"),
        ({"host": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(
    tmp_path: Path, given: dict[str, Any], told: str
) -> None:
    options: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "certificate": None, "key": None}
    with pytest.raises(SettingsError, match=told):
        serve(Asked(tmp_path), **(options | given))  # type: ignore[arg-type]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port}"):
            serve(Asked(tmp_path), "127.0.0.1", port, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "environ",
    [
        {"HUB_PORTAL_URL": "ftp://x"},
        {"HUB_PORTAL_URL": "share.example"},
        {"HUB_PORTAL_URL": "https://x/?a=1"},
        {"HUB_PORTAL_LINK_S": "0"},
        {"HUB_PORTAL_LINK_S": "-1"},
        {"HUB_PORTAL_LINK_S": "86401"},
        {"HUB_PORTAL_LINK_S": "soon"},
    ],
)
def test_settings_that_mean_nothing_are_refused(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=next(iter(environ))):
        create_app()


def test_the_address_of_subscribers_is_a_setting(tmp_path: Path) -> None:
    chosen = portal_settings({"HUB_PORTAL_URL": "https://share.example/hub/"})
    hub = make_hub(tmp_path)
    release_day(hub, town(5), 1)
    grant, token = open_grant(hub)
    with TestClient(app_of(replace(desk(hub), url=chosen.url))) as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.post(TABLE.format(grant.id) + "/query", headers=headers, json={})
        assert '"url":"https://share.example/hub/files/' in answer.text
        assert "https://share.example/hub/downloads/latest/rows.csv" in client.get("/").text


def test_the_application_opens_the_home_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = make_hub(tmp_path)
    release_day(hub, town(5), 1)
    monkeypatch.setenv("HUB_HOME", str(hub.settings.home))
    monkeypatch.setenv("HUB_CATALOG", str(hub.settings.catalog))
    _, token = open_grant(hub)
    with TestClient(create_app()) as client:
        assert client.get("/health").json() == {"status": "ok"}
        # The real clock is long behind that grant's end, or before its beginning.
        answer = client.get("/delta-sharing/shares", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    assert os.environ["HUB_HOME"] == str(hub.settings.home)


@pytest.mark.server
@pytest.mark.slow
def test_the_portal_works_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    hub = make_hub(tmp_path)
    hub = replace(hub, ledger=open_ledger(postgres_database, hub.settings.home))
    release_day(hub, town(30, 1), 1)
    release_day(hub, town(30, 2), 2)
    grant, _ = open_grant(hub)
    token = add_token(hub, grant)
    with TestClient(app_of(desk(hub))) as client:
        headers = {"Authorization": f"Bearer {token}"}
        for form in ("parquet", "csv", "xlsx"):
            answer = client.get(f"/downloads/latest/rows.{form}", headers=headers)
            assert answer.status_code == 200
        feed = client.get(TABLE.format(grant.id) + "/changes?startingVersion=1", headers=headers)
        assert len(feed.text.splitlines()) == 4
        assert client.get("/delta-sharing/shares").status_code == 401
        assert client.get("/downloads", headers={"Authorization": "Bearer " + "A" * 43})
    assert len(receipts_of(hub.ledger, grant.id)) == 1
    hub.ledger.engine.dispose()
