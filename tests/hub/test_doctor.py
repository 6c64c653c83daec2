"""The doctor looks at what is in use, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.doctor import examine
from schemas.sharing import Way
from tests.levels import realm
from tests.servers.process import free_port

THINGS = {"number": "string", "label": "string"}


def test_inboxes_that_are_pushed_to_are_looked_at_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_PORTAL_URL", raising=False)
    at = realm.level(tmp_path, "city")
    folder = tmp_path / "inbox"
    realm.department(at, "office", realm.database(at, "office"))
    for name in ("taker", "idle"):
        inbox = {"file": {"url": f"file://{folder}/{name}"}}
        realm.department(at, name, inbox=inbox)
    realm.supply(at, "office/things", THINGS, "number", "things")
    realm.dataset(at, "things", THINGS, "number", {"office/things": {n: n for n in THINGS}})
    realm.fill(at, "office", "things", THINGS, [("1", "钥匙")])
    realm.granted(at, "taker", "things", "number", ways=(Way.FILE, Way.PULL))

    found = {entry["what"]: entry for entry in examine(at.home, at.catalog)}
    [inbox] = [what for what in found if "inbox" in what]
    assert "taker" in inbox and found[inbox]["state"] == "bad"
    assert "departments/taker.yaml" in found[inbox]["remedy"]
    assert not any("portal" in what for what in found)

    (folder / "taker").mkdir(parents=True)
    assert {e["state"] for e in examine(at.home, at.catalog)} == {"good"}


def test_a_portal_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = realm.level(tmp_path, "city")
    monkeypatch.setenv("HUB_PORTAL_URL", f"http://127.0.0.1:{free_port()}")
    [portal] = [e for e in examine(at.home, at.catalog) if "portal" in e["what"]]
    assert portal["state"] == "bad" and "hub serve" in portal["remedy"]
