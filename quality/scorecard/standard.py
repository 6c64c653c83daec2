"""The indicators of GB/T 36344-2018: code, names, dimension, direction.

The standard gives the general form X = A / B. Two indicators count what is wrong, so that lower is
better; public transcriptions of the standard differ on them (X = A / B or 1 - A / B), which is why
the hub keeps A and B as counted and turns only the score round.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Indicator:
    """One indicator. `inverted`: its numerator counts what is wrong."""

    code: str  # four digits; the first two are its dimension
    zh: str
    en: str
    inverted: bool = False

    @property
    def dimension(self) -> str:
        return self.code[:2]


DIMENSIONS = {
    "01": ("规范性", "Conformity"),
    "02": ("完整性", "Completeness"),
    "03": ("准确性", "Accuracy"),
    "04": ("一致性", "Consistency"),
    "05": ("时效性", "Timeliness"),
    "06": ("可访问性", "Accessibility"),
}

INDICATORS = {
    indicator.code: indicator
    for indicator in (
        Indicator("0101", "数据标准", "Data standards"),
        Indicator("0102", "数据模型", "Data model"),
        Indicator("0103", "元数据", "Metadata"),
        Indicator("0104", "业务规则", "Business rules"),
        Indicator("0105", "权威参考数据", "Reference data"),
        Indicator("0106", "安全规范", "Security rules"),
        Indicator("0201", "数据元素完整性", "Elements filled"),
        Indicator("0202", "数据记录完整性", "Records present"),
        Indicator("0301", "数据内容正确性", "Content correct"),
        Indicator("0302", "数据格式合规性", "Format compliant"),
        Indicator("0303", "数据重复率", "Duplicates", inverted=True),
        Indicator("0304", "数据唯一性", "Uniqueness"),
        Indicator("0305", "脏数据出现率", "Dirty data", inverted=True),
        Indicator("0401", "相同数据一致性", "Agreement across departments"),
        Indicator("0402", "关联数据一致性", "Consistency of related data"),
        Indicator("0501", "基于时间段的正确性", "Correct by period"),
        Indicator("0502", "基于时间点的及时性", "Timely"),
        Indicator("0503", "时序性", "Order in time"),
        Indicator("0601", "可访问", "Obtainable"),
        Indicator("0602", "可用性", "Usable"),
    )
}
