"""What goes wrong with whole deliveries: late, renamed, half-written.

The supplies concerned carry no other faults wherever a batch may be held for it.
"""

from __future__ import annotations

from datetime import timedelta

from sample.drops import file_name
from sample.faults import Fault
from sample.plan import Plan
from sample.target import Target
from schemas.contract import Catalog, Supply

RENAMED = {"transport/drivers": {"lxdh": "sjhm"}}  # without a word to the hub
ALIASED = {"justice/aid_cases": {"身份证号": "证件号码"}}  # a header variant that the contract knows
LATE = {"veterans/veterans": timedelta(days=3)}  # the newest file is that old
UNMARKED = "funeral/cremations"  # the next file is there, its marker is not
PARTIAL = "agriculture/contractors"  # the next file is still being uploaded


def renamed(supply: Supply, plan: Plan) -> dict[str, str]:
    """Promised column -> the name that it bears now."""
    if not plan.faults:
        return {}
    return {**RENAMED.get(supply.name, {}), **ALIASED.get(supply.name, {})}


def disturb(target: Target, catalog: Catalog, plan: Plan) -> list[Fault]:
    """Leave half-written files in two drops; returns the truth about all whole deliveries."""
    truth = [
        Fault("half_written_file", name, _leave_half(target, catalog.supplies[name], plan), "",
              "batch", "not_read")
        for name in (UNMARKED, PARTIAL)
    ]  # fmt: skip
    for name, columns in RENAMED.items():
        for promised, live in columns.items():
            truth.append(Fault("renamed_column", name, "", promised, "drift", "column_missing", live))
            truth.append(Fault("renamed_column", name, "", live, "drift", "column_unknown", promised))
    for name, columns in ALIASED.items():
        for promised, live in columns.items():
            truth.append(Fault("header_variant", name, "", live, "drift", "column_alias", promised))
    for name, delay in LATE.items():
        file = file_name(catalog.supplies[name], plan.day - delay)
        truth.append(Fault("late_batch", name, file, "", "batch", "late"))
    return truth


def _leave_half(target: Target, supply: Supply, plan: Plan) -> str:
    """Half of today's file under tomorrow's name; returns that name."""
    folder = target.drop(supply.department.name)
    whole = folder / file_name(supply, plan.day)
    half = folder / file_name(supply, plan.day + timedelta(days=1))
    if supply.name == PARTIAL:
        half = half.with_name(half.name + ".part")
    content = whole.read_bytes()
    half.write_bytes(content[: len(content) // 2])
    return half.name
