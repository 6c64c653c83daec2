"""Which rule set a clock goes by, and which days are working days."""

from __future__ import annotations

from datetime import date

from hub.errors import CatalogError
from hub.officers import sharing_of
from hub.opened import Hub
from schemas.clocks import RuleSet, in_force
from schemas.workdays import CalendarInvalid, Workdays, read_workdays


def calendar_of(hub: Hub) -> Workdays:
    """The working days of the catalog; raises `CatalogError`."""
    try:
        return read_workdays(hub.catalog.root)
    except CalendarInvalid as error:
        raise CatalogError(str(error)) from error


def rules_in_force(hub: Hub, on: date) -> RuleSet:
    """The rule set of the catalog's profile on a day; raises `CatalogError`."""
    name = sharing_of(hub.catalog).clocks
    rules = in_force(hub.catalog.clocks, name, on)
    if rules is None:
        raise CatalogError(f"{name}: {on} 没有生效的时限规则 / no clock rules in force on {on}")
    return rules
