"""Rules on department files: the provider's code and its node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path

from schemas.messages import found
from schemas.problems import Problem
from schemas.properties import Department, Node
from schemas.rules.scope import Scope, is_timezone

_SCHEME = re.compile(r"([a-z][a-z0-9_+.-]*)://", re.IGNORECASE)


def check_departments(scope: Scope) -> Iterator[Problem]:
    """Codes are valid and unique; nodes can be read from."""
    catalog = scope.catalog
    providers = {supply.department.name for supply in catalog.supplies.values()}
    codes: dict[str, str] = {}
    for department in catalog.departments.values():
        path = catalog.root / "departments" / f"{department.name}.yaml"
        yield from _code(department, path, codes, scope)
        if department.node is not None:
            yield from _node(department.node, path, scope)
        elif department.name in providers:
            yield found(path, "node", "node_missing", department=department.name)


def _code(
    department: Department, path: Path, codes: dict[str, str], scope: Scope
) -> Iterator[Problem]:
    code = department.code
    if code is None:
        yield found(path, "", "department_code_missing")
        return
    valid = scope.vocabulary.valid_uscc
    if len(code) != 18 or (valid and not valid(code)):
        yield found(path, "code", "department_code_invalid", code=code)
    if code in codes:
        yield found(path, "code", "department_code_duplicate", code=code, other=codes[code])
    codes.setdefault(code, department.name)


def _node(node: Node, path: Path, scope: Scope) -> Iterator[Problem]:
    match = _SCHEME.match(node.url)
    schemes = scope.vocabulary.schemes
    scheme = match.group(1).partition("+")[0].lower() if match else ""
    if not match or (schemes is not None and scheme not in schemes):
        expected = ", ".join(sorted(schemes)) if schemes else "scheme://…"
        # The address may carry a user name: only its scheme is shown.
        shown = f"{scheme}://…" if match else "an address without a scheme"
        yield found(path, "node.url", "node_url", found=shown, expected=expected)
    if scheme == "sftp" and not node.host_key:
        yield found(path, "node", "host_key_missing")
    if not is_timezone(node.timezone):
        yield found(path, "node.timezone", "timezone_unknown", found=node.timezone)
    if node.allowed_hours and not _hours(node.allowed_hours):
        yield found(path, "node.allowedHours", "node_hours", found=node.allowed_hours)


def _hours(text: str) -> bool:
    try:
        begin, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        return False
    return begin != end
