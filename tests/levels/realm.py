"""A province, a city and a county: three hubs with their portals, that read from each other."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from hub.grants import grant_of, make_credential
from hub.opened import Hub, open_hub
from hub.records import Grant
from hub.requests import file
from hub.steps import run_all
from hub.summary import Summary
from schemas.sharing import Application, Condition, GrantedField, Terms, Way
from tests.servers.process import free_port, running

Columns = dict[str, str]  # field -> logical type
BUREAU = {
    "name": "bureau",
    "title": {"zh": "大数据局", "en": "Big Data Bureau"},
    "officers": {"sun": ["supervisor"], "shi": ["supervisor"]},
}


@dataclass(frozen=True)
class Level:
    """One hub: its home, its catalog, and where its portal listens."""

    name: str
    folder: Path
    port: int

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/delta-sharing"

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """The open hub; the catalog is read anew."""
        with open_hub(self.home, self.catalog) as opened:
            yield opened

    def run(self, as_of: datetime | None = None) -> Summary:
        """Collect, check and publish everything."""
        with self.hub() as hub:
            return run_all(hub, as_of or datetime.now(UTC))


def level(folder: Path, name: str) -> Level:
    """A hub without anything."""
    made = Level(name, folder / name, free_port())
    for part in ("departments", "contracts/dataset"):
        (made.catalog / part).mkdir(parents=True)
    made.home.mkdir()
    _write(made.catalog / "sharing.yaml", {"supervisor": "bureau"})
    (made.catalog / "clocks").symlink_to(Path(__file__).parents[2] / "schemas" / "clocks")
    _write(made.catalog / "departments/bureau.yaml", BUREAU)
    return made


def department(
    at: Level,
    name: str,
    node: dict[str, Any] | None = None,
    inbox: dict[str, Any] | None = None,
) -> None:
    """A department with an officer of each kind, with or without front end and inbox."""
    document: dict[str, Any] = {
        "name": name,
        "title": {"zh": name, "en": name},
        "officers": {f"{name}_a": ["applicant"], f"{name}_b": ["approver"]},
    }
    more = {key: value for key, value in (("node", node), ("inbox", inbox)) if value}
    _write(at.catalog / f"departments/{name}.yaml", document | more)


def database(at: Level, name: str) -> dict[str, Any]:
    """The node of a SQLite file in the home folder."""
    return {"url": f"sqlite:///{at.home}/{name}.db"}


def another_hub(at: Level, variable: str) -> dict[str, Any]:
    """The node of another level's portal; `variable` holds the token, or several."""
    return {"url": f"delta-sharing+{at.endpoint}", "password": f"${{{variable}}}"}


def supply(at: Level, name: str, columns: Columns, key: str, table: str) -> None:
    """A supply, all of its columns promised."""
    properties = [{"name": n, "logicalType": kind} | _keyed(n, key) for n, kind in columns.items()]
    _contract(at, f"supply/{name}", name.replace("/", "."), table, properties, {})


def dataset(at: Level, name: str, columns: Columns, key: str, sources: dict[str, Columns]) -> None:
    """A dataset, shared without conditions; `sources`: supply -> golden field by its field."""
    plan = {
        "entity": name,
        "keys": [{"name": key}],
        "sources": [
            {"supply": supply, "keys": {key: fields[key]}, "fields": fields}
            for supply, fields in sources.items()
        ],
    }
    properties = [{"name": n, "logicalType": kind} for n, kind in columns.items()]
    _contract(at, f"dataset/{name}", name, name, properties, {"reconcile": plan})


def fill(at: Level, name: str, table: str, columns: Columns, rows: list[tuple[Any, ...]]) -> None:
    """Replace the rows of a table of a SQLite front end."""
    with sqlite3.connect(at.home / f"{name}.db") as connection:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{n} text' for n in columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.close()


def granted(
    at: Level,
    subscriber: str,
    dataset: str,
    fields: str,
    rows: tuple[Condition, ...] = (),
    ways: tuple[Way, ...] = (Way.PULL,),
) -> tuple[Grant, str]:
    """A grant by rule, and a token for it."""
    terms = Terms(
        fields=tuple(GrantedField(name=name) for name in fields.split()), rows=rows, ways=ways
    )
    asked = Application(
        subscriber=subscriber, dataset=dataset, purpose="数据回流", legal_basis="《条例》",
        scenario="基础数据", contact="12345", until=date.today() + timedelta(days=300), terms=terms,
    )  # fmt: skip
    with at.hub() as hub:
        request = file(hub, asked, f"{subscriber}_a")
        assert request.grant_id is not None, request.state
        grant = grant_of(hub, request.grant_id)
        token, _ = make_credential(hub, grant, f"{subscriber}_a", 100)
        return grant, token


@contextmanager
def portal(at: Level) -> Iterator[None]:
    """`hub serve` of this level, until the block ends."""
    command = [Path(sys.executable).with_name("hub"), "--home", at.home, "--catalog", at.catalog]
    serve = [*command, "serve", "--port", str(at.port)]
    with running(serve, "root", at.folder / "portal.log", lambda: _healthy(at)):
        yield


def _healthy(at: Level) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{at.port}/health", trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def _keyed(name: str, key: str) -> dict[str, Any]:
    return {"primaryKey": True, "primaryKeyPosition": 1, "required": True} if name == key else {}


def _contract(
    at: Level,
    path: str,
    number: str,
    table: str,
    properties: list[dict[str, Any]],
    custom: dict[str, Any],
) -> None:
    share = {"shareType": "unconditional"}
    given = {"directory": share, **custom}
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": number, "name": number,
        "version": "1.0.0", "status": "active",
        "schema": [{"name": table.split(".")[-1], "physicalName": table, "properties": properties}],
        "customProperties": [{"property": n, "value": v} for n, v in given.items()],
    }  # fmt: skip
    target = at.catalog / f"contracts/{path}.odcs.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, document)


def _write(path: Path, document: Any) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
