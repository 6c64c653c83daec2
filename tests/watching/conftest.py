"""A town for each test, copied from one that was published once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.objections.town import Town, town


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a town after its first day."""
    folder = tmp_path_factory.mktemp("town")
    with town(folder):
        return folder


@pytest.fixture
def place(tmp_path: Path, published: Path) -> Iterator[Town]:
    with town(tmp_path, published) as opened:
        yield opened
