"""Every command is known to the audit log: it leaves an event, or is listed as showing nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hub.cli.app import app
from hub.ledger.audit import Act, Event, Shown
from hub.ledger.audit_reading import events
from tests.crosschecks.village import PEOPLE, Village, catalog, village, write
from tests.docs.pages import read, table_of
from tests.docs.test_pages import leaves

ROOT = Path(__file__).parent.parent.parent
NAMES = ("甲", "乙", "丙", "丁", "戊")

VIEWS = {
    "entity show": Shown.ENTITY,
    "quarantine export": Shown.QUARANTINE,
    "discrepancy export": Shown.DISCREPANCIES,
    "order export": Shown.ORDER_ROWS,
    "crosscheck finding": Shown.FINDING,
    "crosscheck explain": Shown.FINDING,
    "crosscheck export": Shown.FINDINGS,
    "policy show": Shown.POLICY_ANSWER,
    "policy export": Shown.POLICY_ANSWERS,
}
"""Commands that show personal data, and what is noted before they do."""

ACTS = {
    "run": Act.RUN_STARTED,
    "crosscheck run": Act.QUESTIONS_ASKED,
    "policy run": Act.QUESTIONS_ASKED,
    "batch accept": Act.BATCH_ACCEPTED,
    "batch reject": Act.BATCH_REJECTED,
    "batch replay": Act.BATCH_REPLAYED,
    "order answer": Act.ORDER_ANSWERED,
    "order return": Act.ITEMS_RETURNED,
    "order confirm": Act.ITEMS_CONFIRMED,
    "order dispute": Act.ITEMS_DISPUTED,
    "order waive": Act.ITEMS_WAIVED,
    "crosscheck confirm": Act.FINDING_CONFIRMED,
    "crosscheck recover": Act.FINDING_RECOVERED,
    "crosscheck dismiss": Act.FINDING_DISMISSED,
    "entity confirm": Act.LINK_CONFIRMED,
    "entity forbid": Act.LINK_FORBIDDEN,
    "entity undo": Act.LINK_UNDONE,
    "entity train": Act.MODEL_TRAINED,
    "report batch": Act.REPORT_MADE,
    "report department": Act.REPORT_MADE,
    "report release": Act.REPORT_MADE,
    "report hub": Act.REPORT_MADE,
    "report crosschecks": Act.REPORT_MADE,
    "audit rotate": Act.KEY_MADE,
    "audit key": Act.KEY_MADE,
    "audit checkpoint": Act.KEY_MADE,
}
"""Administrative commands, and what is noted in the transaction of what they do."""

ROOMS = {
    "request file": Event.REQUEST_FILED,
    "request resubmit": Event.REQUEST_FILED,
    "request return": Event.REQUEST_RETURNED,
    "request accept": Event.REQUEST_ACCEPTED,
    "request decide": Event.REQUEST_DECIDED,
    "request settle": Event.REQUEST_DECIDED,
    "request dispute": Event.REQUEST_DISPUTED,
    "request withdraw": Event.REQUEST_ENDED,
    "request extend": Event.CLOCK_MOVED,
    "request consent": Event.CLOCK_MOVED,
    "grant end": Event.GRANT_ENDED,
    "grant token": Event.CREDENTIAL_MADE,
    "grant revoke": Event.CREDENTIAL_REVOKED,
    "grant recall": Event.RECALL_ASKED,
    "grant acknowledge": Event.RECALL_ACKNOWLEDGED,
    "deliver run": Event.DATA_DELIVERED,
    "receipt acknowledge": Event.RECEIPT_ACKNOWLEDGED,
    "objection file": Event.OBJECTION_FILED,
    "objection uphold": Event.OBJECTION_ANSWERED,
    "objection reject": Event.OBJECTION_ANSWERED,
    "objection dispute": Event.OBJECTION_ANSWERED,
    "objection settle": Event.OBJECTION_ANSWERED,
    "objection withdraw": Event.OBJECTION_CLOSED,
    "objection show": Event.PERSONAL_DATA_VIEWED,
    "watch": Event.SUPPLY_LATE,
    "audit export": Event.LOG_EXPORTED,
}
"""Commands of the sharing rooms; their own tests show that they note these events."""

NOTHING = {
    "sample create, sample evolve, sample subscribe, sample score": "invented people",
    "demo, airflow pools, doctor, serve": "no rows; the portal notes each request itself",
    "catalog lint, catalog show, catalog diff, catalog probe, catalog export": "contracts",
    "batch list, batch show, batch late, batch results": "counts and row numbers",
    "quarantine list, discrepancy list, order list, order show": "counts, rules and digests",
    "crosscheck list, crosscheck show, crosscheck findings, policy list": "questions and counts",
    "dataset list, dataset show, dataset diff": "counts",
    "entity history, entity decisions, entity candidates": "entity ids, no value",
    "report list, report recompute": "digests",
    "audit list, audit head, audit verify, audit verifier": "the log itself: ids and officers",
    "request list, request show, request clocks, request rules": "applications, no rows",
    "request template, request check": "applications, no rows",
    "grant list, grant show, grant notices": "terms; record ids of a grant",
    "objection list": "ids, fields and clocks",
    "deliver due, deliver list, receipt list, receipt show, receipt export": "digests and counts",
}
"""Commands that show no personal data and change nothing but what they print, and why."""


def listed() -> list[str]:
    nothing = [name.strip() for names in NOTHING for name in names.split(",")]
    return [*VIEWS, *ACTS, *ROOMS, *nothing]


def test_every_command_is_hooked_or_listed_as_showing_nothing() -> None:
    there = {" ".join(words) for words in leaves()}
    assert there - set(listed()) == set(), "hook it (docs/audit.md) or say that it shows nothing"
    assert set(listed()) - there == set()
    assert len(listed()) == len(set(listed()))


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a village with a quarantined person, an order, a finding, policy answers."""
    folder = tmp_path_factory.mktemp("lived")
    with village(folder) as opened:
        opened.fill("register/people", *PEOPLE, ("n5", "戊", "no date", "西"))
        opened.publish()
        opened.ask()
    return folder


@pytest.fixture
def place(lived: Path, tmp_path: Path) -> Iterator[Village]:
    """Such a village, one's own."""
    shutil.copytree(lived, tmp_path, dirs_exist_ok=True)
    with village(tmp_path, fill=False) as opened:
        opened.day = 1
        yield opened


class Desk:
    """The command line on one village."""

    def __init__(self, place: Village) -> None:
        self.place, chosen = place, place.hub.settings
        self.options = ["--json", "--home", str(chosen.home), "--catalog", str(chosen.catalog)]

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(app, [*self.options, *words])

    def __call__(self, *words: str) -> Any:
        done = self.run(*words)
        assert done.exit_code in (0, 10), (done.output, done.exception)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def first(self, key: str, *words: str) -> str:
        return str(self(*words)[0][key])

    def told(self) -> list[dict[str, Any]]:
        return events(self.place.hub.ledger, limit=1000)


def views(desk: Desk, folder: Path) -> dict[str, list[str]]:
    """How each of the commands that show personal data is called here."""
    finding = desk.first("id", "crosscheck", "findings")
    order = desk.first("id", "order", "list")
    with desk.place.hub.store.connect() as connection:
        from hub.entities.lookup import find

        found = find(desk.place.hub, connection, supply="register/people", key=KEY)
    out = ["--out", str(folder / "x.csv")]
    return {
        "entity show": ["--supply", "register/people", "--key", KEY],
        "quarantine export": out,
        "discrepancy export": out,
        "order export": [order, *out, "--draft"],
        "crosscheck finding": [finding, "--reveal"],
        "crosscheck explain": [finding, "--reveal"],
        "crosscheck export": out,
        "policy show": [found.entity_id],
        "policy export": ["allowance", *out],
    }


KEY = "n1"


@pytest.mark.slow
def test_whoever_sees_personal_data_leaves_an_event_without_it(
    place: Village, tmp_path: Path
) -> None:
    desk = Desk(place)
    called = views(desk, tmp_path)
    assert set(called) == set(VIEWS)
    for name, words in called.items():
        before = len(desk.told())
        desk(*name.split(), *words)
        new = desk.told()[: len(desk.told()) - before]
        assert [event["event"] for event in new] == [Event.PERSONAL_DATA_VIEWED], name
        assert new[0]["detail"]["what"] == VIEWS[name]
        assert new[0]["by"] and new[0]["subject"]
    log = json.dumps(desk.told(), ensure_ascii=False)
    assert not [name for name in (*NAMES, "n5", "1940-01-01") if f'"{name}"' in log]


@pytest.mark.slow
def test_nothing_is_shown_that_could_not_be_noted(place: Village, tmp_path: Path) -> None:
    """The event comes first: a log that takes no events lets nobody see anything."""
    desk = Desk(place)
    called = views(desk, tmp_path)
    with place.hub.ledger.writing() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON audit_event "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
    for name, words in called.items():
        done = desk.run(*name.split(), *words)
        assert done.exception is not None, name
        assert not [person for person in NAMES if person in done.output], name
        assert list(tmp_path.glob("*.csv")) == [], name


@pytest.mark.slow
def test_whoever_administers_leaves_an_event(place: Village, tmp_path: Path) -> None:
    desk = Desk(place)
    done: set[str] = set()

    def act(name: str, *words: str) -> Any:
        before = len(desk.told())
        answer = desk(*name.split(), *words)
        new = [e["detail"].get("act") for e in desk.told()[: len(desk.told()) - before]]
        assert ACTS[name] in new, (name, new)
        done.add(name)
        return answer

    finding = desk.first("id", "crosscheck", "findings")
    order, batch = desk.first("id", "order", "list"), desk.first("id", "batch", "list")
    act("crosscheck confirm", finding, "--by", "财政所")
    act("crosscheck recover", finding, "--amount", "1")
    act("crosscheck run")
    act("policy run")
    act("order return", order)
    act("order dispute", order, "--all", "--reason", "x")
    act("order waive", order, "--all", "--reason", "x")
    records = [f"register/people:{n}" for n in ("n2", "n3")]
    made = act("entity confirm", *records, "--reason", "x")
    act("entity undo", made["decision"], "--reason", "x")
    act("entity forbid", *records, "--reason", "x")
    reports = ["--out", str(tmp_path), "--format", "json", "--lang", "zh"]
    act("report batch", batch, *reports)
    act("report department", "register", *reports)
    act("report release", "people", *reports)
    act("report hub", *reports)
    act("report crosschecks", *reports)
    act("audit key")
    act("audit rotate", "--reason", "x")
    act("run", "--supply", "funeral/deaths")
    elsewhere = {
        "audit checkpoint": "makes the first key, as audit key does",
        "batch accept": "test_a_decision_on_a_held_batch_is_noted",
        "batch reject": "test_a_decision_on_a_held_batch_is_noted",
        "batch replay": "test_what_a_person_hands_in_is_noted",
        "order answer": "test_what_a_person_hands_in_is_noted",
        "order confirm": "as order waive; of one item one word counts",
        "crosscheck dismiss": "test_a_finding_that_is_dismissed_is_noted",
        "entity train": "test_a_model_is_noted",
    }
    assert set(ACTS) == done | set(elsewhere)


def test_a_finding_that_is_dismissed_is_noted(place: Village) -> None:
    desk = Desk(place)
    finding = desk.first("id", "crosscheck", "findings")
    desk("crosscheck", "dismiss", finding, "--reason", "Frau Li from the third floor")
    newest = desk.told()[0]
    assert newest["detail"] == {"act": "finding_dismissed"}
    assert newest["subject"] == finding and newest["department"] == "treasury"
    assert "Li" not in json.dumps(newest), "what people type does not go into the log for ever"


@pytest.mark.slow
@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_a_decision_on_a_held_batch_is_noted(tmp_path: Path, verdict: str) -> None:
    root = catalog(tmp_path / "catalog")
    path = root / "contracts/supply/register/people.odcs.yaml"
    import yaml

    contract = yaml.safe_load(path.read_text("utf-8"))
    hold = {"property": "verdict", "value": {"warn": 0.0, "hold": 0.1, "reject": 0.9}}
    contract["customProperties"].append(hold)
    write(path, contract)
    with village(tmp_path) as place:
        place.fill("register/people", *PEOPLE, ("n5", "戊", "no date", "西"))
        from hub.steps import run_all

        place.day = 1
        run_all(place.at(), place.moment)
        desk = Desk(place)
        batch = next(row["id"] for row in desk("batch", "list") if row["verdict"] == "hold")
        desk("batch", verdict, batch, "--reason", "x")
        acts = [e for e in desk.told() if e["subject"] == batch]
    assert [e["detail"]["act"] for e in acts] == [f"batch_{verdict}ed"]
    assert acts[0]["department"] == "register"


@pytest.mark.parametrize(
    ("origin", "act"),
    [({"order": "x", "by": "王芳"}, "order_answered"), ({"replay_of": "x"}, "batch_replayed")],
)
def test_what_a_person_hands_in_is_noted(place: Village, origin: dict[str, str], act: str) -> None:
    from dataclasses import replace

    from hub.ledger.batches import list_batches, open_batch

    ledger = place.hub.ledger
    batch = replace(list_batches(ledger)[0], id="another", origin=origin)
    for _ in range(2):  # the same batch again is no other act
        open_batch(ledger, batch, place.moment)
    told = [event for event in events(ledger) if event["subject"] == "another"]
    assert [event["detail"]["act"] for event in told] == [act]
    assert told[0]["by"] == origin.get("by", "hub")


def test_a_model_is_noted(place: Village) -> None:
    from hub.ledger.entities import add_model

    ledger = place.hub.ledger
    add_model(ledger, "m1", "people", "models/x", "0" * 64, "王芳", lambda: place.moment)
    assert events(ledger)[0]["detail"] == {"act": "model_trained", "dataset": "people"}


def test_a_catalog_that_was_changed_is_noted_once(place: Village) -> None:
    desk = Desk(place)
    file = place.hub.settings.catalog / "departments" / "treasury.yaml"
    file.write_text(file.read_text("utf-8") + "officers: {王芳: [approver]}\n", "utf-8")
    for _ in range(2):
        desk("batch", "list")
    told = [e["detail"]["files"] for e in desk.told() if e["subject"] == "catalog"]
    assert [line.split()[0] for line in told[0]] == ["departments/treasury.yaml"]
    assert len(told) == 2, "the first time everything, then what changed"


def code() -> str:
    files = [p for top in ("hub", "portal") for p in (ROOT / top).rglob("*.py")]
    return "".join(p.read_text("utf-8") for p in files if p.name != "audit.py")


def test_no_event_is_in_the_list_that_nothing_notes() -> None:
    text = code()
    for kinds in (Event, Shown):
        missing = {k.name for k in kinds if f"{kinds.__name__}.{k.name}" not in text}
        assert missing <= {"ADMINISTRATIVE_ACT"}, "by note_act alone"
    computed = {Act.FINDING_CONFIRMED, Act.FINDING_RECOVERED, Act.FINDING_DISMISSED}
    missing = [k.name for k in Act if k not in computed and f"Act.{k.name}" not in text]
    assert missing == []


def test_every_event_is_explained_and_no_other() -> None:
    page = read("docs/audit.md")
    explained = re.findall(r"^### `(\w+)`", page, re.MULTILINE)
    assert explained == [event.value for event in Event]
    acts = [row["act"].strip("`") for row in table_of(page, "act", "when", "subject")]
    assert acts == [act.value for act in Act]
    shown = [row["what"].strip("`") for row in table_of(page, "what", "shown by", "subject")]
    assert shown == [what.value for what in Shown]
