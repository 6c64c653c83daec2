"""Clocks in the ledger: moved inside of the transaction of the act that moves them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from hub.ledger.opening import Ledger
from hub.records import Clock


def running(
    connection: Connection, subject: str, subject_id: str, duty: str | None = None
) -> list[Clock]:
    """The clocks of one case that are not stopped, standing still or not."""
    raise NotImplementedError


def stop(
    connection: Connection, subject: str, subject_id: str, on: date, duty: str | None = None
) -> list[Clock]:
    """Stop a case's clocks (of one duty, None: all); returns those that it stopped."""
    raise NotImplementedError


def unstopped(ledger: Ledger, department: str | None = None) -> list[Clock]:
    """All clocks that are not stopped, the first due first; those that stand still come last."""
    raise NotImplementedError
