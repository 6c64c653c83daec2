"""Replay: a landing checked again under a mended contract equals a pull under that contract."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
import yaml

from hub.answering import replay
from hub.errors import DecisionError
from hub.handed_in import desk_of
from hub.ledger.batches import batch_of, list_batches
from hub.opened import Hub, open_hub
from hub.orders.view import list_orders
from hub.records import Batch, Verdict
from hub.steps import check, collect, current_table

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
SUPPLY = "office/things"
FIELDS: list[dict[str, Any]] = [
    {"name": "number", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
    {"name": "born", "logicalType": "date", "physicalType": "varchar(20)"},
    {"name": "amount", "logicalType": "number", "physicalType": "decimal(18,2)"},
    {"name": "label", "logicalType": "string", "logicalTypeOptions": {"maxLength": 3}},
]
ROWS = [
    ("1", "2001-02-03", "1.10", "  f "),
    ("2", "03.02.2001", "2.20", "two"),
    ("3", "none", "3.30", "x"),
    ("4", None, "4.444", ""),
    ("5", "2001-02-04", "5.50", "three"),
    ("6", "2001-13-01", "6.60", "y"),
    ("7", "2001-02-05", "7.70", "z"),
]


def contract(root: Path, version: str, url: str, fields: Any = FIELDS, **custom: Any) -> Path:
    """Write the catalog of one supply under this version."""
    (root / "departments").mkdir(parents=True, exist_ok=True)
    folder = root / "contracts/supply/office"
    folder.mkdir(parents=True, exist_ok=True)
    department = {"name": "office", "title": {"zh": "办公室", "en": "Office"}, "node": {"url": url}}
    (root / "departments/office.yaml").write_text(yaml.safe_dump(department, allow_unicode=True))
    given = {"directory": {"shareType": "unconditional"}, **custom}
    document = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "office.things", "name": "物品",
        "version": version, "status": "active",
        "schema": [{"name": "things", "properties": fields}],
        "customProperties": [{"property": k, "value": v} for k, v in given.items()],
    }  # fmt: skip
    text = yaml.safe_dump(document, allow_unicode=True)
    (folder / "things.odcs.yaml").write_text(text, encoding="utf-8")
    return root


def with_field(name: str, **changes: Any) -> list[dict[str, Any]]:
    return [{**f, **changes} if f["name"] == name else f for f in FIELDS]


def formats(*spellings: str, nulls: tuple[str, ...] = ("",)) -> list[dict[str, Any]]:
    """The birth date, read in these spellings, too."""
    given = [{"property": "nullValues", "value": list(nulls)}]
    if spellings:
        given.append({"property": "formats", "value": list(spellings)})
    return with_field("born", customProperties=given)


@contextmanager
def hub_of(home: Path, root: Path) -> Iterator[Hub]:
    with open_hub(home, root) as opened:
        yield opened


def pull(hub: Hub) -> Batch:
    [batch_id] = collect(hub, SUPPLY, AS_OF)
    check(hub, batch_id)
    return batch_of(hub.ledger, batch_id)


def rows(hub: Hub) -> list[tuple[Any, ...]]:
    columns = "number, born, amount, label"
    with hub.store.connect() as connection:
        sql = current_table(hub, SUPPLY).sql
        return connection.execute(f"SELECT {columns} FROM ({sql}) ORDER BY number").fetchall()


def fill(url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as db:
        db.exec_driver_sql(
            "CREATE TABLE things (number varchar(9) PRIMARY KEY, born varchar(20),"
            " amount varchar(20), label varchar(20))"
        )
        db.execute(sqlalchemy.text("INSERT INTO things VALUES (:a, :b, :c, :d)"),
                   [dict(zip("abcd", row, strict=True)) for row in ROWS])  # fmt: skip
    engine.dispose()


def drop(folder: Path) -> str:
    folder.mkdir()
    lines = ["number,born,amount,label", *(",".join(c or "" for c in row) for row in ROWS)]
    (folder / "things_1.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"file://{folder}"


def the_replay_equals_a_pull(folder: Path, url: str, fixed: Any, **custom: Any) -> None:
    """Pull under 1.0.0; replay under 1.1.0; another hub pulls under 1.1.0 at once."""
    root = contract(folder / "catalog", "1.0.0", url, **custom)
    with hub_of(folder / "home", root) as hub:
        first = pull(hub)
        assert first.counts is not None and first.counts.quarantined >= 3
        with pytest.raises(DecisionError, match="raise the version"):
            replay(hub, first.id, "steward")
    contract(root, "1.1.0", url, fixed, **custom)
    with hub_of(folder / "home", root) as hub:
        once = replay(hub, first.id, "steward")
        again = replay(hub, first.id, "somebody else")
        assert (again.batch_id, again.counts) == (once.batch_id, once.counts)
        assert len(list_batches(hub.ledger)) == 2
        new = batch_of(hub.ledger, once.batch_id)
        assert new.origin == {"replay_of": first.id, "by": "steward"}
        replayed = rows(hub)
        # What the mended contract takes is closed; the rest stays in the order that it had.
        assert new.counts is not None
        states = Counter(row["unresolved"] for row in list_orders(desk_of(hub)))
        assert states == {new.counts.quarantined: 1}
    shutil.rmtree(folder / "home" / "store" / "fetch", ignore_errors=True)
    with hub_of(folder / "other", root) as hub:
        pulled = pull(hub)
        assert pulled.id == new.id and pulled.verdict == new.verdict
        assert rows(hub) == replayed and replayed
        # The other hub has no rows of before: what is unchanged here is accepted there.
        assert new.counts is not None and pulled.counts is not None
        assert pulled.counts.quarantined == new.counts.quarantined < first.counts.quarantined
        assert pulled.counts.accepted == new.counts.accepted + new.counts.unchanged


LOOSE = {"verdict": {"warn": 0.0, "hold": 0.6, "reject": None}}
"""Five bad rows of seven are held; one less, and the batch moves on."""


@pytest.mark.parametrize("fixed", [
    formats("%d.%m.%Y"), formats(nulls=("", "none")),
    with_field("amount", physicalType="decimal(18,4)"), with_field("born", logicalType="string"),
], ids=["formats", "null value", "more decimals", "another type"])  # fmt: skip
def test_a_delivered_file_is_read_anew(tmp_path: Path, fixed: Any) -> None:
    url = drop(tmp_path / "drop")
    files = {"pattern": "things_*.csv", "settle": "PT0S"}
    the_replay_equals_a_pull(tmp_path, url, fixed, files=files, **LOOSE)


@pytest.mark.parametrize("fixed", [
    formats("%d.%m.%Y"), formats(nulls=("", "none")),
    with_field("amount", physicalType="decimal(18,4)"),
    with_field("label", logicalTypeOptions={"maxLength": 9}),
], ids=["formats", "null value", "more decimals", "rule alone"])  # fmt: skip
def test_the_landing_of_a_database_is_typed_again(tmp_path: Path, fixed: Any) -> None:
    url = f"sqlite:///{tmp_path}/office.db"
    fill(url)
    the_replay_equals_a_pull(tmp_path, url, fixed, **LOOSE)


@pytest.mark.server
def test_postgresql_is_not_asked_again(postgres_database: str, tmp_path: Path) -> None:
    url = postgres_database.replace("+psycopg", "")
    fill(postgres_database)
    the_replay_equals_a_pull(tmp_path, url, formats("%d.%m.%Y"), **LOOSE)


@pytest.mark.parametrize(("fixed", "why"), [
    (with_field("born", logicalType="string"), "text behind its values"),
    ([*FIELDS, {"name": "town", "logicalType": "string"}], "field town is new"),
    (with_field("label", physicalName="tag"), "another column"),
    (with_field("label", customProperties=[{"property": "trim", "value": False}]), "white space"),
    (with_field("label", customProperties=[{"property": "nullValues", "value": ["x"]}]), "null"),
], ids=["type", "field", "column", "trim", "null values"])  # fmt: skip
def test_what_the_landing_no_longer_tells_is_pulled_again(
    tmp_path: Path, fixed: Any, why: str
) -> None:
    url = f"sqlite:///{tmp_path}/office.db"
    fill(url)
    root = contract(tmp_path / "catalog", "1.0.0", url)
    with hub_of(tmp_path / "home", root) as hub:
        first = pull(hub)
    contract(root, "1.1.0", url, fixed)
    with hub_of(tmp_path / "home", root) as hub:
        with pytest.raises(DecisionError, match=f"{why}.*pull the source again"):
            replay(hub, first.id, "steward")
        assert len(list_batches(hub.ledger)) == 1


def test_a_superseded_batch_is_not_replayed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/office.db"
    fill(url)
    loose = {"verdict": {"warn": 0.0, "hold": None, "reject": None}}
    root = contract(tmp_path / "catalog", "1.0.0", url, **loose)
    with hub_of(tmp_path / "home", root) as hub:
        first = pull(hub)
        [later] = collect(hub, SUPPLY, AS_OF.replace(day=2))
        assert check(hub, later).verdict is Verdict.WARN
    contract(root, "1.1.0", url, formats("%d.%m.%Y"), **loose)
    with hub_of(tmp_path / "home", root) as hub, pytest.raises(DecisionError, match="superseded"):
        replay(hub, first.id, "steward")
