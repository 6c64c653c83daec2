"""Strict YAML: what a steward wrote, as JSON values, with the line of every place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from schemas.messages import found
from schemas.problems import Problem

Part = str | int
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_PART = re.compile(r"\[(\d+)\]|\['(.*?)'\]|([^.\[\]]+)")
_PLAIN = re.compile(r"[^\W]+")


def read_yaml(path: Path, problems: list[Problem]) -> dict[str, Any] | None:
    """The mapping in one YAML file, or None with the reasons appended to `problems`.

    Values are those that JSON knows: a date stays the text that was written. Aliases, duplicate
    keys and unknown tags are refused; what YAML 1.1 and 1.2 read differently (`no`, `010`, `12:30`)
    is kept as text with a warning.
    """
    return parse_yaml(path.read_bytes(), path, problems)


def parse_yaml(data: bytes, path: Path, problems: list[Problem]) -> dict[str, Any] | None:
    """Like `read_yaml`, for bytes already read."""
    node = _compose(data, path, problems)
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.append(found(path, "", "yaml_not_mapping"))
        return None
    before = len(problems)
    value = _Reader(path, problems).value(node, ())
    broken = any(problem.severity == "error" for problem in problems[before:])
    return None if broken else value


def nested_deeper(data: bytes, levels: int) -> bool:
    """Whether a file from outside nests deeper than that: the composer would end the process."""
    depth = 0
    try:
        for event in yaml.parse(data, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > levels:
                return True
    except yaml.YAMLError:  # whoever reads it says where
        return False
    return False


def show(parts: Iterable[Part]) -> str:
    """A place in a document as text: `schema[0].properties[3].logicalType`."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"['{part}']"
    return text


def parts_of(place: str) -> Iterator[Part]:
    """The inverse of `show`."""
    for number, quoted, plain in _PART.findall(place):
        yield int(number) if number else quoted or plain


def located(problems: Sequence[Problem]) -> list[Problem]:
    """The same problems, each with the line of its place where the file is YAML.

    Lines are looked up only when something is wrong, so that reading stays cheap.
    """
    roots: dict[Path, Any] = {}
    result = []
    for problem in problems:
        if problem.line == 0 and problem.file.suffix in {".yaml", ".yml"}:
            if problem.file not in roots:
                readable = problem.file.is_file()
                roots[problem.file] = readable and _compose(
                    problem.file.read_bytes(), problem.file, []
                )
            if roots[problem.file]:
                problem = replace(problem, line=_line(roots[problem.file], problem.path))
        result.append(problem)
    return result


def _compose(data: bytes, path: Path, problems: list[Problem]) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(found(path, "", "yaml_encoding", line=line))
        return None
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 0
        lines = text.splitlines()
        tab = mark is not None and mark.line < len(lines) and "\t" in lines[mark.line]
        detail = getattr(error, "problem", None) or "not YAML"
        code = "yaml_tab" if tab else "yaml_syntax"
        problems.append(found(path, "", code, line=line, detail=detail))
        return None
    except RecursionError:
        problems.append(found(path, "", "yaml_syntax", line=1, detail="nested too deeply"))
        return None
    if node is None:
        problems.append(found(path, "", "yaml_not_mapping"))
    return node


def _line(node: Any, place: str) -> int:
    line: int = node.start_mark.line + 1
    for part in parts_of(place):
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(part)]
            if not pairs:
                break
            key, node = pairs[-1]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            if not isinstance(part, int) or part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


class _Reader:
    """Turns composed nodes into JSON values and remembers what it has already seen."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.seen: set[int] = set()

    def report(self, node: Any, place: tuple[Part, ...], code: str, **values: object) -> None:
        line = node.start_mark.line + 1
        self.problems.append(found(self.path, show(place), code, line=line, **values))

    def value(self, node: Any, place: tuple[Part, ...]) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, place)
        if id(node) in self.seen:
            self.report(node, place, "yaml_anchor")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        result: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.report(key, place, "yaml_key")
                continue
            name = key.value
            if key.tag == _TAG + "merge":
                self.report(key, place, "yaml_anchor")
                continue
            if name in result:
                self.report(key, (*place, name), "yaml_duplicate_key", key=name)
            result[name] = self.value(item, (*place, name))
        return result

    def scalar(self, node: Any, place: tuple[Part, ...]) -> Any:
        text: str = node.value
        match node.tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool" if text.lower() in {"true", "false"}:
                return text.lower() == "true"
            case "int" if _INTEGER.fullmatch(text):
                return int(text)
            case "float" if not re.search(r"[:_]|inf|nan", text, re.IGNORECASE):
                return float(text)
            case "bool" | "int" | "float":
                self.report(node, place, "yaml_ambiguous", text=text)
                return text
            case "str" | "timestamp" | "value":
                return text
            case tag:
                self.report(node, place, "yaml_tag", tag=tag)
                return None
