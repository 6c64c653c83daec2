"""A fresh small hub for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.opened import Hub
from tests.shares.world import make_hub


@pytest.fixture
def small_hub(tmp_path: Path) -> Iterator[Hub]:
    hub = make_hub(tmp_path)
    yield hub
    hub.store.close()
    hub.ledger.engine.dispose()


@pytest.fixture(scope="module")
def lasting_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub for all examples of a law: opening a ledger takes longer than an example."""
    hub = make_hub(tmp_path_factory.mktemp("lasting"))
    yield hub
    hub.store.close()
    hub.ledger.engine.dispose()
