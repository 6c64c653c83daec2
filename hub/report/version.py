"""Which hub made a report."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def hub_version() -> str:
    """The installed version; a checkout that was never installed has none."""
    try:
        return version("exchange-hub")
    except PackageNotFoundError:
        return "0"
