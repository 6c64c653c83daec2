"""What the hub adds to one entry under `quality:` of a contract."""

from __future__ import annotations

from typing import Literal

from schemas.properties import Promise


class EntryProperties(Promise):
    """`customProperties` of a quality entry; the indicators are those of GB/T 36344-2018."""

    indicator: Literal[
        "0101", "0102", "0103", "0104", "0105", "0106", "0201", "0202", "0301", "0302",
        "0303", "0304", "0305", "0401", "0402", "0501", "0502", "0503", "0601", "0602",
    ] | None = None  # fmt: skip
