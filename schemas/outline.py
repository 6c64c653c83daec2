"""The catalog's outline: as much of it as the scheduler needs, read in milliseconds.

DAG files are parsed every few seconds and in every task, so the outline of each file is kept in
a cache and read again only when the file's size or time has changed. The outline judges nothing:
a file that cannot be read still has its place, with the problem in it, and its task says why.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.contract import latency_h
from schemas.properties import UpdateCycle

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCHEMA = re.compile(r"^schema:[ \t]*\n(?:(?:[ \t#-].*)?\n)*", re.M)  # a block in column 0
_VERSION = 1  # of the cache's content
SHARING = "sharing.yaml"
QUESTIONS = ("crosschecks", "policies")  # folders of what is asked after a release


@dataclass(frozen=True)
class SupplyOutline:
    """One supply as the scheduler sees it."""

    name: str
    title: str
    title_en: str
    purpose: str
    version: str
    cycle: UpdateCycle
    mode: str
    latency_h: float | None  # promised from the start of a run until the batch is checked
    problem: str | None = None

    @property
    def short_name(self) -> str:
        return self.name.partition("/")[2]


@dataclass(frozen=True)
class DepartmentOutline:
    """One department with its supplies in order of name."""

    name: str
    title: str
    title_en: str
    connections: int  # at one time to its front end
    timezone: str
    allowed_hours: str | None
    supplies: tuple[SupplyOutline, ...]

    @property
    def pool(self) -> str:
        """The scheduler's pool whose slots are the connections that the front end allows."""
        return f"front_end_{self.name}"


@dataclass(frozen=True)
class DatasetOutline:
    """One dataset with what it is made of."""

    name: str
    title: str
    title_en: str
    purpose: str
    version: str
    entity: str
    supplies: tuple[str, ...]
    datasets: tuple[str, ...]  # whose entities it refers to
    latency_h: float | None
    problem: str | None = None


@dataclass(frozen=True)
class Outline:
    """All departments that supply something, and all datasets."""

    departments: dict[str, DepartmentOutline]
    datasets: dict[str, DatasetOutline]
    asks: bool = False  # there are cross-checks or policies
    shares: bool = False  # somebody supervises sharing

    def departments_behind(self, dataset: str) -> tuple[str, ...]:
        """Departments that feed a dataset, or a dataset that it refers to."""
        names = [s.partition("/")[0] for d in self.datasets_behind(dataset) for s in d.supplies]
        return tuple(name for name in dict.fromkeys(names) if name in self.departments)

    def datasets_behind(self, dataset: str) -> tuple[DatasetOutline, ...]:
        """The dataset itself and, step by step, those that it refers to."""
        found: dict[str, DatasetOutline] = {}
        waiting = [dataset]
        while waiting:
            name = waiting.pop(0)
            if name in self.datasets and name not in found:
                found[name] = self.datasets[name]
                waiting += found[name].datasets
        return tuple(found.values())


def read_outline(root: Path, cache: Path | None = None) -> Outline:
    """The outline of the catalog below `root`; `cache` is a JSON file that may be lost."""
    notes = _Notes(cache)
    supplies: dict[str, list[SupplyOutline]] = {}
    for path in sorted((root / "contracts" / "supply").glob("*/*.odcs.yaml")):
        department = path.parent.name
        note = notes.of(path, _supply)
        name = f"{department}/{path.name.removesuffix('.odcs.yaml')}"
        cycle = UpdateCycle(note.pop("cycle", UpdateCycle.DAILY))
        supplies.setdefault(department, []).append(SupplyOutline(name=name, cycle=cycle, **note))
    departments = {}
    for name, promised in sorted(supplies.items()):
        note = notes.of(root / "departments" / f"{name}.yaml", _department)
        departments[name] = DepartmentOutline(name=name, supplies=tuple(promised), **note)
    datasets = {}
    for path in sorted((root / "contracts" / "dataset").glob("*.odcs.yaml")):
        note = notes.of(path, _dataset)
        note["supplies"], note["datasets"] = tuple(note["supplies"]), tuple(note["datasets"])
        name = path.name.removesuffix(".odcs.yaml")
        datasets[name] = DatasetOutline(name=name, **note)
    notes.keep()
    asks = any(next((root / folder).glob("*.yaml"), None) for folder in QUESTIONS)
    return Outline(departments, datasets, asks, (root / SHARING).is_file())


class _Notes:
    """What was noted of each file, by path, size and time of change."""

    def __init__(self, cache: Path | None) -> None:
        self.cache = cache
        self.old: dict[str, list[Any]] = {}
        self.new: dict[str, list[Any]] = {}
        if cache:
            try:
                kept = json.loads(cache.read_text(encoding="utf-8"))
                self.old = kept["files"] if kept["version"] == _VERSION else {}
            except (OSError, ValueError, KeyError, TypeError):
                self.old = {}

    def of(
        self, path: Path, read: Callable[[dict[str, Any], str], dict[str, Any]]
    ) -> dict[str, Any]:
        """The note on one file; an unreadable file gives the note of an empty one."""
        try:
            found = path.stat()
        except OSError:
            return read({}, f"{path} is missing")
        stamp = [found.st_size, found.st_mtime_ns]
        kept = self.old.get(str(path))
        if kept is None or kept[:2] != stamp:
            kept = [*stamp, _note(path, read)]
        self.new[str(path)] = kept
        return dict(kept[2])

    def keep(self) -> None:
        """Write the notes for the next reader; a cache that cannot be written is no error."""
        if self.cache is None or self.new == self.old:
            return
        text = json.dumps({"version": _VERSION, "files": self.new}, ensure_ascii=False)
        try:
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.cache.parent, prefix=".outline-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(self.cache)
        except OSError:
            return


def _note(path: Path, read: Callable[[dict[str, Any], str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return read(_document(path.read_text(encoding="utf-8-sig")), "")
    except Exception as error:  # whatever a steward can write; the loader names it exactly
        return read({}, f"{path}: {type(error).__name__}")


def _document(text: str) -> dict[str, Any]:
    """A contract without its `schema`: the most of its text, and nothing of it is outlined.

    It is cut out before the YAML is parsed, which is what takes the time. Where the rest does not
    stand alone (anchors, another layout) the whole is parsed.
    """
    try:
        document = yaml.load(_SCHEMA.sub("", text), Loader=_Loader)
    except yaml.YAMLError:
        document = yaml.load(text, Loader=_Loader)
    found: dict[str, Any] = document
    return found


def _supply(document: dict[str, Any], problem: str) -> dict[str, Any]:
    given = _custom(document)
    cycle = (given.get("directory") or {}).get("updateCycle", UpdateCycle.DAILY)
    return {
        **_common(document, given, problem),
        "cycle": UpdateCycle(cycle),
        "mode": (given.get("pull") or {}).get("mode", "snapshot"),
    }


def _dataset(document: dict[str, Any], problem: str) -> dict[str, Any]:
    given = _custom(document)
    plan = given.get("reconcile") or {}
    names = [source["supply"] for source in plan.get("sources") or []]
    for balance in plan.get("balance") or []:
        names += [flow["supply"] for flow in [*balance["into"], *balance["out"]]]
    others = [name for resolve in plan.get("resolve") or [] for name in resolve["using"]]
    return {
        **_common(document, given, problem),
        "entity": str(plan.get("entity") or ""),
        "supplies": list(dict.fromkeys(names)),
        "datasets": list(dict.fromkeys(others)),
    }


def _department(document: dict[str, Any], problem: str) -> dict[str, Any]:
    title = document.get("title") or {}
    node = document.get("node") or {}
    name = str(document.get("name") or problem)
    return {
        "title": title.get("zh") or name,
        "title_en": title.get("en") or name,
        "connections": int(node.get("connections") or 1),
        "timezone": node.get("timezone") or "Asia/Shanghai",
        "allowed_hours": node.get("allowedHours"),
    }


def _custom(document: dict[str, Any]) -> dict[str, Any]:
    return {pair["property"]: pair["value"] for pair in document.get("customProperties") or []}


def _common(document: dict[str, Any], given: dict[str, Any], problem: str) -> dict[str, Any]:
    name = document.get("name") or document.get("id") or ""
    description = document.get("description") or {}
    return {
        "title": str(name),
        "title_en": str(given.get("titleEn") or name),
        "purpose": str(description.get("purpose") or "").strip(),
        "version": str(document.get("version") or ""),
        "latency_h": latency_h(
            (promise["property"], promise.get("value"), promise.get("unit"))
            for promise in document.get("slaProperties") or []
        ),
        "problem": problem or None,
    }
