"""The whole path without any key: SQLite and CSV in, entities out; `hub entity` on what came."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import SettingsError
from hub.ledger.releases import last_release
from hub.opened import Hub, open_hub
from hub.publish import read_manifest
from hub.released import relation
from tests.entities.conftest import person

pytestmark = pytest.mark.slow

CATALOG = Path(__file__).parent / "catalog"
PEOPLE = range(120)
SAILORS = range(40, 150)
FIRST = (
    "Atlas",
    "Baltic",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Garnet",
    "Iris",
    "Juniper",
    "Laurel",
)
TRADE = ("Shipping", "Timber", "Foods", "Textiles", "Marine", "Paper", "Glass", "Tools", "Fishing")
STREETS = ("Quay", "Mill", "Church", "Station", "Bridge", "Market", "Castle", "Orchard")
FORMS = {"town": ("Limited", "Public Limited Company"), "harbour": ("Ltd", "PLC")}


def firm(number: int, department: str) -> dict[str, Any]:
    """A firm by number, with its legal form as the department writes it."""
    dice = Random(7_000 + number)
    name = f"{FIRST[number % 10]} {TRADE[number // 10 % 9]} {dice.choice(('', '& Sons '))}"
    return {
        "name": name + FORMS[department][number % 2],
        "address": f"{dice.randrange(1, 300)} {dice.choice(STREETS)} Street, Testport",
        "phone": f"0{dice.randrange(10**9, 10**10)}",
    }


@dataclass
class Port:
    """The home of a hub over the two offices."""

    home: Path

    def ask(self, *words: str) -> Result:
        return CliRunner().invoke(
            app, ["--home", str(self.home), "--catalog", str(CATALOG), *words]
        )

    def told(self, *words: str) -> Any:
        """What a command answers in JSON."""
        result = self.ask("--json", *words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def fill(self, day: int, residents: range = PEOPLE, sailors: range = SAILORS) -> None:
        with sqlite3.connect(self.home / "town.db") as database:
            for table, columns in (("residents", "page name born address phone"),
                                   ("firms", "page name address phone")):  # fmt: skip
                names = ", ".join(columns.split())
                database.execute(f"DROP TABLE IF EXISTS {table}")
                database.execute(f"CREATE TABLE {table} ({names})")
            for n in residents:
                row = person(n)
                values = (f"R{n}", row["name"], str(row["birth"]), row["address"], row["phone"])
                database.execute("INSERT INTO residents VALUES (?, ?, ?, ?, ?)", values)
            for n in range(60):
                values = (f"F{n}", *firm(n, "town").values())
                database.execute("INSERT INTO firms VALUES (?, ?, ?, ?)", values)
        folder = self.home / "harbour"
        folder.mkdir(exist_ok=True)
        people = [
            {"berth": f"S{n}", "name": person(n)["name"], "born": str(person(n)["birth"]),
             "address": person(n)["address"] if n % 5 else person(n + 999)["address"],
             "phone": person(n)["phone"] if n % 7 else ""}
            for n in sailors
        ]  # fmt: skip
        _write(folder / f"sailors_{day}.csv", people)
        agents = [{"berth": f"A{n}", **firm(n, "harbour")} for n in range(20, 80)]
        _write(folder / f"agents_{day}.csv", agents)

    def entities(self, dataset: str) -> dict[str, str]:
        """Entity by source key, as the newest release has it."""
        with self.hub() as hub, hub.store.connect() as connection:
            release = last_release(hub.ledger, dataset)
            assert release is not None
            links = relation(hub.store, read_manifest(hub.store, release), "links")
            return dict(
                connection.execute(f"SELECT source_key, entity_id FROM ({links})").fetchall()
            )

    def hub(self) -> Any:
        return open_hub(self.home, CATALOG)


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    made = Port(tmp_path_factory.mktemp("port"))
    made.fill(1)
    result = made.ask("run", "--all")
    assert result.exit_code == 0, result.output
    yield made


def test_people_and_firms_without_any_common_key_are_published_as_one(port: Port) -> None:
    for dataset, ours, theirs, common in (("people", "R", "S", range(40, 120)),
                                          ("firms", "F", "A", range(20, 60))):  # fmt: skip
        found = port.entities(dataset)
        right = [n for n in common if found[f"{ours}{n}"] == found[f"{theirs}{n}"]]
        groups: dict[str, list[str]] = {}
        for key, entity in found.items():
            groups.setdefault(entity, []).append(key)
        wrong = [keys for keys in groups.values() if len({key[1:] for key in keys}) > 1]
        print(f"\n{dataset}: recall {len(right) / len(common):.3f}, wrong {len(wrong)}")
        assert not wrong
        assert len(right) >= 0.95 * len(common)
        rows = 230 if dataset == "people" else 120
        assert len(found) == rows


def test_show_explains_rows_values_and_the_link(port: Port, tmp_path: Path) -> None:
    entity = port.entities("people")["S50"]
    told = port.told("entity", "show", entity)
    assert {(r["supply"], r["source_key"]) for r in told["records"]} == {
        ("town/residents", "R50"), ("harbour/sailors", "S50"),
    }  # fmt: skip
    (link,) = told["links"]
    assert link["decision"] == "linked" and link["probability"] > 0.95
    assert abs(sum(step["weight"] for step in link["steps"]) - link["weight"]) < 0.01
    name = next(field for field in told["fields"] if field["field"] == "name")
    assert (name["value"], name["supply"]) == (person(50)["name"], "town/residents")
    same = port.told("entity", "show", "--supply", "harbour/sailors", "--key", "S50")
    assert same["entity_id"] == entity
    text = port.ask("entity", "show", entity).stdout
    assert "镇政府" in text and "Town hall" in text and "bits" in text and "比特" in text
    page = tmp_path / "who.html"
    assert port.ask("entity", "show", entity, "--out", str(page), "--lang", "en").exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o777 == 0o600
    assert 'class="waterfall"' in html and "Match from here" in html
    starts = re.findall(r'text-anchor="end"[^>]*>(Start|Kin)<', html)
    assert starts == ["Start", "Kin"]  # what kin would share is no second start
    assert not re.findall(r'(?:src|href)="|<script|@import|url\(', html)  # nothing from outside


def test_a_page_that_cannot_be_written_is_told_and_one_open_to_others_is_closed(
    port: Port, tmp_path: Path
) -> None:
    entity = port.entities("people")["R50"]
    refused = port.ask("entity", "show", entity, "--out", str(tmp_path / "nowhere" / "who.html"))
    assert isinstance(refused.exception, SettingsError)
    assert "cannot be written" in str(refused.exception)
    page = tmp_path / "who.html"
    page.write_text("x" * 1_000_000)
    page.chmod(0o644)
    assert port.ask("entity", "show", entity, "--out", str(page)).exit_code == 0
    assert page.stat().st_mode & 0o777 == 0o600 and "xxx" not in page.read_text("utf-8")
    assert port.ask("entity", "candidates", "people", "--limit", "-3").exit_code == 2


def test_what_was_typed_is_shown_as_text_on_the_page(port: Port, tmp_path: Path) -> None:
    told = "<script>alert(1)</script>"
    made = port.told("entity", "forbid", "town/residents:R1", "town/residents:R2",
                     "--reason", told)  # fmt: skip
    page = tmp_path / "who.html"
    port.ask("entity", "show", port.entities("people")["R1"], "--out", str(page))
    assert told not in page.read_text(encoding="utf-8")
    port.told("entity", "undo", made["decision"], "--reason", "a test")


def test_decisions_make_the_next_release_and_survive_new_batches(port: Port) -> None:
    before = port.entities("people")
    assert before["R3"] != before["S45"] and before["R50"] == before["S50"]
    joined = port.told("entity", "confirm", before["R3"], before["R4"], "--reason", "one family")
    parted = port.told("entity", "forbid", "harbour/sailors:S50", before["R50"],
                       "--reason", "his brother", "--by", "ann")  # fmt: skip
    assert port.ask("run", "--dataset", "people").exit_code == 0
    second = port.entities("people")
    assert second["R3"] == second["R4"] and second["R50"] != second["S50"]
    untouched = set(before) - {"R3", "R4", "R50", "S50"}
    assert {key: second[key] for key in untouched} == {key: before[key] for key in untouched}
    gone = ({before["R3"], before["R4"]} - {second["R3"]}).pop()
    shown = port.told("entity", "show", gone)  # an id that was merged away
    assert shown["entity_id"] == second["R3"] and shown["redirected"]
    assert [e["kind"] for e in port.told("entity", "history", gone)] == ["merge"]

    port.fill(2, range(125), range(35, 152))  # a new day: other rows, in other files
    assert port.ask("run", "--all").exit_code == 0
    third = port.entities("people")
    assert third["R3"] == third["R4"] == second["R3"] and third["R50"] != third["S50"]
    held = {key: second[key] for key in set(second) & set(third)}
    assert {key: third[key] for key in held} == held
    assert third["R35"] == third["S35"] == second["R35"]

    listed = {row["decision"]: row for row in port.told("entity", "decisions")}
    assert listed[joined["decision"]]["a"] == third["R3"]
    assert listed[parted["decision"]]["by"] == "ann"
    for one in (joined, parted):
        port.told("entity", "undo", one["decision"], "--reason", "told otherwise")
    assert port.ask("run", "--dataset", "people").exit_code == 0
    fourth = port.entities("people")
    assert fourth["R3"] == before["R3"] and fourth["R4"] == before["R4"]
    assert fourth["R50"] == fourth["S50"] == before["R50"]
    assert not any(
        row["holds"] for row in port.told("entity", "decisions") if row["kind"] != "undo"
    )
    again = port.ask("--json", "run", "--dataset", "people")
    assert json.loads(again.stdout)["releases"] == []  # nothing was decided since


def test_a_trained_model_is_named_by_the_next_release(port: Port) -> None:
    made = port.told("entity", "train", "firms")
    assert port.ask("run", "--dataset", "firms").exit_code == 0
    with port.hub() as hub:
        assert _model(hub) == made[0]["uri"]


def _model(hub: Hub) -> str:
    release = last_release(hub.ledger, "firms")
    assert release is not None
    return str(read_manifest(hub.store, release)["model"]["uri"])


def test_candidates_show_no_personal_value(port: Port) -> None:
    rows = port.told("entity", "candidates", "people", "--all")
    shown = "entity_id supply other_entity_id other_supply weight probability decision"
    assert rows and all(set(row) == set(shown.split()) for row in rows)
    table = port.ask("entity", "candidates", "people", "--all").stdout
    assert person(50)["name"] not in table


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (["show", "p0000"], 6),
        (["show"], 2),
        (["show", "--supply", "town/residents"], 2),
        (["show", "--supply", "town/nothing", "--key", "R1"], 6),
        (["show", "--supply", "town/residents", "--key", "R99999"], 6),
        (["confirm", "town/residents:R1", "town/residents:R2", "--reason", " "], 2),
        (["forbid", "town/residents:R1", "town/residents:R1", "--reason", "x"], 2),
        (["confirm", "town/residents:R1", "town/firms:F1", "--reason", "x"], 2),
        (["undo", "beef", "--reason", "x"], 6),
        (["candidates", "nothing"], 6),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    port: Port, words: list[str], exit_code: int
) -> None:
    from hub.errors import HubError

    result = port.ask("entity", *words)
    code = (
        result.exception.exit_code if isinstance(result.exception, HubError) else result.exit_code
    )
    assert code == exit_code
    assert "R99999" not in str(result.exception)  # source keys may be personal
