"""The whole hub's report at the end of a run, for whoever looks there next."""

from __future__ import annotations

from datetime import datetime

from hub.opened import Hub
from hub.report.backfill import backfill
from hub.report.giving import Given, give
from hub.report.month import hub_document
from hub.report.period import month_of
from quality.scorecard.configuration import shelf


def whole_report(hub: Hub, moment: datetime) -> Given:
    """Keep and write the report of the month that a moment lies in, into `reports/` of the home.

    Raises `CatalogInvalid` for a scorecard of the catalog's own that cannot be used.
    """
    found = shelf(hub.catalog.root)
    backfill(hub)
    document = hub_document(hub, found, month_of(moment), hub.ledger.moment(hub.now))
    return give(hub, document, formats="html,json")
