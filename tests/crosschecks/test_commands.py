"""The commands on the village: lists, words, decisions, files and the report."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import HubError
from hub.findings.deciding import fen_of
from tests.crosschecks.village import DEAD_BUT_PAID, PAYMENTS, Village, write


class Desk:
    """The command line on one village's home."""

    def __init__(self, place: Village) -> None:
        self.place = place
        chosen = place.hub.settings
        self.options = ["--json", "--home", str(chosen.home), "--catalog", str(chosen.catalog)]

    def __call__(self, *words: str) -> Any:
        done = CliRunner().invoke(app, [*self.options, *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refused(self, *words: str) -> int:
        done = CliRunner().invoke(app, [*self.options, *words])
        if isinstance(done.exception, HubError):
            return done.exception.exit_code
        return done.exit_code


@pytest.fixture
def desk(place: Village) -> Desk:
    return Desk(place)


def finding(desk: Desk) -> str:
    return str(desk("crosscheck", "findings")[0]["id"])


def test_a_finding_is_confirmed_recovered_in_parts_and_never_beyond_without_a_reason(
    desk: Desk,
) -> None:
    name = finding(desk)
    [row] = desk("crosscheck", "confirm", name[:8], "--by", "财政所")
    assert row["state"] == "confirmed"
    [row] = desk("crosscheck", "recover", name, "--amount", "100")
    assert (row["state"], row["recovered_fen"]) == ("recovering", 10_000)
    assert desk.refused("crosscheck", "recover", name, "--amount", "21") == 7
    assert desk.refused("crosscheck", "recover", name, "--amount", "-1") == 7, "no reason"
    assert desk.refused("crosscheck", "recover", name, "--amount", "1.005") == 2
    [row] = desk("crosscheck", "recover", name, "--amount", "-50", "--reason", "误记")
    assert row["recovered_fen"] == 5_000
    [row] = desk("crosscheck", "recover", name, "--amount", "80", "--beyond", "含利息")
    assert (row["state"], row["recovered_fen"]) == ("recovered", 13_000)
    history = desk("crosscheck", "finding", name)["history"]
    assert [event["recovered_fen"] for event in history] == [None, None, 10_000, -5_000, 8_000]
    assert history[-1]["reason"] == "含利息"


def test_a_dismissed_finding_needs_a_reason_and_stays_dismissed(desk: Desk) -> None:
    name = finding(desk)
    assert desk.refused("crosscheck", "dismiss", name, "--reason", " ") == 7
    desk("crosscheck", "dismiss", name, "--reason", "当月应发")
    assert desk.refused("crosscheck", "recover", name, "--amount", "1") == 7
    desk.place.fill("treasury/payments", *PAYMENTS, ("p4", "n2", "1.00", "2026-02-06", None))
    desk.place.publish()
    assert [row["state"] for row in desk("crosscheck", "findings")] == ["dismissed"]


def test_several_findings_are_decided_on_together_or_not_at_all(desk: Desk) -> None:
    one = finding(desk)
    desk.place.fill("treasury/payments", *PAYMENTS, ("p4", "n1", "1.00", "2026-02-06", None))
    desk.place.publish()
    [other] = [row["id"] for row in desk("crosscheck", "findings") if row["id"] != one]
    desk("crosscheck", "dismiss", other, "--reason", "当月应发")
    assert desk.refused("crosscheck", "dismiss", one, other, "--reason", "x") == 7
    states = {row["id"]: row["state"] for row in desk("crosscheck", "findings")}
    assert states == {one: "open", other: "dismissed"}


def test_findings_are_handed_out_although_their_question_has_changed_since(
    desk: Desk, tmp_path: Path
) -> None:
    root, out = desk.place.hub.settings.catalog, tmp_path / "x.xlsx"
    evidence = DEAD_BUT_PAID["evidence"] | {"since": {"zh": "起", "en": "Since"}}
    title = {"zh": "死亡/领取：" + "待遇" * 20, "en": "Paid after death"}
    write(root / "crosschecks/dead_but_paid.yaml", DEAD_BUT_PAID | {"evidence": evidence,
                                                                    "title": title})  # fmt: skip
    assert desk("crosscheck", "export", "--out", str(out)) == [{"file": str(out), "rows": 1}]


def test_sensitive_values_are_shown_to_whom_asks_for_them_alone(desk: Desk) -> None:
    name = finding(desk)
    hidden, shown = (
        desk("crosscheck", "explain", name),
        desk("crosscheck", "explain", name, "--reveal"),
    )
    assert "甲" not in hidden["zh"] and "甲" in shown["zh"]
    assert "2026-01-10" in hidden["zh"], "a date of a funeral's contract is not sensitive"
    assert "《某条例》第三条" in hidden["zh"] and "Some Regulation" in hidden["en"]
    assert "殡葬所" in hidden["zh"] and "120.50" in hidden["en"]
    assert "甲" not in json.dumps(desk("crosscheck", "findings"), ensure_ascii=False)


def test_the_department_gets_its_evidence_its_deadline_and_how_to_answer(
    desk: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "treasury.xlsx"
    assert desk("crosscheck", "export", "--department", "treasury", "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    book = load_workbook(out)
    about = "\n".join(str(c.value) for row in book.worksheets[0] for c in row if c.value)
    assert "如何答复" in about and "Some Regulation" in about
    head, line = ([cell.value for cell in row] for row in book.worksheets[1].iter_rows())
    told = dict(zip(head, line, strict=True))
    assert told["姓名 Name"] == "甲" and told["办理期限 Due on"] == "2026-03-10"
    assert told["涉及金额（元） Amount at stake (yuan)"] == "120.50"
    assert desk.refused("crosscheck", "export", "--department", "funeral", "--out", str(out)) == 6
    assert desk.refused("crosscheck", "export", "--out", str(tmp_path / "x.doc")) == 2


def test_findings_of_what_nobody_knows_are_not_an_empty_list(desk: Desk) -> None:
    assert desk.refused("crosscheck", "findings", "--check", "nope") == 6
    assert desk.refused("crosscheck", "findings", "--department", "nope") == 6
    assert desk("crosscheck", "findings", "--state", "dismissed") == []


def test_a_question_that_cannot_be_asked_is_exit_code_three(desk: Desk) -> None:
    root = desk.place.hub.settings.catalog
    write(root / "crosschecks/dead_but_paid.yaml", DEAD_BUT_PAID | {"key": ["nothing"]})
    assert desk.refused("crosscheck", "run") == 3
    [row] = desk("crosscheck", "list")
    assert "nothing" in row["fault"] and row["findings"] == 1
    assert desk.refused("crosscheck", "run", "nobody") == 6


@pytest.mark.parametrize("text", ["", "1.234", "nan", "1e40", "1e999999", "ten"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(HubError):
        fen_of(text)


def test_amounts_are_read_to_the_fen() -> None:
    assert [fen_of(t) for t in ("1,234.56", "-0.10", "7")] == [123_456, -10, 700]


def test_the_report_adds_up_is_proved_from_the_ledger_and_holds_nothing_personal(
    desk: Desk, tmp_path: Path
) -> None:
    name = finding(desk)
    desk("crosscheck", "recover", name, "--amount", "20.50")
    made = desk("report", "crosschecks", "--out", str(tmp_path))
    pages = {Path(file).suffix: Path(file) for file in made["files"]}
    document = json.loads(pages[".json"].read_text("utf-8"))
    stands = document["stands"]
    assert (stands["findings"], stands["amount_fen"], stands["recovered_fen"]) == (1, 12_050, 2_050)
    assert sum(state["findings"] for state in stands["states"]) == 1
    assert document["policies"][0]["eligible"] == 1
    assert document["checks"][0]["legal_basis"]
    for file in map(Path, made["files"]):
        if file.suffix in (".html", ".json"):
            content = file.read_text("utf-8")
            assert "甲" not in content and "http" not in content.replace("http://www.w3.org", "")
    assert desk("report", "recompute", str(pages[".json"]))["proven"]
    desk("crosscheck", "recover", name, "--amount", "100")  # what comes later changes nothing
    assert desk("report", "recompute", str(pages[".json"]))["proven"]
    document["stands"]["recovered_fen"] += 1
    pages[".json"].write_text(json.dumps(document), "utf-8")
    assert desk.refused("report", "recompute", str(pages[".json"])) == 13
    sheet = load_workbook(pages[".xlsx"]).worksheets[1]
    head, line, *_ = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert Decimal(str(dict(zip(head, line, strict=True))["Recovered (yuan)"])) == Decimal("20.5")


def test_the_report_of_one_department_holds_its_findings_alone(desk: Desk, tmp_path: Path) -> None:
    made = desk("report", "crosschecks", "--department", "funeral", "--out", str(tmp_path))
    assert made["stands"]["findings"] == 0
    assert desk.refused("report", "crosschecks", "--department", "nobody") == 6
