"""The DAGs under a real scheduler: one story, each test starting where the last one ended."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from hub.ledger.receipts import deliveries_of, receipts_of
from hub.opened import Hub, open_hub
from schemas.sharing import GrantedField, Terms, Way
from tests.dags.conftest import Server
from tests.shares.world import make_grant

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.timeout(1800)]
REGISTRY = "supply/registry/people"


def people(count: int, *, nameless: int = 0) -> list[tuple[str, str | None]]:
    """Rows of the registry; the first `nameless` break the rule that a name is required."""
    return [(f"P{n:03}", None if n < nameless else f"李{n}") for n in range(count)]


def test_everything_listens_on_loopback_only(server: Server) -> None:
    listening = {
        connection.laddr.ip
        for started in server.troupe.running.values()
        for process in [psutil.Process(started.pid), *psutil.Process(started.pid).children(True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_two_collections_wake_the_dataset_and_make_one_release(server: Server) -> None:
    runs = server.collect("registry", "school")
    assert set(runs.values()) == {"success"}
    assert any(run.startswith("publish_town asset_triggered__") for run in runs)
    assert server.events(REGISTRY) == server.events("supply/school/pupils") == 1
    assert [(r.version, r.rows) for r in server.releases()] == [(1, 40)]


def test_a_late_run_leaves_an_alert(server: Server) -> None:
    alerts = server.stage.logs / "alerts.jsonl"
    for _ in range(300):
        if alerts.exists():
            break
        time.sleep(1)
    found = [json.loads(line) for line in alerts.read_text("utf-8").splitlines()]
    assert {alert["subject"] for alert in found} == {"collect_school"}
    assert found[0]["alert"] == "deadline_missed" and found[0]["promised_h"] == 0.001
    assert "未在承诺的" in found[0]["zh"] and "not done within" in found[0]["en"]


def test_lineage_goes_to_the_file_that_the_environment_names(server: Server) -> None:
    lines = (server.stage.logs / "lineage.jsonl").read_text("utf-8").splitlines()
    done = [json.loads(line) for line in lines]
    outputs = {
        output["name"]
        for event in done
        if event["eventType"] == "COMPLETE"
        for output in event.get("outputs", [])
    }
    store = f"{server.stage.home}/store"
    assert {f"{store}/supply/registry/people", f"{store}/dataset/town"} <= outputs


def test_a_rejected_batch_wakes_nobody_and_is_not_red(server: Server) -> None:
    server.fill("registry", "people", people(40, nameless=30))
    runs = server.collect("registry")
    assert [run.split()[0] for run in runs] == ["collect_registry"]
    assert set(runs.values()) == {"success"}
    assert server.task_state("collect_registry", "people.pull") == "success"
    assert server.task_state("collect_registry", "people.check") == "skipped"
    assert server.batches("registry/people")[0].verdict == "reject"
    assert server.events(REGISTRY) == 1
    assert len(server.releases()) == 1


def test_a_mended_batch_wakes_the_dataset_again(server: Server) -> None:
    server.fill("registry", "people", people(45))
    server.collect("registry")
    assert server.events(REGISTRY) == 2
    assert [(r.version, r.rows) for r in server.releases()] == [(1, 40), (2, 45)]


def test_a_backfill_rebuilds_quietly_and_publishes_once(server: Server) -> None:
    server.fill("registry", "people", people(50))
    since = datetime.now(UTC).replace(microsecond=0)
    before = len(server.batches("registry/people"))
    days = ["--from-date", "2026-02-01", "--to-date", "2026-02-05"]
    backfills = server.backfill("--dag-id", "collect_registry", *days)
    server.settled(since, 1)
    batches = server.batches("registry/people")
    assert len(batches) - before >= 4
    assert server.events(REGISTRY, "backfill__") == backfills
    assert [(r.version, r.rows) for r in server.releases()][2:] == [(3, 50)]


def test_an_inbox_out_of_reach_is_tried_again_and_red_for_its_own_grant_alone(
    server: Server,
) -> None:
    """The school's folder is there, the registry's comes later, a database was never named."""
    with open_hub(server.stage.home, server.stage.catalog) as hub:
        school = _granted(hub, "school", Way.FILE)
        registry = _granted(hub, "registry", Way.FILE)
        nowhere = _granted(hub, "school", Way.DATABASE)
    server.api.trigger("deliver_town", "test__deliver")
    inbox, newest = server.sources / "inbox", f"v{server.releases()[-1].version:06d}"
    soon = {f"{school} · file": "success", f"{nowhere} · database": "failed"}
    _wait(server, soon | {"1": "up_for_retry"})  # it has its name when it is over
    assert (inbox / "school" / "town" / school / newest / "manifest.json").is_file()
    (inbox / "registry").mkdir()
    _wait(server, soon | {f"{registry} · file": "success"})
    assert (inbox / "registry" / "town" / registry / newest / "manifest.json").is_file()
    with open_hub(server.stage.home, server.stage.catalog) as hub:
        states = {one.grant_id: one.state for one in deliveries_of(hub.ledger)}
        assert states == {school: "received", registry: "received", nowhere: "failed"}
        assert len(receipts_of(hub.ledger)) == 2


def _granted(hub: Hub, subscriber: str, way: Way) -> str:
    terms = Terms(fields=(GrantedField(name="name"),), ways=(way,))
    now = datetime.now(UTC)
    return make_grant(
        hub, terms, subscriber, dataset="town", granted_at=now, expires_at=now + timedelta(days=9)
    ).id


def _wait(server: Server, states: dict[str, str]) -> None:
    for _ in range(180):
        server.troupe.check()
        if server.mapped_states("deliver_town", "push") == states:
            return
        time.sleep(1)
    raise AssertionError(server.mapped_states("deliver_town", "push"))


def test_a_front_end_that_is_gone_is_red_at_once(server: Server) -> None:
    (server.sources / "registry.db").rename(server.sources / "away.db")
    runs = server.collect("registry")
    assert set(runs.values()) == {"failed"}
    assert _ended(server, "people.pull") == "failed"
    assert _ended(server, "people.check") == "upstream_failed"
    assert len(server.releases()) == 3


def _ended(server: Server, task_id: str) -> str:
    """The state in which a task of the registry ends; a loaded machine may be behind its run."""
    state = server.task_state("collect_registry", task_id)
    for _ in range(300):
        if state not in ("None", "scheduled", "queued", "running"):
            break
        time.sleep(1)
        state = server.task_state("collect_registry", task_id)
    return state
