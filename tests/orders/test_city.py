"""The sample city: every planted fault is in exactly one work order, and no order holds another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy

import sample
from hub.answering import answer
from hub.digests import digest
from hub.handed_in import desk_of
from hub.ledger.orders import UNRESOLVED
from hub.ledger.tables import work_item, work_order
from hub.opened import Hub, open_hub
from hub.orders.sheet import write_order
from hub.orders.view import list_orders, show_order
from hub.steps import publish, run_all
from sample.faults import Fault
from tests.orders.office import read_csv, write_csv
from tests.sample.findings import discrepancies
from tests.sample.reading import CATALOG

pytestmark = pytest.mark.slow

PEOPLE = 1_500
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    home = tmp_path_factory.mktemp("city")
    sample.create(home, PEOPLE, seed=11)
    with open_hub(home, CATALOG) as hub:
        assert run_all(hub, NOW).faults == []
        yield hub


def items(hub: Hub) -> list[sqlalchemy.Row]:  # type: ignore[type-arg]
    query = sqlalchemy.select(work_item, work_order.c.supply).join(
        work_order, work_order.c.id == work_item.c.order_id
    )
    with hub.ledger.reading() as connection:
        return list(connection.execute(query.where(work_item.c.state.in_(UNRESOLVED))))


def test_every_planted_fault_is_in_exactly_one_order_and_nothing_else_is(
    city: Hub, tmp_path: Path
) -> None:
    key = desk_of(city).key
    truth = [f for f in sample.planted(city.settings.home / "city") if not f.until]
    found = items(city)
    assert max(Counter(item.digest for item in found).values()) == 1
    by_kind = Counter(item.kind for item in found)

    rows = {digest(key, "quarantine", f.supply, f.key) for f in _of(truth, "quarantine")}
    assert {i.digest for i in found if i.kind == "quarantine"} == rows
    renamed = [f.supply for f in truth if f.expect == "column_missing"]
    assert sorted(i.supply for i in found if i.kind == "table") == sorted(renamed)

    listed = discrepancies(city, tmp_path)
    # Kinds that name their supply: the digest of Python is that of the engine.
    named = {
        digest(key, "discrepancy", *(d[n] or "" for n in _IDENTITY)): d["supply"]
        for d in listed
        if d["supply"]
    }
    assert {i.digest: i.supply for i in found if i.digest in named} == named
    planted = Counter(f.expect for f in truth if f.stage in ("discrepancy", "balance"))
    assert planted["value_conflict"] and planted["balance"] and planted["possible_duplicate"]
    assert {kind: by_kind[kind] for kind in planted} == dict(planted)
    twins = Counter(f.supply for f in truth if f.expect == "possible_duplicate")
    assert Counter(i.supply for i in found if i.kind == "possible_duplicate") == twins
    assert sum(by_kind.values()) == len(rows) + len(renamed) + sum(planted.values())


_IDENTITY = ("dataset", "kind", "field", "supply", "source_key")


def _of(truth: list[Fault], stage: str) -> list[Fault]:
    return [fault for fault in truth if fault.stage == stage]


def test_a_ledger_with_orders_holds_no_number_and_no_name(city: Hub) -> None:
    truth = sample.planted(city.settings.home / "city")
    personal = {f.key for f in truth if len(f.key) == 18} | {f.other for f in truth if f.other}
    texts = []
    with city.ledger.reading() as connection:
        for name in ("work_order", "work_item", "work_event", "work_round"):
            texts += [
                str(row) for row in connection.execute(sqlalchemy.text(f"SELECT * FROM {name}"))
            ]
    whole = "\n".join(texts)
    assert len(personal) > 10
    shown = [v for v in personal if len(v) > 8 and "/" not in v and v in whole]
    assert not shown


def test_a_field_taken_over_from_the_other_department_closes_with_the_next_release(
    city: Hub, tmp_path: Path
) -> None:
    desk = desk_of(city)
    for row in list_orders(desk):
        order = show_order(desk, row["id"])
        if {r["kind"] for r in order["rules"]} == {"value_conflict"} and "pop" in order["round"]:
            break
    else:
        pytest.fail("no order of value conflicts alone")
    out = tmp_path / "order.csv"
    assert write_order(desk, order["id"], out) > 0
    supply = city.supply(order["supply"])
    plan = city.dataset("population").reconcile
    fields = next(source.fields for source in plan.sources if source.supply == supply.name)
    mended = []
    for line in read_csv(out):
        for name, value in zip(
            line["hub_field"].split("; "), line["hub_surviving_value"].split("; "), strict=True
        ):
            line[supply.by_name[fields[name]].column] = value
        mended.append(line)
    checked = answer(city, order["id"], write_csv(tmp_path / "mended.csv", mended), "clerk")
    assert checked.counts.accepted == len(mended), checked.counts
    assert publish(city, "population", NOW) is not None
    assert show_order(desk, order["id"])["state"] == "closed"


def test_what_is_mended_at_the_source_closes_by_itself(city: Hub) -> None:
    desk = desk_of(city)
    [fault, *_] = [
        f
        for f in sample.planted(city.settings.home / "city")
        if f.supply == "civil_affairs/marriages" and f.stage == "quarantine" and f.field and f.other
    ]
    supply = city.supply(fault.supply)
    engine = sqlalchemy.create_engine(f"sqlite:///{city.settings.home}/city/civil_affairs.db")
    with closing(engine.raw_connection()) as db:
        column, key = supply.by_name[fault.field].column, supply.key[0].column
        cursor = db.execute(  # type: ignore[attr-defined]
            f'UPDATE "{supply.physical_name}" SET "{column}" = ? WHERE "{key}" = ?',
            (fault.other, fault.key),
        )
        assert cursor.rowcount == 1
        db.commit()
    engine.dispose()
    own = digest(desk.key, "quarantine", fault.supply, fault.key)
    assert own in {item.digest for item in items(city)}
    assert run_all(city, NOW + timedelta(days=1), [fault.supply], []).faults == []
    assert own not in {item.digest for item in items(city)}
