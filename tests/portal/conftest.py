"""Portals of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.door import Door, door_at


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One portal for all tests of a file, which change nothing in it."""
    with door_at(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
def own_door(tmp_path: Path) -> Iterator[Door]:
    """A portal of the test's own."""
    with door_at(tmp_path) as opened:
        yield opened
