"""What a number is judged against: a day, and the divisions that are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quality import sql

# Provinces of GB/T 2260: all that is known of divisions when the catalog carries no list.
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
    "50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
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
