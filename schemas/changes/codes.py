"""Changes of the code lists that a contract refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.contract import CodeList, Table
from schemas.evolution import Change, Level

SHOWN = 5  # codes named in one sentence


def code_changes(
    new: Table, before: Mapping[str, CodeList], after: Mapping[str, CodeList], strict: bool
) -> Iterator[Change]:
    """Codes that came, went or mean something else, in every list that the contract uses."""
    used = {field.properties.codelist for field in new.fields if field.properties.codelist}
    for name in sorted(used & before.keys() & after.keys()):
        yield from _list(before[name], after[name], strict)


def _list(old: CodeList, new: CodeList, strict: bool) -> Iterator[Change]:
    was = {code.code: code for code in old.codes}
    now = {code.code: code for code in new.codes}
    readable = strict  # a supply may write every code, a dataset holds canonical ones only
    gone = [c for c in was if c not in now and (readable or was[c].kind == "canonical")]
    come = [c for c in now if c not in was and (readable or now[c].kind == "canonical")]
    moved = [c for c in was if c in now and was[c].canonical != now[c].canonical]
    told = [c for c in was if c in now and c not in moved and was[c] != now[c]]
    place = f"code list {old.name}"
    if gone:
        yield Change(
            "codes_removed",
            place,
            Level.MAJOR if strict else Level.MINOR,
            f"codes left the list {old.name}: {_some(gone)}",
            f"代码表 {old.name} 删除了代码：{_some(gone)}",
        )
    if come:
        yield Change(
            "codes_added",
            place,
            Level.MINOR,
            f"codes joined the list {old.name}: {_some(come)}",
            f"代码表 {old.name} 新增了代码：{_some(come)}",
        )
    if moved:
        yield Change(
            "codes_moved",
            place,
            Level.MAJOR,
            f"codes of the list {old.name} now lead elsewhere: {_some(moved)}",
            f"代码表 {old.name} 中代码的规范代码有变：{_some(moved)}",
        )
    if told:
        yield Change(
            "codes_reworded",
            place,
            Level.PATCH,
            f"labels or dates of the list {old.name} changed: {_some(told)}",
            f"代码表 {old.name} 的名称或有效期有变：{_some(told)}",
        )


def _some(codes: list[str]) -> str:
    more = f" (+{len(codes) - SHOWN})" if len(codes) > SHOWN else ""
    return ", ".join(codes[:SHOWN]) + more
