"""Check: a landing becomes accepted rows, quarantined rows, a report and a verdict."""

from __future__ import annotations

from hub.check.room import check

__all__ = ["check"]
