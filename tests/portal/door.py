"""A portal in this process, asked over HTTP without a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from hub.ledger.passes import pass_of_digest
from hub.opened import Hub
from hub.records import Grant
from portal.app import app_of
from portal.desk import Desk
from tests.portal.open_portal import NOW, desk, make_hub, open_grant, release_day, town

TABLE = "/delta-sharing/shares/tax/schemas/people/tables/{}"
ROWS = 30


@dataclass
class Clock:
    """The hub's clock, which tests move."""

    now: Any = NOW

    def __call__(self) -> Any:
        return self.now


@dataclass(frozen=True, repr=False)
class Door:
    """A portal in this process, a grant that opens it, and another one's."""

    hub: Hub
    desk: Desk
    client: TestClient
    clock: Clock
    grant: Grant
    token: str
    other: Grant

    def get(self, path: str, token: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return self.client.get(path, headers=headers | more.pop("headers", {}), **more)

    def query(self, content: bytes | str = b"{}", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        path = TABLE.format(self.grant.id) + "/query"
        return self.client.post(path, headers=headers | more, content=content)

    def link(self) -> str:
        """A signed address as the portal gives it, without the host."""
        file = json.loads(self.query().text.splitlines()[2])["file"]
        return str(file["url"]).removeprefix("http://testserver")

    @property
    def credential(self) -> str:
        """The id of the credential that the token is of."""
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        held = pass_of_digest(self.hub.ledger, digest)
        assert held is not None
        return held.credential.id


@contextmanager
def door_at(folder: Path) -> Iterator[Door]:
    """Two versions of thirty rows, a grant, a token, and somebody else's grant."""
    clock = Clock()
    hub = replace(make_hub(folder), now=clock)
    release_day(hub, town(ROWS, 1), 1)
    release_day(hub, town(ROWS, 2), 2)
    grant, token = open_grant(hub)
    other, _ = open_grant(hub, subscriber="office")
    at = desk(hub)
    with TestClient(app_of(at)) as client:
        yield Door(hub, at, client, clock, grant, token, other)


def refused(answer: Any, status: int, code: str) -> str:
    """Assert the form of a refusal; its message."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"errorCode", "message"}
    assert body["errorCode"] == code
    zh, _, en = body["message"].partition(" / ")
    assert zh and en
    return str(body["message"])
