"""All benchmarks, one after the other: `make bench`, or `make bench BENCH=check`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALL = (
    *("extract", "check", "reconcile", "city", "link", "publish", "increment"),
    *("share", "serve", "whole"),
)


def main(chosen: list[str]) -> int:
    """Run the chosen benchmarks, all by default; the worst exit status is ours."""
    unknown = sorted(set(chosen) - set(ALL))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    worst = 0
    for name in chosen or ALL:
        print(f"\n== {name} ==", flush=True)
        # A process each: one benchmark's memory must not weigh on the next one's.
        script = Path(__file__).with_name(f"{name}.py")
        worst = max(worst, subprocess.call([sys.executable, script]))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
