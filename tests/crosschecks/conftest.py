"""The village, as most tests need it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crosschecks.village import Village, village


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a filled village after its first release."""
    folder = tmp_path_factory.mktemp("village")
    with village(folder) as opened:
        opened.publish()
    return folder


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Iterator[Village]:
    """A filled village with its first release, one's own."""
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    with village(tmp_path, fill=False) as opened:
        opened.day = 1
        yield opened
