"""One small hub for all examples of a session: masking writes nothing."""

from __future__ import annotations

import pytest

from hub.opened import Hub
from tests.shares.world import make_hub


@pytest.fixture(scope="session")
def small_hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    return make_hub(tmp_path_factory.mktemp("masking"))
