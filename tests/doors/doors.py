"""The doors of a hub: whatever a subscriber, or anybody who asks in its name, can get hold of."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy
from starlette.testclient import TestClient

from hub import shares
from hub.deliver import deliver
from hub.errors import DoesNotFit, HubError
from hub.opened import Hub
from hub.records import Grant
from hub.shares.views import key_of
from schemas.sharing import DatabaseInbox, FileInbox, Inbox, Terms, Way
from tests.deliver.town import with_inbox
from tests.doors.canaries import Row, everything, needles, row
from tests.portal.open_portal import open_grant
from tests.shares import oracle
from tests.shares.world import make_release


@dataclass
class House:
    """A hub with all its doors, and the releases so far."""

    hub: Hub
    client: TestClient
    log: Path


@dataclass(frozen=True)
class Case:
    """Two releases full of canaries, a grant on the second, and what may be seen of them."""

    grant: Grant
    token: str
    versions: tuple[int, int]
    rows: tuple[list[Row], list[Row]]
    shown: tuple[pd.DataFrame, pd.DataFrame]
    hidden: set[bytes]


def case(house: House, terms: Terms, seed: int) -> Case:
    chance = random.Random(seed)
    first = [row(chance, admitted) for admitted in (True, True, True, False, False)]
    second = [dict(one) for one in first[1:]] + [row(chance, True), row(chance, False)]
    fresh = row(chance, True)
    for name in ("full_name", "visits", "amount", "secret", "备注"):
        second[0][name] = fresh[name]  # changed
    second[1]["secret"] = fresh["secret"]  # changed where nobody may see it
    second[1]["division"], second[1]["visits"] = "9902" + fresh["secret"], -fresh["visits"]  # left
    made = [make_release(house.hub, rows) for rows in (first, second)]
    versions = made[0].version, made[1].version
    grant, token = open_grant(house.hub, terms, since_version=versions[0])
    key = key_of(house.hub, grant)
    shown = [oracle.expected(terms, rows, key) for rows in (first, second)]
    said = json.dumps(terms.model_dump(mode="json"))
    both = pd.concat(shown)
    hidden = needles([*first, *second], both, said)
    return Case(grant, token, versions, (first, second), (shown[0], shown[1]), hidden)


def same(table: Any, shown: pd.DataFrame) -> None:
    """The rows are those of the oracle, in its order."""
    assert table.to_pylist() == shown.to_dict("records")


def kept(house: House, told: Case, log: int) -> dict[str, bytes]:
    """What the hub keeps for the subscriber, and what it wrote down meanwhile."""
    files = everything(house.hub.store.path("shared") / told.grant.id)
    return files | {"ledger": raw_ledger(house.hub), "log": house.log.read_bytes()[log:]}


def pq_bytes(hub: Hub, told: Case, version: int) -> bytes:
    """The files at rest, held against the oracle."""
    share = shares.rows(hub, told.grant, version)
    (file,) = share.files
    path = hub.store.path(file.uri)
    same(pq.read_table(path), told.shown[told.versions.index(version)])
    return path.read_bytes()


def raw_ledger(hub: Hub) -> bytes:
    """The ledger with its write-ahead log."""
    home = hub.settings.home
    return b"".join(path.read_bytes() for path in sorted(home.glob("ledger.db*")))


def by_file(house: House, told: Case, folder: Path) -> dict[str, bytes]:
    """What is written for people."""
    folder.mkdir()
    for version in told.versions:
        for kind, make in (("rows", shares.rows), ("changes", shares.changes)):
            share = make(house.hub, told.grant, version)
            for suffix in (".csv", ".xlsx", ".parquet"):
                path = folder / f"{version}-{kind}{suffix}"
                try:
                    shares.write_form(house.hub, share, path)
                except DoesNotFit as error:
                    path.with_suffix(".txt").write_text(str(error))
    return everything(folder)


def by_push(house: House, told: Case, folder: Path) -> dict[str, bytes]:
    """What stands in the subscriber's folder and database, whatever the form."""
    for form in ("parquet", "csv"):
        for content in ("rows", "changes"):
            own = folder / f"{form}-{content}"
            (own / "files").mkdir(parents=True)
            said: dict[str, Any] = {"url": f"file://{own}/files", "content": content, "form": form}
            base = DatabaseInbox(url=f"sqlite:///{own}/inbox.db")
            hub = with_inbox(house.hub, Inbox(file=FileInbox(**said), database=base))
            for way in (Way.FILE, Way.DATABASE):
                assert deliver(hub, told.grant.id, way, whole=True) is not None
    return everything(folder)


def by_portal(house: House, told: Case, folder: Path) -> dict[str, bytes]:
    """Every address of the portal, asked well and badly: bodies, headers, addresses, files."""
    left: dict[str, bytes] = {}
    bearer = {"Authorization": f"Bearer {told.token}"}

    def ask(method: str, path: str, **more: Any) -> Any:
        headers = bearer | more.pop("headers", {})
        answer = house.client.request(method, path, headers=headers, **more)
        assert answer.status_code < 500, (method, path)
        key = f"{len(left)} {method} {path}"
        left[key] = answer.content
        left[f"{key} headers"] = repr(answer.headers.raw).encode()
        return answer

    base = f"/delta-sharing/shares/tax/schemas/people/tables/{told.grant.id}"
    for path in (
        "/", "/health", "/downloads", "/receipts", "/recalls", "/recalls/x",
        "/delta-sharing/shares", "/delta-sharing/shares/tax", "/delta-sharing/shares/tax/schemas",
        "/delta-sharing/shares/tax/all-tables", "/delta-sharing/shares/tax/schemas/people/tables",
        f"{base}/version", f"{base}/metadata", f"{base}/nothing",
        f"{base}/version?startingTimestamp=x",
    ):  # fmt: skip
        ask("GET", path)
    links = []
    for form in ("parquet", "delta"):
        header = {"delta-sharing-capabilities": f"responseformat={form}"}
        for body in bodies(told):
            answer = ask("POST", f"{base}/query", headers=header, content=body)
            links += addresses(answer.text)
        for query in (
            f"startingVersion={told.versions[0]}",
            f"startingVersion={told.versions[1]}",
            "startingVersion=0", "startingVersion=-1", "startingVersion=a", "endingVersion=1",
        ):  # fmt: skip
            links += addresses(ask("GET", f"{base}/changes?{query}", headers=header).text)
    for version in told.versions:
        for kind in ("rows", "changes"):
            for suffix in ("parquet", "csv", "xlsx"):
                status = ask("GET", f"/downloads/{version}/{kind}.{suffix}").status_code
                assert status == 200 or (status == 400 and suffix == "xlsx")  # does not fit
    for name in (
        f"{told.versions[0] - 1}/rows.csv",
        "0/rows.csv",
        "x/rows.csv",
        "latest/rows.json",
    ):
        assert ask("GET", f"/downloads/{name}").status_code in (400, 404)
    assert links
    for link in dict.fromkeys(links):
        left[f"address {len(left)}"] = link.encode()
        whole = ask("GET", link)
        assert whole.content[:4] == b"PAR1"
        ask("HEAD", link)
        ask("GET", link, headers={"Range": "bytes=-64"})
        ask("GET", link.replace("/files/", "/files/x"))
        ask("GET", link[:-3] + "AAA")
    return left


def bodies(told: Case) -> list[str]:
    """Questions about what is not granted: by value, by column, by version."""
    asked: list[Any] = [{}, {"limitHint": 1}, {"version": told.versions[0]}, {"version": 0}]
    asked += [
        {"version": told.versions[0] - 1},
        {"timestamp": "2026-01-01T00:00:00Z"},
        {"nonsense": 1},
    ]
    for name in ("secret", "entity_id"):
        asked.append({"predicateHints": [f"{name} > 'a'", f"{name} = ''"]})
        tree = {"op": "equal", "children": [
            {"op": "column", "name": name, "valueType": "string"},
            {"op": "literal", "value": "a", "valueType": "string"},
        ]}  # fmt: skip
        asked.append({"jsonPredicateHints": json.dumps(tree)})
    return [*map(json.dumps, asked), "", "[", "null", '{"limitHint": "x"}']


def addresses(text: str) -> list[str]:
    """The signed addresses in an answer, without the host."""
    found = []
    for line in text.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        action = next((told[name] for name in ("file", "add", "cdf") if name in told), None)
        if isinstance(action, dict):
            inner = action.get("deltaSingleAction", {})
            inner = next(iter(inner.values()), {}) if inner else {}
            found.append(str(action.get("url") or inner.get("path")))
    return [address.removeprefix("http://testserver") for address in found]


def by_errors(house: House, told: Case, folder: Path) -> dict[str, bytes]:
    """What is said when something is refused or does not work."""
    hub, grant = house.hub, told.grant
    nowhere = Inbox(
        file=FileInbox(url=f"file://{folder}/absent"),
        database=DatabaseInbox(url=f"sqlite:///{folder}/absent/inbox.db"),
    )
    unread = replace(grant, terms=grant.terms)
    attempts: dict[str, Any] = {
        "old": lambda: shares.rows(hub, grant, told.versions[0] - 1),
        "new": lambda: shares.rows(hub, grant, 10**9),
        "over": lambda: shares.rows(hub, replace(grant, ended_at=hub.now()), told.versions[0]),
        "late": lambda: shares.rows(
            replace(hub, now=lambda: hub.now() + timedelta(days=99)), unread, told.versions[0]
        ),
        "whose": lambda: shares.entity_of(hub, grant, told.versions[0], "0" * 32),
        "form": lambda: shares.write_form(
            hub, shares.rows(hub, grant, told.versions[0]), folder / "x.exe"
        ),
        "inbox": lambda: deliver(with_inbox(hub, nowhere), grant.id, Way.FILE, whole=True),
        "table": lambda: deliver(with_inbox(hub, nowhere), grant.id, Way.DATABASE, whole=True),
        "no inbox": lambda: deliver(with_inbox(hub, None), grant.id, Way.FILE, whole=True),
    }
    said = {}
    for name, attempt in attempts.items():
        with pytest.raises(HubError) as raised:
            attempt()
        said[name] = f"{raised.value.zh} {raised.value} {raised.value.__cause__!r}".encode()
    return said


DOORS = {"file": by_file, "push": by_push, "portal": by_portal, "errors": by_errors}


def dump(url: str) -> dict[str, bytes]:
    """All rows of all tables of a database, with their names and columns."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    found = {}
    with engine.connect() as connection:
        tables = sqlalchemy.inspect(connection).get_table_names()
        quote = engine.dialect.identifier_preparer.quote
        for name in tables:
            rows = connection.execute(sqlalchemy.text(f"SELECT * FROM {quote(name)}"))
            lines = [str(list(rows.keys())), *(str(v) for line in rows for v in line)]
            found[name] = "\n".join([name, *lines]).encode()
    return found
