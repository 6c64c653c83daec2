"""The town of the objections' tests."""

from __future__ import annotations

from tests.objections.conftest import place, published

__all__ = ["place", "published"]
