"""One town for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.opened import Hub
from tests.report.town import town


@pytest.fixture(scope="session")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with home and catalog after three days."""
    folder = tmp_path_factory.mktemp("town")
    with town(folder):
        pass
    return folder


@pytest.fixture
def seen(three_days: Path) -> Iterator[Hub]:
    """The hub of that town; read only."""
    with town(three_days, 0) as hub:
        yield hub
