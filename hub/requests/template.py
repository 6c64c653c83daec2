"""An application to fill in, and the reading of one that was."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from hub.errors import NotFound, SettingsError
from hub.opened import Hub
from schemas.contract import Dataset, Field
from schemas.models import read_model
from schemas.problems import Problem
from schemas.properties import ShareType
from schemas.reading import located, nested_deeper, read_yaml
from schemas.sharing import Application, Terms
from schemas.terms import refers, share_type

Model = TypeVar("Model", bound=BaseModel)
MOST_BYTES = 1 << 20  # of an application: it comes from another house
MOST_LEVELS = 32
WORDS = {
    ShareType.UNCONDITIONAL: "无条件 unconditional",
    ShareType.CONDITIONAL: "有条件 conditional",
    ShareType.DENIED: "不予共享 denied",
}


def template(hub: Hub, dataset: str, subscriber: str = "") -> str:
    """An application for a dataset as YAML: every field that may be asked for, to be cut down.

    Sensitive fields come with a mask; what is denied is named in a comment alone.
    """
    known = hub.dataset(dataset)
    if subscriber and subscriber not in hub.catalog.departments:
        raise NotFound(f"目录中没有部门 {subscriber} / the catalog has no department {subscriber}")
    lines = [
        f"# {known.title} {known.title_en}",
        f"subscriber: {subscriber}",
        f"dataset: {dataset}",
        'purpose: ""  # 用途 what the data is for',
        'legalBasis: ""  # 依据 law, clause, duty',
        'scenario: ""  # 应用场景 which business, how often',
        'contact: ""  # 联系人',
        'until: ""  # 使用期限 last day of use, YYYY-MM-DD',
        "terms:",
        "  ways: [pull]  # pull, download, file, database",
        "  scope: grant  # subscriber: record ids are equal in all your grants",
        "  history: false  # true: releases from before the grant, too",
        "  rows: []  # e.g. - {field: division, startsWith: '9901'}",
        "  fields:  # 只申请必需的信息项 leave only what is needed",
    ]
    return "\n".join([*lines, *(_line(known, field) for field in known.fields)]) + "\n"


def _line(dataset: Dataset, field: Field) -> str:
    kind = share_type(dataset, field)
    note = f"# {field.title}，{WORDS[kind]}"
    if kind is ShareType.DENIED:
        return f"    # {field.name} {note}"
    mask = ""
    if refers(dataset, field.name):
        mask = ", mask: {kind: pseudonym}"
    elif field.sensitive and field.type.logical == "string":
        coded = field.properties.codelist or field.properties.identifier
        mask = ", mask: {kind: pseudonym}" if coded else ", mask: {kind: partial, first: 1}"
    return f"    - {{name: {field.name}{mask}}}  {note}"


def read_application(path: Path) -> Application:
    """An application from a YAML file; raises `SettingsError` naming every fault."""
    return _read(Application, path, {"until": None})


def read_terms(path: Path) -> Terms:
    """Terms from a YAML file, alone or as `terms:` of an application."""
    return _read(Terms, path, {}, within="terms")


def _read(
    model: type[Model], path: Path, empty: dict[str, Any], within: str | None = None
) -> Model:
    if not path.is_file():
        raise NotFound(f"没有文件 / there is no file {path.name}")
    if path.stat().st_size > MOST_BYTES or nested_deeper(path.read_bytes(), MOST_LEVELS):
        raise SettingsError(f"{path.name}: 文件过大或嵌套过深 / is too large or nested too deeply")
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    found = None
    if document is not None:
        if within and isinstance(document.get(within), dict):
            document = document[within]
        document = {k: empty.get(k, "") if v in ("", None) else v for k, v in document.items()}
        found = read_model(model, document, path, problems)
    if found is None:
        told = "; ".join(
            f"{p.line}: {p.path}: {p.message_zh} / {p.message_en}"
            for p in located(problems)
            if p.severity == "error"
        )
        raise SettingsError(f"{path.name}: {told}")
    return found
