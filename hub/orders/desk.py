"""What the work orders are kept with: ledger, store, catalog, and the key of their digests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.errors import CatalogError
from hub.ledger import Ledger
from hub.store import Store
from schemas.contract import Catalog
from schemas.properties import ZONE, Feedback
from schemas.workdays import CalendarInvalid, Workdays, add_working_days, read_workdays

LOCK = "orders"
"""Held by whoever changes work orders: rounds and persons come one after the other."""


@dataclass(frozen=True)
class Desk:
    """Where work orders are opened, handed out and closed."""

    ledger: Ledger
    store: Store
    catalog: Catalog
    key: str
    now: Callable[[], datetime]

    def department(self, supply: str) -> str:
        """The department that owns a supply, also one that left the catalog."""
        return supply.partition("/")[0]

    def day(self, supply: str, moment: datetime) -> date:
        """The day of a moment where the department is."""
        known = self.catalog.departments.get(self.department(supply))
        return moment.astimezone(ZoneInfo(known.timezone if known else ZONE)).date()

    def due_on(self, supply: str, day: date) -> date:
        """The last working day for an answer to what was sent on `day`."""
        known = self.catalog.supplies.get(supply)
        feedback = known.properties.feedback if known else Feedback()
        return add_working_days(day, feedback.working_days, self.calendar)

    @property
    def calendar(self) -> Workdays:
        """The working days of the catalog; raises `CatalogError`."""
        try:
            return read_workdays(self.catalog.root)
        except CalendarInvalid as error:
            raise CatalogError(str(error)) from error
