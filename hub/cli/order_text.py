"""One work order on a terminal."""

from __future__ import annotations

from typing import Any

from hub.cli.context import Context


def print_order(context: Context, found: dict[str, Any], lang: str) -> None:
    """Print an order's facts, its rules in words and its history."""
    names = found["department_name"]
    left = found["days_left"]
    facts = {
        "order 工单": found["id"],
        "department 部门": " ".join([found["department"], *names.values()]),
        "supply 归集资源": found["supply"],
        "state 状态": found["state"],
        "due 期限": found["due_on"] + ("" if left is None else f"  ({left} working days 工作日)"),
        "items 条目": ", ".join(f"{count:,} {state}" for state, count in found["states"].items()),
        "seen in 发现于": found["round"],
    }
    for name, value in facts.items():
        print(f"{name:<20}{value}")
    if found["weekends_only"]:
        years = ", ".join(map(str, found["weekends_only"]))
        print(f"The calendar knows no public holidays of {years}: weekends alone were counted.")
        print(f"日历未收录 {years} 年的节假日安排，仅按周末推算。")
    for rule in found["rules"]:
        print()
        states = ", ".join(f"{n:,} {state}" for state, n in sorted(rule["states"].items()))
        print(f"{rule['rule']}  {rule['items']:,} items ({states})")
        for language in ("zh", "en"):
            if lang in (language, "both"):
                print(f"  {rule[language]}")
                if rule[f"mend_{language}"]:
                    print(f"  → {rule[f'mend_{language}']}")
        if rule["clause"]:
            print(f"  standard 标准  {rule['clause']}")
        if rule["fields"]:
            print(f"  fields 字段    {', '.join(rule['fields'])}")
        print(f"  evidence 依据  {', '.join(rule['shown_in'])}")
        if rule["others"]:
            others = ", ".join(f"{name} ({n:,})" for name, n in sorted(rule["others"].items()))
            print(f"  other side 另一方  {others}")
    rows = [{**event, "detail": _detail(event["detail"])} for event in found["history"]]
    context.show(
        rows,
        {
            "at": "at",
            "by": "by",
            "action": "action",
            "items": "items",
            "reason": "reason 理由",
            "detail": "detail",
        },
        "\nHistory 经过",
    )


def _detail(detail: dict[str, Any] | None) -> str:
    return ", ".join(f"{name}: {value}" for name, value in (detail or {}).items())
