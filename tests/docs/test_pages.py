"""Everything that the documentation names is there, and what must be named is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from hub.cli.app import COMMANDS, GROUPS, app
from tests.docs.pages import PAGES, ROOT, commands, headings, prose, read, table_of

ROOT_COMMAND: Any = typer.main.get_command(app)
SETTING = re.compile(r"\bHUB_[A-Z_]*[A-Z]\b")
PER_DEPARTMENT = re.compile(r"HUB_(NODE|INBOX)_[A-Z_]+")
CODE = ("hub", "portal", "schemas", "connectors", "quality", "dags", "sample", "docker")
every_page = pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])


def tracked(folder: str) -> list[Path]:
    """Files below a folder that are not generated."""
    found = (ROOT / folder).rglob("*")
    return [p for p in found if p.is_file() and "__pycache__" not in p.parts]


def is_group(command: Any) -> bool:
    return hasattr(command, "commands")


def leaves() -> Iterator[tuple[str, ...]]:
    """Every command of the command line, by its words."""
    for name in (*GROUPS, *COMMANDS):
        command = ROOT_COMMAND.get_command(None, name)
        if is_group(command):
            yield from ((name, below) for below in command.commands)
        else:
            yield (name,)


def options(command: Any) -> set[str]:
    return {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}


def problem_with(words: list[str]) -> str | None:
    """Why a command line of the documentation would not be understood; None when it would."""
    command: Any = ROOT_COMMAND
    known = options(command)
    values = {o for p in command.params for o in p.opts if not getattr(p, "is_flag", False)}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == ">":
            return None
        if word.startswith("--"):
            if word not in known:
                return f"{command.name} has no option {word}"
            if word in values and word != "--help":
                if not rest:
                    return None  # `--option` alone names the option
                rest.pop(0)
        elif is_group(command) and re.fullmatch(r"[a-z][a-z-]*", word):
            found = command.get_command(None, word)
            if found is None:
                return f"there is no command {word!r} in {command.name}"
            command, known = found, options(found)
            values = {o for p in found.params for o in p.opts if not getattr(p, "is_flag", False)}
    return None


@every_page
def test_every_hub_command_named_exists_with_its_options(page: Path) -> None:
    problems = [
        f"hub {' '.join(words)}: {problem}"
        for words in commands(page.read_text(encoding="utf-8"))
        if (problem := problem_with(words))
    ]
    assert not problems


def test_a_wrong_command_would_be_noticed() -> None:
    assert problem_with(["batch", "burn"])
    assert problem_with(["batch", "list", "--colour"])
    assert problem_with(["--home", "x", "run", "--all"]) is None


def test_every_command_has_its_heading_and_no_heading_is_left_over() -> None:
    written = {
        h.removeprefix("hub ") for h in headings(read("docs/commands.md")) if h.startswith("hub ")
    }
    assert written == {" ".join(words) for words in leaves()}


def test_every_exit_code_of_the_error_tree_is_explained() -> None:
    from hub import errors

    codes = {
        e.exit_code
        for e in vars(errors).values()
        if isinstance(e, type) and hasattr(e, "exit_code")
    }
    explained = {
        row["exit code"]
        for row in table_of(read("docs/commands.md"), "exit code", "meaning", "who acts")
    }
    assert {str(code) for code in codes} <= explained


def test_every_setting_of_the_code_is_explained_and_no_other() -> None:
    used: set[str] = set()
    for folder in CODE:
        for path in tracked(folder):
            used |= set(SETTING.findall(path.read_text(encoding="utf-8", errors="ignore")))
    used |= set(SETTING.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    explained = set(SETTING.findall(read("docs/settings.md")))
    assert {s for s in used if not PER_DEPARTMENT.match(s)} == {
        s for s in explained if not PER_DEPARTMENT.match(s) and s != "HUB_NODE"
    }
    assert {s for s in used if PER_DEPARTMENT.match(s)}, "the pattern of front ends is still in use"


def anchor(heading: str) -> str:
    """The anchor that a forge gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", prose(page.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, fragment = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        known = headings(path.read_text(encoding="utf-8")) if path.is_file() else []
        if not path.exists() or (fragment and fragment not in map(anchor, known)):
            broken.append(target)
    assert not broken


@every_page
def test_every_file_of_the_tree_that_is_named_exists(page: Path) -> None:
    top = {path.name for path in ROOT.iterdir()}
    named = re.findall(r"`([a-z.][\w./-]*/[\w./*-]*)`", prose(page.read_text(encoding="utf-8")))
    missing = [
        name
        for name in named
        if name.split("/")[0] in top and "<" not in name and not list(ROOT.glob(name.rstrip("/")))
    ]
    assert not missing


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = read("README.md"), read("README.zh.md")
    assert len(headings(english)) == len(headings(chinese))
    assert english.count("\n|") == chinese.count("\n|")
    assert list(commands(english)) == list(commands(chinese))


def test_the_normalisers_explained_are_those_that_there_are() -> None:
    from hub.reconcile.normalise import NORMALISERS

    rows = table_of(read("docs/adding-a-dataset.md"), "normaliser", "canonical form")
    assert {row["normaliser"].strip("`") for row in rows} == set(NORMALISERS)


def test_the_comparisons_explained_are_those_that_there_are() -> None:
    from typing import get_args

    from schemas.properties import Comparison

    rows = table_of(read("docs/adding-a-dataset.md"), "`how`", "equal when")
    explained = {name.strip("` ") for row in rows for name in row["`how`"].split(",")}
    assert explained == set(get_args(Comparison.model_fields["how"].annotation))


def test_the_kinds_of_discrepancies_explained_are_those_that_the_room_lists() -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "hub/reconcile").rglob("*.py"))
    listed = set(re.findall(r"kind=\"'(\w+)'\"", code)) | set(re.findall(r"'(\w+)' AS kind", code))
    listed |= set(re.findall(r"_list\(connection, plan, target, \"(\w+)\"", code))
    rows = table_of(read("docs/adding-a-dataset.md"), "kind", "says")
    assert {row["kind"].strip("`") for row in rows} == listed - {"merge", "split"}


def test_the_drift_explained_is_the_drift_that_is_judged() -> None:
    from hub.check.batchwide import DRIFT_SEVERITY

    rows = table_of(read("docs/operations.md"), "drift", "verdict", "do")
    assert {row["drift"].strip("`") for row in rows} == set(DRIFT_SEVERITY)


def test_the_verdicts_explained_are_those_that_there_are() -> None:
    from hub.records import Verdict

    rows = table_of(read("docs/adding-a-rule.md"), "verdict", "when", "what moves on")
    assert [row["verdict"] for row in rows] == [verdict.value for verdict in Verdict]


def test_the_readmes_count_the_departments_and_datasets_right() -> None:
    departments = len(list((ROOT / "schemas/contracts/supply").iterdir()))
    assert len(list((ROOT / "schemas/contracts/dataset").glob("*.odcs.yaml"))) == 3
    assert f"collects from {departments} departments, publishes three datasets" in read("README.md")
    assert f"从 {departments} 个部门归集，发布三个数据集" in read("README.zh.md")


def test_every_decision_is_listed() -> None:
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", read("docs/adr/README.md")))
    assert listed == {path.name for path in (ROOT / "docs/adr").glob("0*.md")}


@every_page
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`|\n)make ([a-z]+)", page.read_text(encoding="utf-8"))
    assert set(named) <= targets


def test_help_is_given_for_every_command() -> None:
    for words in leaves():
        done = CliRunner().invoke(app, [*words, "--help"])
        assert done.exit_code == 0, (words, done.output)
        assert "Usage" in done.output
