"""The command line: what people type is shown as typed; errors are JSON where JSON is asked for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hub.cli.app import main
from hub.cli.context import BY_CHARACTERS, Context, typed
from hub.errors import SettingsError


@pytest.mark.parametrize(
    "words",
    [
        ["order", "list", "--state", "no-such"],
        ["order", "list", "--department", "no-such"],
        ["order", "list", "--supply", "no/such"],
        ["order", "show"],
        ["report", "release", "no-such"],
        ["no-such"],
    ],
)
def test_wrong_usage_is_told_in_json_where_json_is_asked_for(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["hub", "--home", str(tmp_path), "--json", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    error = json.loads(told.err)
    assert told.out == ""
    assert error["exit_code"] == ended.value.code and ended.value.code in (2, 6)
    assert error["message"]


@pytest.mark.parametrize("text", ["[/b]", "[red]x", ":smile:", "<script>", "'; --"])
def test_what_people_typed_is_shown_as_typed(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Context(tmp_path, tmp_path, False).show([{"reason": text}], {"reason": "reason 理由"})
    assert text in capsys.readouterr().out


def test_bytes_that_are_no_text_are_refused_before_the_ledger_sees_them() -> None:
    with pytest.raises(SettingsError, match="--reason is not UTF-8"):
        typed("\udcd4\udcad", "--reason")
    with pytest.raises(SettingsError, match="121 characters"):
        typed("x" * 121, "--by", BY_CHARACTERS)
    assert typed("原因", "--reason") == "原因"
