"""The time that a report is about: a calendar month in the hub's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hub.errors import SettingsError

ZONE_NAME = "Asia/Shanghai"
"""Months begin at midnight here, whatever zone the machine is in."""
ZONE = ZoneInfo(ZONE_NAME)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """One calendar month; `since` inclusive, `until` exclusive, both aware."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def since(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=ZONE)

    @property
    def until(self) -> datetime:
        return self.next.since

    @property
    def next(self) -> Month:
        return self.later(1)

    def later(self, months: int) -> Month:
        """This many months later; negative: earlier."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)


def month_of(moment: datetime) -> Month:
    """The month that an aware moment lies in."""
    local = moment.astimezone(ZONE)
    return Month(local.year, local.month)


def read_month(text: str) -> Month:
    """`2026-11`; raises `SettingsError` for anything else."""
    found = _MONTH.fullmatch(text)
    if found is None or found[1] == "0000":
        raise SettingsError(f"a month is written YYYY-MM, e.g. 2026-11; found {text!r}")
    return Month(int(found[1]), int(found[2]))


def moment(text: str) -> datetime:
    """An aware ISO 8601 moment as a document holds it."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def written(at: datetime) -> str:
    """A moment as a document holds it: ISO 8601 in the hub's time zone."""
    return at.astimezone(ZONE).isoformat()
