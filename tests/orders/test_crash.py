"""SIGKILL before any commit of a refresh or an answer: run again, and the end is the same."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from hub.ledger.batches import batch_of, list_batches
from hub.opened import open_hub
from hub.orders.sheet import write_order
from hub.records import BatchState
from tests.orders.killed import Work, a_day, an_answer, killed_at
from tests.orders.office import DAY, PAYMENTS, REGISTER, Office, read_csv, write_csv

pytestmark = pytest.mark.slow

MOST = 60  # commits; the work ends by itself long before


def state(home: Path) -> dict[str, list[Any]]:
    """Everything that must be equal: orders, items, history, batches; no clock."""
    queries = {
        "orders": "SELECT id, supply, round, state, due_on FROM work_order",
        "items": "SELECT order_id, digest, rules, content, seen_in, shown_in, state, closed_by "
        "FROM work_item",
        "events": 'SELECT order_id, "by", action, items, detail FROM work_event',
        "rounds": "SELECT id FROM work_round",
        "batches": "SELECT id, state, verdict, counts, origin FROM batch",
        "states": "SELECT supply, watermark, batch_id FROM supply_state",
    }
    engine = sqlalchemy.create_engine(f"sqlite:///{home}/ledger.db")
    with engine.connect() as connection:
        found = {
            name: sorted(map(str, connection.exec_driver_sql(query).all()))
            for name, query in queries.items()
        }
    engine.dispose()
    return found


def every_kill_ends_alike(folder: Path, catalog: Path, work: Work, *arguments: Any) -> int:
    """From the same morning, kill before the 1st, 2nd, 3rd … commit, then let one run end."""
    morning, calm, killed = folder / "morning", folder / "calm", folder / "home"
    shutil.copytree(killed, morning)
    assert not killed_at(0, killed, catalog, work, *arguments)
    expected = state(killed)
    killed.rename(calm)
    for commit in range(1, MOST):
        shutil.rmtree(killed, ignore_errors=True)
        shutil.copytree(morning, killed)
        if not killed_at(commit, killed, catalog, work, *arguments):
            return commit - 1
        with open_hub(killed, catalog) as hub:
            work(hub, *arguments)
        assert state(killed) == expected, f"killed before commit {commit}"
    raise AssertionError("the work has no end")


def test_a_refresh_killed_at_any_commit_ends_alike(office: Office, tmp_path: Path) -> None:
    office.pay(("a", "-1.00"), ("b", "x"))
    office.run()
    office.pay(("a", "1.00"), ("c", "-3.00"))
    catalog = office.hub.settings.catalog
    office.hub.ledger.engine.dispose()
    moment = DAY + timedelta(days=2)
    kills = every_kill_ends_alike(tmp_path, catalog, a_day, moment, [PAYMENTS])
    assert kills >= 8


def test_an_answer_killed_at_any_commit_ends_alike(office: Office, tmp_path: Path) -> None:
    office.register(n1=None, n2="two", n3=None)
    office.run()
    [order] = office.orders(REGISTER)
    out = tmp_path / "order.csv"
    write_order(office.desk, order["id"], out)
    sent = write_csv(out, [{**row, "label": row["number"][:1] or ""} for row in read_csv(out)][:1])
    catalog = office.hub.settings.catalog
    office.hub.ledger.engine.dispose()
    kills = every_kill_ends_alike(tmp_path, catalog, an_answer, order["id"], sent)
    assert kills >= 5


def test_an_answer_broken_off_is_finished_by_the_next_run(office: Office, tmp_path: Path) -> None:
    office.register(n1=None, n2="two")
    office.run()
    [order] = office.orders(REGISTER)
    out = tmp_path / "order.csv"
    write_order(office.desk, order["id"], out)
    sent = write_csv(out, [{**row, "label": "one"} for row in read_csv(out)])
    assert killed_at(2, office.home, office.hub.settings.catalog, an_answer, order["id"], sent)
    [opened, _] = list_batches(office.hub.ledger, REGISTER)
    assert opened.state is BatchState.OPENED and opened.origin is not None
    office.register(n1="one", n2="two")
    office.run()
    finished = batch_of(office.hub.ledger, opened.id)
    assert finished.counts is not None and finished.counts.accepted == 1
    [order] = office.orders(REGISTER)
    assert (order["state"], order["history"][1]["action"]) == ("closed", "answered")
