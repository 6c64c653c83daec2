"""What goes wrong with whole deliveries: late, renamed, half-written.

The supplies concerned carry no other faults wherever a batch may be held for it.
"""

from __future__ import annotations

from datetime import timedelta

from sample.drops import file_name, touch
from sample.faults import Fault
from sample.plan import Plan
from sample.target import Target
from schemas.contract import Catalog, Supply

RENAMED = {"transport/drivers": {"lxdh": "sjhm"}}  # without a word to the hub
ALIASED = {"justice/aid_cases": {"身份证号": "证件号码"}}  # a known variant
LATE = {"veterans/veterans": timedelta(days=3)}  # the newest file is that old
UNMARKED = "funeral/cremations"  # the next file is there, its marker is not
PARTIAL = "agriculture/contractors"  # the next file is still being uploaded


def renamed(supply: Supply, plan: Plan) -> dict[str, str]:
    """Promised column -> the name that it bears now."""
    if not plan.faults:
        return {}
    return {**RENAMED.get(supply.name, {}), **ALIASED.get(supply.name, {})}


def troubled_deliveries(catalog: Catalog, plan: Plan) -> list[Fault]:
    """The truth about whole deliveries of the first day."""
    truth = [
        Fault("half_written_file", name, half_name(catalog.supplies[name], plan), "", "batch",
              "not_read")
        for name in (UNMARKED, PARTIAL)
    ]  # fmt: skip
    for name, columns in RENAMED.items():
        for promised, live in columns.items():
            truth += [
                Fault("renamed_column", name, "", promised, "drift", "column_missing", live),
                Fault("renamed_column", name, "", live, "drift", "column_unknown", promised),
            ]
    for name, columns in ALIASED.items():
        for promised, live in columns.items():
            truth.append(Fault("header_variant", name, "", live, "drift", "column_alias", promised))
    for name, delay in LATE.items():
        file = file_name(catalog.supplies[name], plan.day - delay)
        truth.append(Fault("late_batch", name, file, "", "batch", "late"))
    return truth


def half_name(supply: Supply, plan: Plan) -> str:
    """The name of the file that stands half written on the first day: tomorrow's."""
    name = file_name(supply, plan.day + timedelta(days=1))
    return f"{name}.part" if supply.name == PARTIAL else name


def leave_half_files(target: Target, catalog: Catalog, plan: Plan) -> None:
    """Leave half of today's file under tomorrow's name, as a broken upload does."""
    for name in (UNMARKED, PARTIAL):
        supply = catalog.supplies[name]
        folder = target.drop(supply.department.name)
        content = (folder / file_name(supply, plan.day)).read_bytes()
        half = folder / half_name(supply, plan)
        half.write_bytes(content[: len(content) // 2])
        touch(half, plan.day)


def finish_half_files(target: Target, catalog: Catalog, plan: Plan) -> None:
    """Remove what the finished upload replaces."""
    supply = catalog.supplies[PARTIAL]
    (target.drop(supply.department.name) / half_name(supply, plan)).unlink(missing_ok=True)
