"""A city of 3.8 million people: thirteen supplies, about 35 million rows, reconciled.

Run `python benchmarks/city.py`; SCALE=0.1 gives a tenth of the people, MEMORY_MB the engine's
memory (12 GB), DATA=folder keeps the sources. Reports time, processor seconds, memory and disk per
stage, and the growth from the five sources of a million rows of benchmarks/reconcile.py.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("MEMORY_MB", "12000")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.reconcile import COVERAGE, PEOPLE, generate, hub

SCALE = float(os.environ.get("SCALE", "1"))
CITY = 3_800_000
SUPPLIES = (1.0, 0.97, 0.95, 0.93, 0.9, 0.88, 0.85, 0.8, 0.75, 0.6, 0.45, 0.08, 0.04)
"""Police, health insurance, pension … down to the small ones."""

STAGES = {
    "read": ("read_rows",),
    "entities": (
        "connect_keys",
        "split_entities",
        "link_rows",
        "register_keys",
        "name_entities",
        "fold_duplicates",
    ),
    "golden": ("build_golden",),
    "check": ("check_laws", "count_measures", "list_possible_duplicates"),
    "write": ("copy",),
}


def _measured(folder: Path) -> None:
    """Reconcile in this process, timing the room's own steps."""
    from hub.reconcile import room

    spent: dict[str, list[float]] = {stage: [0.0, 0.0, 0.0] for stage in STAGES}

    def timed(stage: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            wall, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
            try:
                return step(*args, **kwargs)
            finally:
                now = resource.getrusage(resource.RUSAGE_SELF)
                entry = spent[stage]
                entry[0] += time.perf_counter() - wall
                entry[1] += now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
                entry[2] = now.ru_maxrss / 1024

        return run

    for stage, steps in STAGES.items():
        for name in steps:
            if hasattr(room, name):
                setattr(room, name, timed(stage, getattr(room, name)))
    done, spilled = threading.Event(), [0]
    watcher = threading.Thread(target=_watch, args=(folder / "store/scratch", done, spilled))
    watcher.start()
    begun = time.perf_counter()
    found = hub(folder)
    done.set()
    watcher.join()
    wall, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    for stage, (seconds, cpu, peak) in spent.items():
        print(
            f"  {stage:9} {seconds:7.1f} s wall {cpu:7.1f} s processor, peak so far {peak:6.0f} MB"
        )
    written = _size(folder / "store/reconciled") >> 20
    print(
        f"  whole     {wall:7.1f} s wall {used.ru_utime + used.ru_stime:7.1f} s processor, peak "
        f"{used.ru_maxrss >> 10} MB, spilled {spilled[0] >> 20} MB, wrote {written} MB, "
        f"{found} conflicting values",
        flush=True,
    )


def _watch(folder: Path, done: threading.Event, most: list[int]) -> None:
    while not done.wait(1):
        most[0] = max(most[0], _size(folder))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def main() -> None:
    """The five million rows first, then the city, each in a process of its own."""
    kept = os.environ.get("DATA")
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="hub-city-") as name:
        for label, people, coverage in (
            ("five", int(PEOPLE * SCALE), COVERAGE),
            ("city", int(CITY * SCALE), SUPPLIES),
        ):
            folder = Path(name) / label
            if not folder.exists():
                folder.mkdir(parents=True)
                generate(folder, people, coverage)
            rows = sum(people * share for share in coverage)
            print(
                f"{label}: {people} people, {len(coverage)} supplies, about {rows / 1e6:.1f} M "
                f"rows, {_size(folder) >> 20} MB of Parquet",
                flush=True,
            )
            subprocess.run([sys.executable, __file__, str(folder)], check=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _measured(Path(sys.argv[1]))
    else:
        main()
