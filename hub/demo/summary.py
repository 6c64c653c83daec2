"""The summary at the end of a demo."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from hub.demo.portal import shared, to_try
from hub.demo.stage import USER, Stage
from hub.demo.watch import Outcome
from hub.discrepancies import by_kind
from hub.errors import NotFound
from hub.findings.view import summed
from hub.handed_in import desk_of
from hub.ledger.finding_life import UNANSWERED, yuan
from hub.ledger.tallies import tallies
from hub.opened import Hub
from hub.orders.view import open_by_department
from hub.records import Counts
from hub.report.whole import whole_report
from hub.summary import open_orders
from schemas.properties import ZONE


def show(outcome: Outcome, hub: Hub, stage: Stage, console: Console) -> None:
    """Print batches, rows, verdicts, releases, discrepancies and where to look."""
    total = totals(outcome)
    verdicts = Counter(batch.verdict.value for batch in outcome.batches if batch.verdict)
    table = Table(title="Summary 汇总", title_justify="left", show_header=False, box=None)
    table.add_row("batches 批次", f"{len(outcome.batches):,}")
    table.add_row(
        "rows in 源端行数",
        f"{total.source:,} = {total.accepted:,} accepted 通过 + {total.quarantined:,} quarantined "
        f"隔离 + {total.unchanged:,} unchanged 未变",
    )
    table.add_row("verdicts 结论", ", ".join(f"{n} {v}" for v, n in sorted(verdicts.items())))
    for release in outcome.releases:
        table.add_row(
            f"release 发布 {release.dataset}",
            f"version {release.version}: {release.rows:,} rows "
            f"(+{release.inserted:,} ~{release.updated:,} -{release.deleted:,})",
        )
    for dataset, kinds in _discrepancies(hub).items():
        parts = ", ".join(f"{rows:,} {kind}" for kind, rows in kinds.most_common())
        table.add_row(f"discrepancies 差异 {dataset}", parts)
    stood = summed(tallies(hub.ledger, hub.now(), hub.now().date()))
    if stood["findings"]:
        table.add_row(
            "findings 比对结果",
            f"{stood['findings']:,} found 命中, {yuan(stood['amount_fen'])} yuan 元 at stake 涉及",
        )
    if orders := open_by_department(desk_of(hub)):
        table.add_row("open work orders 未结工单", open_orders(orders))
    if findings := _findings(hub):
        table.add_row("open findings 待核线索", findings)
    for what, line in shared(hub):
        table.add_row(what, line)
    for failure in outcome.failures:
        table.add_row("[red]failed 失败[/]", failure)
    console.print()
    console.print(table, highlight=False)
    reports = "".join(f"\n  report     {path}" for path in _report(hub, outcome))
    hub_command = f".venv/bin/hub --home {stage.home}"
    console.print(
        f"\nWhere to look 查看\n"
        f"  Airflow    {stage.url}   user {USER}, password {stage.password}\n"
        f"  home       {stage.home}   (ledger, store, logs){reports}"
        f"{to_try(hub, stage)}\n"
        f"  commands   {hub_command} batch list\n"
        f"             {hub_command} quarantine list\n"
        f"             {hub_command} discrepancy list\n"
        f"             {hub_command} order list\n"
        f"             {hub_command} crosscheck findings\n"
        f"             {hub_command} crosscheck list\n"
        f"             {hub_command} dataset show population\n"
        f"             {hub_command} request list\n"
        f"             {hub_command} deliver list\n"
        f"             {hub_command} report hub",
        highlight=False,
        soft_wrap=True,
    )


def totals(outcome: Outcome) -> Counts:
    """The sum of all certificates."""
    counts = [batch.counts for batch in outcome.batches if batch.counts]
    names = ("source", "landed", "accepted", "quarantined", "unchanged", "deleted")
    return Counts(**{name: sum(getattr(c, name) for c in counts) for name in names})


def _report(hub: Hub, outcome: Outcome) -> tuple[Path, ...]:
    """The whole hub's report of the month of the newest batch; none without batches."""
    moments = [batch.window.as_of for batch in outcome.batches]
    files = whole_report(hub, max(moments)).files if moments else ()
    return tuple(path for path in files if path.suffix == ".html")


def _findings(hub: Hub) -> str:
    """What the cross-checks found and nobody has answered yet, in one line; "" for nothing."""
    now = hub.now()
    counts: Counter[str] = Counter()
    stake_fen = 0
    for tally in tallies(hub.ledger, now, now.astimezone(ZoneInfo(ZONE)).date()):
        if tally.state in UNANSWERED:
            counts[tally.crosscheck] += tally.findings
            stake_fen += tally.amount_fen - tally.recovered_fen
    if not counts:
        return ""
    most = ", ".join(f"{name} {n:,}" for name, n in counts.most_common(3))
    rest = ", …" if len(counts) > 3 else ""
    return f"{counts.total():,} with {stake_fen / 100:,.2f} yuan 元 at stake: {most}{rest}"


def _discrepancies(hub: Hub) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    try:
        for row in by_kind(hub):
            found.setdefault(row["dataset"], Counter())[row["kind"]] += row["rows"]
    except NotFound:
        return {}
    return found
