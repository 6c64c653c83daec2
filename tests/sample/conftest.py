"""Cities that a hub has collected, reconciled, published and asked: slow to make, so made once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import sample
from hub.opened import Hub, open_hub
from hub.steps import run_all
from tests.sample.reading import CATALOG


def asked(home: Path, people: int, seed: int, faults: bool = True) -> Iterator[Hub]:
    """The hub of a city after one whole run."""
    sample.create(home, people, seed, faults)
    with open_hub(home, CATALOG) as hub:
        assert run_all(hub, datetime.now(UTC)).faults == []
        yield hub


@pytest.fixture(scope="session")
def faulty_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A city with planted faults and cases."""
    yield from asked(tmp_path_factory.mktemp("faulty"), 4_000, seed=11)


@pytest.fixture(scope="session")
def clean_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A city in which nothing is wrong."""
    yield from asked(tmp_path_factory.mktemp("clean"), 2_000, seed=7, faults=False)
