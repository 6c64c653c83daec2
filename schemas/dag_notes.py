"""What a DAG's page says, in Chinese and English, from the catalog's outline."""

from __future__ import annotations

from schemas.outline import DatasetOutline, DepartmentOutline, Outline, SupplyOutline
from schemas.properties import UpdateCycle

_COLLECT_ZH = (
    "从前置库拉取本部门的归集资源，落地后按数据契约检查。批次被暂缓或拒绝时不触发任何发布，"
    "原因在隔离区和检查报告中；任务变红只表示平台自身或前置库连接的故障。"
)
_COLLECT_EN = (
    "Pulls the department's supplies from its front end, lands them and holds each batch "
    "against its contract. A held or rejected batch wakes no dataset: the reasons are in the "
    "quarantine and the report. Red means a fault of the hub, or a front end out of reach."
)
_PUBLISH_ZH = (
    "任一归集资源有新批次通过检查即被唤醒；先等待正在进行的归集结束，"
    "再核对各部门数据并发布一个新版本。没有新内容时任务显示为跳过。"
)
_PUBLISH_EN = (
    "Woken when a batch of any supply below has passed its checks. Waits until the collections "
    "under way are over, reconciles what the departments say and publishes one new release. "
    "Skipped means that there was nothing new."
)

_DELIVER_ZH = (
    "数据集发布新版本即被唤醒：按每项有效授权把尚未收到的内容推送到需求部门的目录、SFTP 或数据库，"
    "附带更正通知，并签发交付回执。收件箱连接不上时自动重试，变红只影响该项授权。"
)
_DELIVER_EN = (
    "Woken by a release: pushes to each active grant what it has not received, into the "
    "subscriber's folder, SFTP account or database, with recall notices, and signs a receipt. "
    "An inbox out of reach is tried again and is red for its own grant alone."
)

_WATCH_ZH = (
    "每小时一次：时限临近和逾期各提示一次，到期授权即行终止，逾期未补正的申请和未争议的异议结案，"
    "已更正的异议结案并补发更正通知，按最近一次合格批次判断归集时效，清除已终止授权的文件，对审计日志签名。"
    "变红表示有一项没有做成，其余各项照常。"
)
_WATCH_EN = (
    "Every hour: warns of each clock once before its end and once after it, ends expired grants, "
    "closes what was let lie and what a release has mended, makes recalls that a crash left out, "
    "judges the freshness of supplies by their last good batch, removes the files of ended "
    "grants and signs the audit log. Red means that one of these failed; the others were done."
)

CYCLES_ZH = {
    UpdateCycle.REALTIME: "实时",
    UpdateCycle.DAILY: "每日",
    UpdateCycle.WEEKLY: "每周",
    UpdateCycle.TEN_DAYS: "每旬",
    UpdateCycle.MONTHLY: "每月",
    UpdateCycle.QUARTERLY: "每季度",
    UpdateCycle.HALF_YEARLY: "每半年",
    UpdateCycle.YEARLY: "每年",
    UpdateCycle.IRREGULAR: "不定期",
    UpdateCycle.NEVER: "不更新",
    UpdateCycle.OTHER: "其他",
}


def collect_note(department: DepartmentOutline) -> str:
    """Markdown for the DAG that collects one department."""
    zh = [
        f"## 归集：{department.title}",
        "",
        _COLLECT_ZH,
        "",
        "| 归集资源 | 名称 | 更新周期 | 方式 | 时限 | 契约版本 |",
        "|---|---|---|---|---|---|",
        *(_supply_row(s, CYCLES_ZH[s.cycle], "增量", "全量", "小时") for s in department.supplies),
    ]
    en = [
        f"## Collect: {department.title_en}",
        "",
        _COLLECT_EN,
        "",
        "| supply | title | cycle | mode | deadline | contract |",
        "|---|---|---|---|---|---|",
        *(
            _supply_row(s, s.cycle.value, "increment", "snapshot", "h", en=True)
            for s in department.supplies
        ),
    ]
    problems = [s.problem for s in department.supplies if s.problem]
    return _page(zh, en, problems)


def publish_note(dataset: DatasetOutline, outline: Outline) -> str:
    """Markdown for the DAG that publishes one dataset."""
    titles = {s.name: s for d in outline.departments.values() for s in d.supplies}
    rows_zh = [_source_row(name, titles, outline, en=False) for name in dataset.supplies]
    rows_en = [_source_row(name, titles, outline, en=True) for name in dataset.supplies]
    others = "、".join(outline.datasets[n].title for n in dataset.datasets if n in outline.datasets)
    others_en = ", ".join(
        outline.datasets[n].title_en for n in dataset.datasets if n in outline.datasets
    )
    zh = [
        f"## 发布：{dataset.title}",
        "",
        dataset.purpose,
        "",
        _PUBLISH_ZH,
        *(["", f"引用的数据集：{others}"] if others else []),
        "",
        "| 归集资源 | 名称 | 提供部门 |",
        "|---|---|---|",
        *rows_zh,
    ]
    en = [
        f"## Publish: {dataset.title_en}",
        "",
        _PUBLISH_EN,
        *(["", f"Refers to: {others_en}"] if others_en else []),
        "",
        "| supply | title | department |",
        "|---|---|---|",
        *rows_en,
    ]
    return _page(zh, en, [dataset.problem] if dataset.problem else [])


def deliver_note(dataset: DatasetOutline) -> str:
    """Markdown for the DAG that delivers one dataset."""
    zh = [f"## 交付：{dataset.title}", "", _DELIVER_ZH]
    en = [f"## Deliver: {dataset.title_en}", "", _DELIVER_EN]
    return _page(zh, en, [dataset.problem] if dataset.problem else [])


def watch_note() -> str:
    """Markdown for the DAG that watches the clocks of sharing."""
    en = ["## Watch: what time alone brings", "", _WATCH_EN]
    return _page(["## 巡检", "", _WATCH_ZH], en, [])


def _page(zh: list[str], en: list[str], problems: list[str]) -> str:
    warning = [f"> ⚠ 契约无法读取 · unreadable contract: `{problem}`\n" for problem in problems]
    return "\n".join([*warning, *zh, "", "---", "", *en, ""])


def _supply_row(
    supply: SupplyOutline, cycle: str, increment: str, snapshot: str, hours: str, en: bool = False
) -> str:
    title = supply.title_en if en else supply.title
    mode = increment if supply.mode == "increment" else snapshot
    deadline = "–" if supply.latency_h is None else f"{supply.latency_h:g} {hours}"
    cells = (f"`{supply.name}`", title, cycle, mode, deadline, supply.version)
    return f"| {' | '.join(cells)} |"


def _source_row(
    name: str, supplies: dict[str, SupplyOutline], outline: Outline, *, en: bool
) -> str:
    supply = supplies.get(name)
    if supply is None:
        return f"| `{name}` | ⚠ | ⚠ |"
    department = outline.departments[name.partition("/")[0]]
    if en:
        return f"| `{name}` | {supply.title_en} | {department.title_en} |"
    return f"| `{name}` | {supply.title} | {department.title} |"
