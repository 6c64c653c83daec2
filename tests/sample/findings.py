"""What the hub found in a city, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hub.discrepancies import export_rows
from hub.opened import Hub


def discrepancies(hub: Hub, scratch: Path) -> list[dict[str, Any]]:
    """All discrepancies of the newest releases."""
    out = scratch / "discrepancies.parquet"
    export_rows(hub, out)
    return list(pq.read_table(out).to_pylist())
