"""One granted request in the small city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub import grants, requests
from hub.opened import Hub
from hub.records import Grant
from schemas.sharing import Application
from tests.requests.city import ASKED, Clock, sharing_hub


@dataclass(frozen=True)
class Town:
    hub: Hub
    clock: Clock
    grant: Grant


def granted(hub: Hub, asked: Application = ASKED) -> Grant:
    """A request, the usual one by default, granted in full."""
    filed = requests.file(hub, asked, "ann")
    requests.accept(hub, filed.id, "sue")
    done = requests.decide(hub, filed.id, "grant", "paul")
    assert done.grant_id is not None
    return grants.grant_of(hub, done.grant_id)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with sharing_hub(tmp_path) as (hub, clock):
        yield Town(hub, clock, granted(hub))
