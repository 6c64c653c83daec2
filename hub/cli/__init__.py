"""The command line: `hub`. Every group of commands is one module of this package."""

from __future__ import annotations

from hub.cli.app import main

__all__ = ["main"]
