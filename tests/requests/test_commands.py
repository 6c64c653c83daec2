"""`hub request` and `hub grant`: what people and machines are told, and what is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import HubError, in_words
from hub.requests.words import ACTS, DUTIES, STATES
from schemas.clocks import Duty
from schemas.sharing import Application
from tests.requests.city import sharing_documents
from tests.schemas.small_city import write

TEXTS = {
    "purpose": "高龄津贴资格核验",
    "legalBasis": "老年人权益保障法第三十三条",
    "scenario": "每月发放前比对",
    "contact": "民政局福利科",
    "until": "2099-12-31",
}


class Desk:
    """The command line on one home and catalog."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write(sharing_documents(), root / "catalog")
        self.options = ["--home", str(root / "home"), "--catalog", str(root / "catalog")]

    def text(self, *words: str) -> str:
        done = CliRunner().invoke(app, [*self.options, *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def __call__(self, *words: str) -> Any:
        return json.loads(self.text("--json", *words))

    def refused(self, code: int, *words: str) -> str:
        done = CliRunner().invoke(app, [*self.options, *words])
        if isinstance(done.exception, HubError):
            assert done.exception.exit_code == code
            return in_words(done.exception)
        assert done.exit_code == code, done.output
        return done.output

    def form(self, **changes: str) -> str:
        """The template filled in, as a file."""
        lines = self.text("request", "template", "population", "--subscriber", "civil").splitlines()
        for key, value in (TEXTS | changes).items():
            lines = [f'{key}: "{value}"' if x.startswith(f"{key}:") else x for x in lines]
        path = self.root / "application.yaml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_template_of_a_dataset_is_an_application(desk: Desk) -> None:
    text = desk.text("request", "template", "population", "--subscriber", "civil")
    given = yaml.safe_load(text)
    masks = {field["name"]: field.get("mask") for field in given["terms"]["fields"]}
    assert masks == {
        "resident_id": {"kind": "pseudonym"},
        "name": {"kind": "partial", "first": 1},
        "sex": None,
        "birth_date": None,
    }
    denied = desk.text("request", "template", "fund")
    assert "# payee_id" in denied
    assert "payee_id" not in [f["name"] for f in yaml.safe_load(denied)["terms"]["fields"]]


def test_a_form_left_empty_is_told_everything_at_once(desk: Desk) -> None:
    path = desk.form(**dict.fromkeys(TEXTS, ""))
    found = json.loads(desk.refused(10, "--json", "request", "check", path))
    assert not found["complete"]
    assert len(found["missing"]) == len(TEXTS)
    assert desk("request", "check", desk.form()) == {"complete": True, "missing": []}


def test_a_request_from_form_to_token(desk: Desk, tmp_path: Path) -> None:
    filed = desk("request", "file", desk.form(), "--by", "ann")
    assert filed == {"id": "R2026-000001", "state": "filed", "grant": None} | {"id": filed["id"]}
    case = filed["id"]
    [row] = desk("request", "list")
    assert (row["next"], row["duty"], row["overdue"]) == ("bureau", "reviewRequest", False)
    desk("request", "accept", case, "--by", "sue")
    desk("request", "extend", case, "--by", "paul", "--days", "3", "--reason", "会商")
    desk("request", "consent", case, "--by", "sam")
    less = tmp_path / "less.yaml"
    less.write_text(
        yaml.safe_dump({"fields": [{"name": "sex"}], "ways": ["pull"]}), encoding="utf-8"
    )
    narrowed = desk(
        "request", "decide", case, "narrow", "--by", "paul", "--reason", "最小必要",
        "--terms", str(less), "--until", "2098-06-30",
    )  # fmt: skip
    assert narrowed["state"] == "narrowed"
    shown = desk("request", "show", case)
    acts = [event["act"] for event in shown["history"]]
    assert acts == ["file", "accept", "ask_extension", "consent", "narrow"]
    assert (shown["until"], shown["missing"]) == ("2098-06-30", [])
    grant = narrowed["grant"]
    profile = tmp_path / "civil.share"
    made = desk("grant", "token", grant, "--by", "ann", "--profile", str(profile))
    assert "token" not in made
    assert stat.S_IMODE(profile.stat().st_mode) == 0o600
    token = json.loads(profile.read_text())["bearerToken"]
    for words in (["grant", "show", grant], ["grant", "list"], ["request", "show", case]):
        assert token not in desk.text(*words)
        assert token not in json.dumps(desk(*words))
    assert desk.refused(2, "grant", "token", grant, "--by", "ann", "--profile", str(profile))
    [credential] = desk("grant", "show", grant)["credentials"]
    desk("grant", "revoke", credential["id"], "--by", "ann")
    [credential] = desk("grant", "show", grant)["credentials"]
    assert credential["state"] == "revoked"
    desk("grant", "end", grant, "--by", "ann", "--reason", "用途已满足")
    assert [row["state"] for row in desk("grant", "list")] == ["ended"]
    assert desk("grant", "list", "--state", "active") == []


def test_a_token_is_printed_where_no_file_is_named(desk: Desk) -> None:
    case = desk("request", "file", desk.form(), "--by", "ann")["id"]
    desk("request", "accept", case, "--by", "sue")
    grant = desk("request", "decide", case, "grant", "--by", "paul")["grant"]
    first = desk("grant", "token", grant, "--by", "ann")["token"]
    second = desk("grant", "token", grant, "--by", "ann", "--rotate", "--overlap-hours", "0")
    assert first != second["token"]
    states = [one["state"] for one in desk("grant", "show", grant)["credentials"]]
    assert states == ["expired", "active"]


def test_a_request_is_returned_mended_refused_disputed_and_settled(desk: Desk) -> None:
    case = desk("request", "file", desk.form(purpose=""), "--by", "ann")["id"]
    told = desk.text("request", "return", case, "--by", "sue", "--note", "请附依据原文")
    assert "the purpose is missing" in told
    assert "请附依据原文" in told
    path = desk.form()
    assert desk("request", "resubmit", case, path, "--by", "amy")["state"] == "filed"
    desk("request", "accept", case, "--by", "sue")
    assert desk("request", "decide", case, "refuse", "--by", "paul", "--reason", "无据")
    desk("request", "dispute", case, "--by", "ann", "--reason", "有据")
    assert "disputed 有争议" in desk.text("request", "list", "--state", "disputed")
    done = desk("request", "settle", case, "overturn", "--by", "sam", "--reason", "确有必要")
    assert done["state"] == "overturned"
    assert done["grant"]


def test_everything_has_its_words_in_both_languages(desk: Desk) -> None:
    case = desk("request", "file", desk.form(), "--by", "ann")["id"]
    for words in (
        ["request", "show", case],
        ["request", "list", "--overdue"],
        ["request", "clocks"],
        ["request", "clocks", "--overdue", "--department", "bureau"],
        ["request", "rules"],
    ):
        assert desk.text(*words)
    for told in (*STATES.values(), *ACTS.values(), *DUTIES.values()):
        assert told.isascii() is False
        assert told[0].isascii()
    assert set(DUTIES) == set(Duty)


def test_rules_say_what_is_in_force_and_what_nobody_confirmed(desk: Desk) -> None:
    rows = desk("request", "rules")
    assert {row["rules"] for row in rows if row["used"]} == {"national-2025-08-01"}
    assert not any(row["confirmed"] for row in rows)


WRONG = [
    (6, ["request", "show", "R2026-000009"], "R2026-000009"),
    (6, ["request", "template", "population2"], "population2"),
    (6, ["request", "file", "nowhere.yaml", "--by", "ann"], "nowhere.yaml"),
    (6, ["grant", "show", "G2026-000009"], "G2026-000009"),
    (6, ["grant", "revoke", "C00", "--by", "ann"], "C00"),
    (6, ["request", "file", "{stranger}", "--by", "ann"], "no department strangers"),
    (6, ["request", "check", "{stranger}"], "no department strangers"),
    (2, ["request", "list", "--state", "lost"], "filed"),
    (2, ["request", "decide", "R1", "maybe", "--by", "paul"], "grant, narrow or refuse"),
    (2, ["request", "settle", "R1", "maybe", "--by", "sue", "--reason", "x"], "uphold"),
]


@pytest.mark.parametrize(("code", "words", "told"), WRONG)
def test_what_is_not_there_is_named(desk: Desk, code: int, words: list[str], told: str) -> None:
    stranger = desk.root / "stranger.yaml"
    stranger.write_text("subscriber: strangers\ndataset: population\n", encoding="utf-8")
    named = [word.format(stranger=stranger) for word in words]
    assert told in desk.refused(code, *named)


def test_a_refusal_says_why_in_both_languages(desk: Desk) -> None:
    path = desk.form()
    told = desk.refused(7, "request", "file", path, "--by", "paul")
    assert told.startswith("无权办理：")
    assert "不是 civil 的经办人 / is no officer of civil" in told


BROKEN = {
    "unknown key": ("subscriber: civil\ndataset: population\npurpos: x\n", "3: purpos"),
    "no yaml": ("subscriber: [civil\n", "application.yaml"),
    "no dataset": ("subscriber: civil\n", "dataset"),
    "no date": ("subscriber: civil\ndataset: population\nuntil: morgen\n", "3: until"),
    "a mask": (
        "subscriber: civil\nterms:\n  fields:\n    - {name: name, mask: {kind: hide}}\n",
        "4: terms.fields[0].mask",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_form_is_refused_with_its_place(desk: Desk, case: str) -> None:
    text, told = BROKEN[case]
    path = desk.root / "application.yaml"
    path.write_text(text, encoding="utf-8")
    said = desk.refused(2, "request", "file", str(path), "--by", "ann")
    assert told in said
    assert "Traceback" not in said
    assert desk("request", "list") == []


def test_texts_without_an_end_are_refused(desk: Desk) -> None:
    assert "2000" in desk.refused(
        7, "request", "file", desk.form(purpose="长" * 2001), "--by", "ann"
    )


def test_what_is_filed_reads_back_as_it_was_written(desk: Desk) -> None:
    path = desk.form()
    case = desk("request", "file", path, "--by", "ann")["id"]
    written = Application.model_validate(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    shown = desk("request", "show", case)["application"]
    assert Application.model_validate(shown) == written
