"""What a clean clone must have, and must not have."""

from __future__ import annotations

import importlib
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hub.settings import REPOSITORY

LOCKS = sorted(REPOSITORY.glob("requirements*.txt"))
PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
MAX_BYTES = 1024 * 1024


def tracked() -> list[Path]:
    """All files under version control that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    paths = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_generic_package_name_resolves_into_the_checkout(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__) == REPOSITORY / name / "__init__.py"


def test_no_folder_of_tests_takes_the_name_of_a_package() -> None:
    taken = [
        path
        for path in (REPOSITORY / "tests").rglob("__init__.py")
        if path.parent.name in PACKAGES or path.parent.name == "tests"
    ]
    assert taken == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_with_its_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    blocks = re.findall(r"^(\S[^\n]*\\\n(?:    --hash=\S+(?: \\)?\n)+)", text, re.M)
    names = re.findall(r"^[a-zA-Z0-9][^\s]*", text, re.M)
    assert len(blocks) == len(names) > 100
    assert all("==" in name for name in names)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.name != "requirements.txt"])
def test_the_larger_sets_contain_the_smaller_one_unchanged(lock: Path) -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^[a-zA-Z0-9]\S*==\S+", path.read_text("utf-8"), re.M))

    assert pins(REPOSITORY / "requirements.txt") <= pins(lock)


def test_what_is_asked_for_is_locked() -> None:
    for source in REPOSITORY.glob("requirements*.in"):
        locked = source.with_suffix(".txt").read_text("utf-8").lower()
        for line in source.read_text("utf-8").splitlines():
            name = re.match(r"[A-Za-z0-9._-]+", line)
            if name and not line.startswith("-"):
                assert re.search(rf"^{re.escape(name[0].lower())}(\[.*\])?==", locked, re.M), line


@pytest.mark.parametrize(
    "target", ["setup", "demo", "test", "check", "bench", "lock", "clean", "help"]
)
def test_make_knows(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_ci_runs_the_tests() -> None:
    run = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    assert re.search(r"^\s*make .*\btest\b", run, re.M)
    for script in ("run", "setup", "servers"):
        assert (REPOSITORY / ".ci" / script).stat().st_mode & 0o111


def test_scripts_are_valid_shell() -> None:
    scripts = [
        path for path in tracked() if _interpreter(path) in ("#!/bin/sh", "#!/usr/bin/env bash")
    ]
    assert len(scripts) >= 5
    for script in scripts:
        shell = "bash" if "bash" in _interpreter(script) else "sh"
        done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True)
        assert done.returncode == 0, f"{script}: {done.stderr}"


def test_no_file_is_larger_than_a_mebibyte() -> None:
    assert [path for path in tracked() if path.stat().st_size > MAX_BYTES] == []


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(REPOSITORY).parts[0] in {*PACKAGES, "dags"}
        if (count := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert long == {}


def test_an_editable_install_leaves_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(REPOSITORY / ".venv" / "bin" / "hub"), "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "exchange hub" in done.stdout


def test_setup_does_nothing_when_nothing_has_changed() -> None:
    done = subprocess.run(["make", "dev"], cwd=REPOSITORY, capture_output=True, text=True)
    again = subprocess.run(["make", "dev"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == again.returncode == 0
    assert again.stderr == ""


def _interpreter(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(80).decode("utf-8", "replace").strip()
