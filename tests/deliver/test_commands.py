"""`hub deliver` and `hub receipt` on a real home folder."""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.channels.tables import table_of
from hub.cli import main
from hub.opened import Hub
from schemas.sharing import Inbox, Way
from tests.deliver.town import inboxes, people, publish, terms, town
from tests.shares.world import make_grant

pytestmark = pytest.mark.slow  # some two seconds each


@dataclass(frozen=True)
class Desk:
    """A home folder, and the hub on it."""

    hub: Hub
    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str, code: int = 0) -> Any:
        """The JSON answer of one command, which must end with this code."""
        home, catalog = self.hub.settings.home, self.hub.settings.catalog
        command = ["hub", "--home", home, "--catalog", catalog, "--json", *words]
        self.patch.setattr(sys, "argv", list(map(str, command)))
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capture.readouterr()
        assert (ended.value.code or 0) == code, said
        return json.loads(said.out or said.err)

    def granted(self, *ways: Way) -> str:
        now = datetime.now(UTC)
        times = {"granted_at": now - timedelta(days=1), "expires_at": now + timedelta(days=9)}
        return make_grant(self.hub, terms(*ways), **times).id


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A hub whose catalog folder itself names the inbox and an officer of the subscriber."""
    inbox: Inbox = inboxes(tmp_path)
    hub = town(tmp_path, inbox)
    told = inbox.model_dump(mode="json", by_alias=True, exclude_none=True)
    (hub.settings.catalog / "departments/tax.yaml").write_text(
        "name: tax\ntitle: {zh: 税务局, en: Tax}\nofficers: {lin: [applicant]}\n"
        f"inbox: {json.dumps(told)}\n",
        "utf-8",
    )
    publish(hub, people(50))
    return Desk(hub, tmp_path, monkeypatch, capsys)


def test_what_is_due_is_delivered_listed_and_acknowledged(desk: Desk) -> None:
    grant = desk.granted(Way.FILE, Way.DATABASE)
    due = desk.run("deliver", "due")
    assert {(row["grant"], row["way"]) for row in due} == {(grant, "file"), (grant, "database")}
    done = desk.run("deliver", "run")
    assert len(done["delivered"]) == 2 and done["faults"] == {}
    assert desk.run("deliver", "due") == []
    assert desk.run("deliver", "run", "people") == {"delivered": [], "faults": {}}
    assert {row["state"] for row in desk.run("deliver", "list")} == {"received"}

    receipts = desk.run("receipt", "list", "--open")
    assert {row["way"] for row in receipts} == {"file", "database"}
    first = receipts[0]["receipt"]
    assert desk.run("receipt", "show", first[:12])["verified"] is True
    out = desk.folder / "receipt.json"
    assert desk.run("receipt", "export", first, "--out", str(out)) == {"file": str(out)}
    assert json.loads(out.read_text())["document"]["id"] == first
    assert desk.run("receipt", "export", first, "--out", str(out), code=2)
    desk.run("receipt", "acknowledge", first, "--by", "lin")
    assert len(desk.run("receipt", "list", "--open")) == 1
    assert desk.run("receipt", "acknowledge", first, "--by", "wang", code=7)


def test_an_inbox_that_cannot_be_reached_is_told_and_stops_no_other(desk: Desk) -> None:
    grant = desk.granted(Way.FILE, Way.DATABASE)
    (desk.folder / "files").rmdir()
    done = desk.run("deliver", "run", code=14)
    assert [row["way"] for row in done["delivered"]] == ["database"]
    assert list(done["faults"]) == [f"{grant} file"]
    (failed,) = desk.run("deliver", "list", "--failed")
    assert (failed["way"], failed["error"]) == ("file", "DeliveryError")


def test_a_spoilt_table_is_made_anew_on_demand(desk: Desk) -> None:
    grant = desk.granted(Way.DATABASE)
    desk.run("deliver", "run")
    table = table_of("people", grant)
    with sqlite3.connect(desk.folder / "inbox.db") as connection:
        connection.execute(f"ALTER TABLE {table} DROP COLUMN visits")
    publish(desk.hub, people(60, 2))
    done = desk.run("deliver", "run", code=14)
    assert "column visits is not there" in done["faults"][f"{grant} database"]
    one = ("--grant", grant, "--way", "database")
    (made,) = desk.run("deliver", "run", *one, "--whole")["delivered"]
    assert (made["version"], made["base"]) == (2, None)
    with sqlite3.connect(desk.folder / "inbox.db") as connection:
        assert connection.execute(f"SELECT count(visits) FROM {table}").fetchone()[0]
    assert desk.run("deliver", "run", "--grant", grant, code=2)
    assert desk.run("deliver", "run", "--grant", grant, "--way", "fax", code=2)
    assert desk.run("receipt", "show", "00000000", code=6)
