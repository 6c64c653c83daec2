"""The truth file: every planted fault, so that tests can state precision and recall."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sample.cases import Case
from sample.faults import Fault
from sample.plan import Plan

NAME = "truth.json"


def write_truth(
    folder: Path,
    plan: Plan,
    rows: dict[str, int],
    faults: Sequence[Fault],
    cases: Sequence[Case] = (),
    day: int = 1,
) -> Path:
    """Write `truth.json`: people, seed, faults, day, days, rows per supply, faults and cases."""
    document = {
        "people": plan.people,
        "seed": plan.seed,
        "faults": plan.faults,
        "day": plan.day.isoformat(),
        "days": day,
        "rows": rows,
        "planted": [asdict(fault) for fault in faults],
        "cases": [asdict(case) for case in cases],
    }
    path = folder / NAME
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def read_truth(folder: Path) -> dict[str, Any]:
    """The document that `write_truth` wrote."""
    document: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return document


def planted(folder: Path) -> list[Fault]:
    """All planted faults of a city, in their order."""
    return [Fault(**fault) for fault in read_truth(folder)["planted"]]


def planted_cases(folder: Path) -> list[Case]:
    """All planted cases of cross-checks and their near misses, in their order."""
    return [
        Case(**{**case, "rows": tuple((supply, key) for supply, key in case["rows"])})
        for case in read_truth(folder)["cases"]
    ]
