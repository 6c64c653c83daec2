"""A report document as files for people and machines: HTML, Excel, JSON."""

from __future__ import annotations

from hub.report.view.files import FORMATS, write

__all__ = ["FORMATS", "write"]
