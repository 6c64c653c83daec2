"""Findings with their evidence as a file for the department that answers. Holds personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection
from sqlalchemy import Row

from hub.crosscheck.check import FINDING
from hub.errors import NotFound, SettingsError
from hub.findings.evidence import columns_of, latest_rows
from hub.ledger.findings import findings, run_of
from hub.opened import Hub
from hub.orders.cells import safe_sql
from hub.rowfile import EXCEL, hand_over, require_known, write_book, write_rows
from hub.store import identifier, literal
from schemas.crosscheck import Crosscheck

OWN = {
    "hub_finding": "编号 Finding",
    "hub_state": "状态 State",
    "hub_severity": "级别 Severity",
    "hub_amount": "涉及金额（元） Amount at stake (yuan)",
    "hub_recovered": "已追回（元） Recovered (yuan)",
    "hub_department": "责任部门 Responsible",
    "hub_opened_on": "发现日期 Opened on",
    "hub_due_on": "办理期限 Due on",
}
ANSWER = (
    ("如何答复", "How to answer"),
    (
        "请逐条核实，并在“办理期限”前书面答复大数据局。",
        "Look into each line and answer the bureau before the day under “Due on”.",
    ),
    (
        "属实：报“确认”，并报追回金额；追回可分多次报送。",
        "It is so: confirm it, and report what has been recovered, in several parts if need be.",
    ),
    (
        "不属实：写明理由；证据不变时不再提出。",
        "It is not so: give the reason; it stays away while its evidence is the same.",
    ),
    (
        "源头数据已改正的，下次比对后自动消除。",
        "Where the data was wrong, mend it at the source: the next run clears the finding.",
    ),
    (
        "本文件含个人信息，仅供责任部门办理使用。",
        "This file holds personal data and is for the responsible department alone.",
    ),
)


class Page(NamedTuple):
    """One sheet of findings: the check, its query and its heads."""

    check: Crosscheck
    query: str
    heads: dict[str, str]


def export_findings(
    hub: Hub,
    out: Path,
    crosscheck: str | None = None,
    department: str | None = None,
    states: Sequence[str] | None = None,
) -> int:
    """Write findings; how many. Excel has a sheet per check, other files hold one check alone.

    Only its owner may read the file (0600).
    """
    require_known(out)
    rows = [
        row
        for row in findings(hub.ledger, crosscheck, department, states)
        if row.crosscheck in hub.catalog.crosschecks
    ]
    names = list(dict.fromkeys(row.crosscheck for row in rows))
    if not rows:
        raise NotFound("there is no such finding")
    if out.suffix != EXCEL and len(names) > 1:
        raise SettingsError(f"{out.suffix} holds one cross-check alone: name it with --check")
    with hub.store.connect() as connection, hub.store.scratch() as folder:
        pages = [_page(hub, connection, name, [r for r in rows if r.crosscheck == name], number)
                 for number, name in enumerate(names)]  # fmt: skip
        written = folder / f"findings{out.suffix}"
        if out.suffix == EXCEL:
            write_book(written, [_about(hub, pages, department), *_sheets(connection, pages)])
        else:
            query = pages[0].query
            if out.suffix != ".parquet":
                query = f"SELECT {safe_sql('COLUMNS(*)::VARCHAR')} FROM ({query})"
            write_rows(connection, query, written)
        hand_over(written, out)
    return len(rows)


def _page(
    hub: Hub, connection: DuckDBPyConnection, name: str, rows: Sequence[Row[Any]], number: int
) -> Page:
    import pyarrow as pa

    check = hub.catalog.crosschecks[name]
    own = pa.table(
        {
            "hub_finding": [row.id for row in rows],
            "hub_state": [row.state for row in rows],
            "hub_severity": [row.severity for row in rows],
            "hub_amount": [_yuan(row.amount_fen) for row in rows],
            "hub_recovered": [_yuan(row.recovered_fen) for row in rows],
            "hub_department": [row.department for row in rows],
            "hub_opened_on": pa.array([row.opened_on for row in rows], pa.date32()),
            "hub_due_on": pa.array([row.due_on for row in rows], pa.date32()),
        }
    )
    connection.register(f"own_{number}", own)
    shown = {run_of(hub.ledger, run).uri: ids for run, ids in latest_rows(rows).items()}
    present = {column for uri in shown for column in columns_of(hub.store, uri)}
    heads = [c for c in dict.fromkeys([*check.key, *check.evidence]) if c in present]
    listed = "".join(f", e.{identifier(column)}" for column in heads)
    query = (
        f"SELECT o.*{listed} FROM own_{number} AS o "
        f"JOIN ({_latest(hub, shown)}) AS e ON e.{FINDING} = o.hub_finding "
        "ORDER BY hub_due_on NULLS LAST, hub_finding"
    )
    titles = {c: f"{t.zh} {t.en}" for c, t in check.evidence.items()}
    return Page(check, query, OWN | {column: titles.get(column, column) for column in heads})


def _latest(hub: Hub, shown: Mapping[str, Sequence[str]]) -> str:
    """The evidence of each finding as the last run that found it showed it, by its file."""
    parts = []
    for uri, ids in shown.items():
        path, wanted = literal(hub.store.path(uri)), ", ".join(map(literal, ids))
        parts.append(f"SELECT * FROM read_parquet({path}) WHERE {FINDING} IN ({wanted})")
    return " UNION ALL BY NAME ".join(parts)


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _about(hub: Hub, pages: Sequence[Page], department: str | None) -> tuple[str, list[list[str]]]:
    known = hub.catalog.departments.get(department or "")
    lines = [["比对结果", "Findings of cross-checks"]]
    if known:
        lines.append([known.title.zh, known.title.en])
    lines.append([])
    for page in pages:
        lines.append([page.check.title.zh, page.check.title.en])
        lines.append([page.check.question.zh, page.check.question.en])
        lines += [[f"依据：{b.zh}", f"Legal basis: {b.en}"] for b in page.check.legal_basis]
        lines.append([])
    return "说明 About", lines + [list(line) for line in ANSWER]


def _sheets(
    connection: DuckDBPyConnection, pages: Sequence[Page]
) -> list[tuple[str, list[list[str]]]]:
    sheets = []
    for page in pages:
        found = connection.execute(f"SELECT {safe_sql('COLUMNS(*)::VARCHAR')} FROM ({page.query})")
        rows = [list(row) for row in found.fetchall()]
        sheets.append((page.check.title.zh, [list(page.heads.values()), *rows]))
    return sheets
