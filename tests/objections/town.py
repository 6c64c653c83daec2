"""A town that shares a register: two suppliers, subscribers, a bureau, and days that go by."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from hub import masking, requests, shares, steps
from hub.deliver import offered
from hub.digests import digest_key
from hub.grants import grant_of
from hub.ledger.releases import last_release
from hub.opened import Hub, open_hub
from hub.publish import read_manifest
from hub.records import Grant
from hub.released import relation
from schemas.catalog import load_catalog
from schemas.sharing import Application, Terms, Way

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai; no holiday until April
OFFICERS: dict[str, dict[str, list[str]]] = {
    "register": {"rita": ["approver"], "rob": ["applicant", "approver"]},
    "health": {"hal": ["approver"]},
    "tax": {"tom": ["applicant"], "tina": ["applicant"]},
    "school": {"sam": ["applicant"]},
    "bureau": {"bea": ["supervisor"], "ben": ["supervisor"]},
}
COLUMNS = {
    "register/people": ("id", "number", "name", "born", "phone"),
    "health/cards": ("card", "number", "phone"),
}
VISITS = {"health/visits": ("visit", "number", "card")}
TYPES = {"born": "date"}
SENSITIVE = ("number", "phone")


def write(root: Path, home: Path, phone: str | None = None, visits: bool = False) -> Path:
    """Write the town's catalog; `phone`: the pattern of one in the register."""
    for name, officers in OFFICERS.items():
        inbox = {"inbox": {"file": {"url": f"file://{home}/inbox/{name}"}}}
        _yaml(
            root / f"departments/{name}.yaml",
            {"name": name, "title": {"zh": f"{name}局", "en": name.title()}, "officers": officers,
             "node": {"url": f"sqlite:///${{HUB_HOME}}/{name}.db"}} | inbox,
        )  # fmt: skip
    for supply, names in (COLUMNS | (VISITS if visits else {})).items():
        table = supply.partition("/")[2]
        document = _contract(supply, table, names, names[0])
        if phone is not None and supply == "register/people":
            document["version"] = "1.1.0"
            document["schema"][0]["properties"][-1]["logicalTypeOptions"] = {"pattern": phone}
        _yaml(root / f"contracts/supply/{supply}.odcs.yaml", document)
    if visits:
        _yaml(root / "contracts/dataset/visits.odcs.yaml", _visits())
    people = _contract("people", "people", ("number", "name", "born", "phone"), None)
    people["customProperties"].append(
        {
            "property": "reconcile",
            "value": {
                "entity": "person",
                "keys": [{"name": "number"}, {"name": "card"}],
                "sources": [
                    {"supply": "register/people", "keys": {"number": "number"},
                     "fields": {"name": "name", "born": "born", "phone": "phone"}},
                    {"supply": "health/cards", "keys": {"number": "number", "card": "card"},
                     "fields": {"phone": "phone"}},
                ],
            },
        }
    )  # fmt: skip
    people["customProperties"].append({"property": "provider", "value": "register"})
    _yaml(root / "contracts/dataset/people.odcs.yaml", people)
    _yaml(root / "sharing.yaml", {"supervisor": "bureau", "clocks": "national"})
    return root


def _visits() -> dict[str, Any]:
    """Visits refer to people by their number and by their card."""
    document = _contract("visits", "visits", ("visit", "number", "card", "holder", "bearer"), None)
    source = {"supply": "health/visits", "keys": {"visit": "visit"},
              "fields": {"number": "number", "card": "card"}}  # fmt: skip
    resolve = [
        {"field": field, "using": {"people": by}, "key": {"people": by}, "required": False}
        for field, by in (("holder", "number"), ("bearer", "card"))
    ]
    plan = {"entity": "visit", "keys": [{"name": "visit"}], "sources": [source],
            "resolve": resolve}  # fmt: skip
    document["customProperties"].append({"property": "reconcile", "value": plan})
    return document


def _contract(name: str, table: str, names: Sequence[str], key: str | None) -> dict[str, Any]:
    properties: list[dict[str, Any]] = [
        {"name": one, "businessName": f"字段{one}", "logicalType": TYPES.get(one, "string"),
         "customProperties": [{"property": "sensitive", "value": one in SENSITIVE}]}
        | ({"primaryKey": True, "primaryKeyPosition": 1} if one == key else {})
        for one in names
    ]  # fmt: skip
    directory = {"shareType": "unconditional", "updateCycle": "daily"}
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name.replace("/", "."),
        "name": f"表{table}", "version": "1.0.0", "status": "active",
        "schema": [{"name": table, "properties": properties}],
        "customProperties": [{"property": "directory", "value": directory}],
    }  # fmt: skip


def _yaml(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")


@dataclass
class Town:
    """The open hub, its front ends as they stand, and the time."""

    hub: Hub
    at: datetime = MONDAY
    people: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # number, name, born, phone
    cards: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # number, phone
    visits: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # number, card

    def now(self) -> datetime:
        """The time that it is here."""
        return self.at

    def days(self, count: int) -> None:
        """Let days pass."""
        self.at += timedelta(days=count)

    def run(self) -> None:
        """A day later everything is collected, published, and told."""
        self.fill()
        self.days(1)
        assert steps.run_all(self.hub, self.at).faults == []

    def fill(self) -> None:
        """Put the rows into the front ends."""
        held = {"register/people": self.people, "health/cards": self.cards}
        for supply, rows in (held | {"health/visits": self.visits}).items():
            department, _, table = supply.partition("/")
            names = (COLUMNS | VISITS)[supply]
            path = self.hub.settings.home / f"{department}.db"
            with closing(sqlite3.connect(path)) as db, db:
                db.execute(f"DROP TABLE IF EXISTS {table}")
                db.execute(f"CREATE TABLE {table} ({', '.join(names)})")
                marks = ", ".join("?" * len(names))
                listed = [(key, *row) for key, row in rows.items()]
                db.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)

    def promise(self, **more: Any) -> None:
        """The catalog changes."""
        home, root = self.hub.settings.home, self.hub.settings.catalog
        self.hub = replace(self.hub, catalog=load_catalog(write(root, home, **more), home))

    def grant(
        self, subscriber: str, by: str, *fields: Any, dataset: str = "people", **more: Any
    ) -> Grant:
        """What an unconditional request is granted by rule."""
        terms = Terms.model_validate(
            {
                "fields": [{"name": f} if isinstance(f, str) else f for f in fields],
                "ways": ["pull", "file"],
                **more,
            }
        )
        application = Application(
            subscriber=subscriber, dataset=dataset, purpose="核验", legal_basis="某条例",
            scenario="办理", terms=terms, until=date(2026, 12, 31), contact="某科",
        )  # fmt: skip
        done = requests.file(self.hub, application, by)
        assert done.grant_id is not None, requests.missing(self.hub, application)
        return grant_of(self.hub, done.grant_id)

    def pull(self, grant: Grant, version: int | None = None) -> int:
        """The subscriber pulls one release (None: the newest), as far as the ledger knows."""
        release = last_release(self.hub.ledger, grant.dataset)
        assert release is not None
        asked = version or release.version
        offered(self.hub, grant, shares.rows(self.hub, grant, asked), Way.PULL)
        return asked

    @property
    def newest(self) -> int:
        release = last_release(self.hub.ledger, "people")
        assert release is not None
        return release.version

    def entity(self, supply: str, key: str, dataset: str = "people") -> str:
        """The entity that a row stands in now."""
        release = last_release(self.hub.ledger, dataset)
        assert release is not None
        links = relation(self.hub.store, read_manifest(self.hub.store, release), "links")
        with self.hub.store.connect() as connection:
            row = connection.execute(
                f"SELECT entity_id FROM ({links}) WHERE supply = ? AND source_key = ?",
                [supply, key],
            ).fetchone()
        assert row is not None
        return str(row[0])

    def record(self, grant: Grant, entity_id: str) -> str:
        """How a grant shows an entity."""
        secret = digest_key(self.hub.settings.home)
        scope = grant.terms.scope
        key = masking.scope_key(secret, scope, grant.id, grant.subscriber)
        return masking.record_id(key, entity_id)


@contextmanager
def town(folder: Path, like: Path | None = None, **more: Any) -> Iterator[Town]:
    """A town with four people, published once, or a copy of one that was (the folder of it)."""
    home = folder / "home"
    if like is None:
        for name in OFFICERS:
            (home / "inbox" / name).mkdir(parents=True)
    else:
        shutil.copytree(like / "home", home)
    with open_hub(home, write(folder / "catalog", home, **more)) as opened:
        place = Town(opened)
        place.hub = replace(opened, now=place.now)
        place.people = {
            f"p{n}": (f"99010119900101{n:03d}", name, "1990-01-01", f"1380000000{n}")
            for n, name in enumerate("甲乙丙丁", start=1)
        }
        place.cards = {
            "c1": ("99010119900101001", "13800000001"),
            "c9": (None, "13900000009"),
        }
        if like is None:
            place.run()
        else:
            place.days(1)
        yield place
