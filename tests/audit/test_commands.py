"""The commands of the log: lists, heads, checks, keys, and the file for auditors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from hub.doctor import examine
from hub.errors import HubError
from hub.opened import Hub
from tests.audit.conftest import CATALOG
from tests.audit.test_verifying import lay_down


class Desk:
    """The command line on one office."""

    def __init__(self, hub: Hub) -> None:
        self.home = hub.settings.home

    def run(self, *words: str) -> Any:
        options = ["--home", str(self.home), "--catalog", str(CATALOG)]
        return CliRunner().invoke(app, [*options, *words])

    def __call__(self, *words: str) -> Any:
        done = self.run("--json", *words)
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def refused(self, *words: str) -> int:
        done = self.run(*words)
        if isinstance(done.exception, HubError):
            return done.exception.exit_code
        return int(done.exit_code)


@pytest.fixture
def desk(office: Hub) -> Desk:
    return Desk(office)


def test_events_are_found_by_subject_kind_person_department_and_time(desk: Desk) -> None:
    assert [row["seq"] for row in desk("audit", "list", "--limit", "2")] == [24, 23]
    assert [row["seq"] for row in desk("audit", "list", "--subject", "thing-9")] == [9]
    delivered = desk("audit", "list", "--event", "data_delivered", "--department", "tax")
    assert [row["detail"]["receipt"] for row in delivered] == ["D18", "D6"]
    assert {row["by"] for row in desk("audit", "list", "--by", "王芳")} == {"王芳"}
    newest = desk("audit", "list", "--limit", "1")[0]
    late = desk("audit", "list", "--since", newest["at"][:19])
    assert newest["seq"] in {row["seq"] for row in late} and len(late) < 24
    assert desk.refused("audit", "list", "--event", "coffee") == 2
    table = desk.run("audit", "list", "--subject", "catalog").output
    assert "files=[" in table and "sha" not in table, "long lists are counted"


def test_the_head_is_one_line_to_write_down_and_is_held_against_the_log(desk: Desk) -> None:
    head = desk.run("audit", "head").output.strip()
    assert head == f"24:{desk('audit', 'head')['hash']}"
    assert desk("audit", "verify", "--head", head)[0]["sound"]
    done = desk.run("audit", "verify", "--head", f"24:{'0' * 64}")
    assert done.exit_code == 15 and "NOT SOUND" in done.output
    assert desk.refused("audit", "verify", "--head", "yesterday") == 2
    assert desk.refused("audit", "verify", "nothing.jsonl") == 2


def test_a_log_that_is_not_as_it_was_ends_with_exit_code_15(office: Hub, desk: Desk) -> None:
    lay_down(office)
    with office.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit_event WHERE seq = 7")
    done = desk.run("audit", "verify")
    assert done.exit_code == 15
    assert "event 7 is missing" in done.output and "第 7 号事件缺失" in done.output


@pytest.mark.parametrize("body", ["garbage", "{}", "[1]", "null"])
def test_a_log_with_unreadable_events_can_still_be_looked_at(
    office: Hub, desk: Desk, body: str
) -> None:
    lay_down(office)
    with office.ledger.engine.begin() as connection:
        query = "UPDATE audit_event SET body = ? WHERE seq IN (1, 2, 9)"
        connection.exec_driver_sql(query, (body,))
    rows = desk("audit", "list")
    assert len(rows) == 25, "the catalog is noted anew, as nobody can read what it was"
    assert rows[-1]["detail"] == {"unreadable": True}
    done = desk.run("audit", "verify")
    assert done.exit_code == 15 and "event 1 was changed" in done.output


def test_files_are_checked_by_the_command_as_by_the_verifier(desk: Desk, tmp_path: Path) -> None:
    log, key, history = (tmp_path / name for name in ("log.jsonl", "hub.pub", "keys.jsonl"))
    desk("audit", "export", "--out", str(log))
    desk.run("audit", "key", "--out", str(key), "--history", str(history))
    assert key.read_text().startswith("-----BEGIN PUBLIC KEY-----") and not history.read_text()
    assert desk("audit", "rotate", "--reason", "yearly")["algorithm"] == "ed25519"
    desk.run("audit", "key", "--history", str(history))
    [told] = desk("audit", "verify", str(log))
    assert told["sound"] and told["events"] == 25
    keys = desk("audit", "key")
    assert [key["signs"] for key in keys] == [False, True] and keys[0]["until"] == 25
    log.write_text(log.read_text("utf-8").replace("thing-9", "thing-8"), "utf-8")
    assert desk.run("audit", "verify", str(log)).exit_code == 15


def test_what_cannot_be_written_is_said(desk: Desk, tmp_path: Path) -> None:
    for command in ("export", "verifier", "key"):
        assert desk.refused("audit", command, "--out", str(tmp_path / "no" / "x")) == 2
    assert desk.refused("audit", "export", "--out", str(tmp_path / "x"), "--by", "nobody") == 7
    assert not (tmp_path / "x").exists()


def test_the_doctor_tries_the_signature_and_looks_at_the_keys(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, str]:
        found = [one for one in examine(desk.home, CATALOG) if "signing" in one["what"]]
        return found[0]

    assert told()["state"] == "good"
    monkeypatch.setenv("HUB_SIGNATURE", "rsa")
    assert told()["state"] == "bad" and "HUB_SIGNATURE" in told()["detail"]
    monkeypatch.setenv("HUB_SIGNATURE", "sm2")
    assert told() == {"state": "good", "what": "signing 签名", "detail": "sm2", "remedy": ""}
    for key in (desk.home / "keys").glob("*.pem"):
        key.chmod(0o644)
    assert told()["state"] == "bad" and "others may read" in told()["detail"]


def test_without_openssl_sm2_is_a_setting_to_mend(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SIGNATURE", "sm2")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert desk.refused("audit", "rotate", "--reason", "x") == 2
    assert [key["signs"] for key in desk("audit", "key")] == [True], "the old key still signs"
