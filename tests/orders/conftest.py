"""The small office, as most tests need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orders.office import Office, town


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with town(tmp_path) as opened:
        yield opened
