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

    def knows_division_sql(self, code: str, folded: bool) -> str:
        """The SQL face. `folded`: the code stands in a text that had to be made plain.

        DuckDB takes IN out of its CASE and runs it over every row: cheap for the text as it is,
        very dear for the folded text that next to no row needs. There the list is walked instead.
        """
        known = self.divisions if self.divisions is not None else PROVINCES | {TEST_PROVINCE}
        part = code if self.divisions is not None else f"substr({code}, 1, 2)"
        listed = [sql.text(known_code) for known_code in sorted(known)]
        if folded or not listed:
            return f"coalesce(list_position([{', '.join(listed)}]::VARCHAR[], {part}) > 0, FALSE)"
        return sql.member(part, listed, joined=True)
