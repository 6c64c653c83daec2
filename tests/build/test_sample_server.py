"""The catalog that the server's sample city gets: whole, sound, with every address on a server."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hub.settings import REPOSITORY
from hub.vocabulary import vocabulary
from schemas.catalog import read_catalog

CONTENT = ("departments", "contracts", "codelists", "crosschecks", "policies", "clocks")


def fill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fill", REPOSITORY / "docker/sample/fill.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Any]:
    """The catalog and the front ends that were to be filled; no city is built."""
    module, targets = fill(), []
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SAMPLE_PASSWORD", "s3cret-word")
    monkeypatch.setenv("PEOPLE", "100")
    known = tmp_path / "known_hosts"
    known.write_text("front-sftp ssh-ed25519 AAAA")
    monkeypatch.setattr(module, "DROPS", tmp_path / "drops")
    monkeypatch.setattr(module, "KNOWN_HOSTS", known)
    monkeypatch.setattr(module, "create", lambda target, people: targets.append(target))
    (tmp_path / "home").mkdir()
    module.main()
    return tmp_path / "home/sample/catalog", targets[0]


@pytest.mark.slow
def test_it_is_whole_and_sound(filled: tuple[Path, Any], tmp_path: Path) -> None:
    catalog, _ = filled
    for folder in CONTENT:
        here = {p.relative_to(catalog) for p in (catalog / folder).rglob("*") if p.is_file()}
        own = REPOSITORY / "schemas"
        assert here == {p.relative_to(own) for p in (own / folder).rglob("*") if p.is_file()}
    reading = read_catalog(catalog, tmp_path / "home", os.environ, vocabulary())
    assert [str(problem) for problem in reading.problems] == []
    assert reading.catalog.sharing is not None


def test_every_front_end_and_inbox_is_on_a_server_and_no_password_is_written(
    filled: tuple[Path, Any], tmp_path: Path
) -> None:
    catalog, target = filled
    found = read_catalog(catalog, tmp_path / "home", os.environ).catalog
    providers = {name for name, one in found.departments.items() if one.node}
    assert providers == set(target.databases) | set(target.drops)
    for department in found.departments.values():
        inbox = department.inbox
        urls = [department.node.url] if department.node else []
        urls += [inbox.file.url] if inbox and inbox.file else []
        urls += [inbox.database.url] if inbox and inbox.database else []
        assert all("@front-" in url for url in urls), department.name
    for path in (catalog / "departments").glob("*.yaml"):
        assert "s3cret-word" not in path.read_text()
    assert (tmp_path / "drops/inbox/medical_insurance").stat().st_mode & 0o777 == 0o777
