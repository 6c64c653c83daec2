"""`hub order` from the outside: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from tests.orders.office import REGISTER, Office, read_csv, write_csv

pytestmark = pytest.mark.slow


class Terminal:
    def __init__(self, office: Office) -> None:
        self._given = ["--home", str(office.home), "--catalog", str(office.hub.settings.catalog)]

    def says(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, [*self._given, "order", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    def json(self, *words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(app, [*self._given, "--json", "order", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return json.loads(done.stdout)


def test_a_clerk_s_way_through_the_commands(office: Office, tmp_path: Path) -> None:
    office.register(n1=None, n2=None, n3="three")
    office.run()
    terminal = Terminal(office)
    [row] = terminal.json("list", "--supply", REGISTER)
    name = row["id"]
    assert terminal.json("list", "--overdue") == []
    assert terminal.json("list", "--state", "closed") == []
    shown = terminal.says("show", name, "--lang", "zh")
    assert "必填项为空" in shown and "label: a required" not in shown and "工作日" in shown
    assert "a required value is missing" in terminal.says("show", name)
    out = tmp_path / "order.csv"
    terminal.says("export", name, "--out", str(out), "--draft")
    assert terminal.json("list")[0]["state"] == "open"
    assert terminal.json("export", name, "--out", str(out), "--by", "desk")[0]["rows"] == 2
    assert terminal.json("list")[0]["state"] == "returned"
    rows = read_csv(out)
    mended = write_csv(tmp_path / "mended.csv", [{**rows[0], "label": "one"}, rows[1]])
    [told] = terminal.json("answer", name, "--file", str(mended), "--by", "clerk", code=10)
    assert (told["accepted"], told["wrong"], told["refused"], told["left"]) == (1, 1, 0, 1)
    [done] = terminal.json("waive", name, "--rule", "label.required", "--reason", "old files")
    assert done["items"] == 1
    order = terminal.json("show", name)
    assert (order["state"], order["states"]) == ("closed", {"corrected": 1, "waived": 1})
    actions = [(event["action"], event["items"]) for event in order["history"]]
    assert actions == [
        ("opened", 2), ("returned", 2), ("answered", 2), ("corrected", 1), ("waived", 1)
    ]  # fmt: skip


def test_a_year_without_a_calendar_is_named(office: Office) -> None:
    calendars = office.hub.settings.catalog / "calendars"
    calendars.mkdir()
    (calendars / "workdays.csv").write_text("date,kind,name,source\n1999-01-01,holiday,x,y\n")
    office.register(n1=None)
    office.run()
    [order] = office.orders(REGISTER)
    assert order["weekends_only"]
    assert "weekends alone" in Terminal(office).says("show", order["id"])
