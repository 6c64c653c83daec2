"""What a number is judged against: a day, and the divisions that are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quality import sql

# Provinces of GB/T 2260: all that is known of divisions when the catalog carries no list.
PROVINCES = frozenset(
    str(province)
    for region in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for province in region
)
TEST_PROVINCE = "99"  # never assigned: where invented people live


@dataclass(frozen=True)
class Reference:
    """`divisions`: six-digit codes that were in use on any day; None: only provinces are known."""

    as_of: date
    divisions: frozenset[str] | None = None

    def knows_division(self, code: str) -> bool:
        if self.divisions is not None:
            return code in self.divisions
        return code[:2] in PROVINCES or code[:2] == TEST_PROVINCE

    def knows_division_sql(self, code: str) -> str:
        if self.divisions is not None:
            return sql.member(code, [sql.text(c) for c in sorted(self.divisions)] or ["''"])
        known = sorted(PROVINCES | {TEST_PROVINCE})
        return sql.member(f"substr({code}, 1, 2)", [sql.text(c) for c in known])
