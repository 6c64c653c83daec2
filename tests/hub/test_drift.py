"""Drift on a small front end: what was planted is found, and steady days raise nothing."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from hub.history import history_of
from hub.lateness import late_supplies
from hub.opened import Hub, open_hub
from hub.records import Checked, Verdict
from hub.steps import check, collect
from schemas.properties import DriftLimits, RowCountDrift

pytestmark = pytest.mark.slow

CATALOG = Path(__file__).parent / "drift_catalog"
FIRST = datetime(2026, 11, 20, 2, tzinfo=UTC)  # the days pass the turn of a year
Claim = tuple[int, str, str, str | None, str, int]
CLAIMS = 400
VISITS = 300


def claim(number: int, chance: random.Random) -> Claim:
    phone = None if chance.random() < 0.1 else f"1{chance.randrange(10**10):010}"
    return (
        number,
        chance.choices(["1", "2", "M"], [45, 50, 5])[0],
        f"{chance.lognormvariate(6, 1):.2f}",
        phone,
        (date(1930, 1, 1) + timedelta(days=chance.randrange(30_000))).isoformat(),
        chance.randrange(1, 7),
    )


class Office:
    """One front end and the hub that pulls it, day by day."""

    def __init__(self, home: Path, hub: Hub) -> None:
        self.home, self.hub, self.day = home, hub, 0
        self.chance = random.Random(7)
        self.claims = [claim(n, self.chance) for n in range(CLAIMS)]
        self.visits = 0
        with closing(sqlite3.connect(home / "office.db")) as db, db:
            db.execute(
                "CREATE TABLE claims (claim INTEGER PRIMARY KEY, sex VARCHAR(1),"
                " amount DECIMAL(18,2),"
                " phone VARCHAR(20), birthday DATE, members INT)"
            )
            db.execute(
                "CREATE TABLE visits (visit INTEGER PRIMARY KEY, sex VARCHAR(1), fee DECIMAL(18,2),"
                " happened_on DATE, changed BIGINT)"
            )

    def live(self) -> None:
        """A day: some claims go, some change, some come."""
        gone = self.chance.sample(range(len(self.claims)), 8)
        self.claims = [row for n, row in enumerate(self.claims) if n not in gone]
        first = self.claims[-1][0] + 1
        self.claims += [claim(first + n, self.chance) for n in range(self.chance.randrange(16))]

    def visit(self, rows: int, sex: str | None = None, cents: int = 1) -> None:
        today = (FIRST + timedelta(days=self.day)).date()
        with closing(sqlite3.connect(self.home / "office.db")) as db, db:
            for _ in range(rows):
                self.visits += 1
                fee = f"{cents * self.chance.lognormvariate(4, 0.5):.2f}"
                db.execute(
                    "INSERT INTO visits VALUES (?, ?, ?, ?, ?)",
                    (self.visits, sex or self.chance.choice("12"), fee,
                     (today - timedelta(days=self.chance.randrange(3))).isoformat(), self.visits),
                )  # fmt: skip

    def pull(self, supply: str = "office/claims", claims: list[Claim] | None = None) -> Checked:
        rows = self.claims if claims is None else claims
        with closing(sqlite3.connect(self.home / "office.db")) as db, db:
            db.execute("DELETE FROM claims")
            db.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?)", rows)
        [batch] = collect(self.hub, supply, FIRST + timedelta(days=self.day))
        self.day += 1
        return check(self.hub, batch)


@pytest.fixture
def office(tmp_path: Path) -> Any:
    with open_hub(tmp_path, CATALOG) as hub:
        yield Office(tmp_path, hub)


def drifted(checked: Checked) -> set[str]:
    return {
        o.rule_id
        for o in checked.outcomes
        if not o.success and o.code.startswith(("drift.", "batch."))
    }


def test_thirty_steady_days_raise_nothing(office: Office) -> None:
    assessed = 0
    for day in range(30):
        checked = office.pull()
        assert drifted(checked) == set(), day
        assessed = sum(o.evaluated for o in checked.outcomes if o.code.startswith("drift."))
        office.live()
    assert assessed == 1 + 6 + 5  # rows; nulls of all fields; values of all but the key


def half(rows: list[Claim]) -> list[Claim]:
    return rows[: len(rows) // 2]


def three_times(rows: list[Claim]) -> list[Claim]:
    return [(row[0] + more, *row[1:]) for more in (0, 10_000, 20_000) for row in rows]


def nobody_has_a_phone(rows: list[Claim]) -> list[Claim]:
    return [(*row[:3], None, *row[4:]) for row in rows]


def all_are_men(rows: list[Claim]) -> list[Claim]:
    return [(row[0], "1", *row[2:]) for row in rows]


def in_fen(rows: list[Claim]) -> list[Claim]:
    return [(*row[:2], row[2].replace(".", ""), *row[3:]) for row in rows]


def masked_phones(rows: list[Claim]) -> list[Claim]:
    return [(*row[:3], row[3] and "1******", *row[4:]) for row in rows]


def born_on_the_day_of_the_export(rows: list[Claim]) -> list[Claim]:
    return [(*row[:4], "2026-11-24", row[5]) for row in rows]


def everybody_lives_alone(rows: list[Claim]) -> list[Claim]:
    return [(*row[:5], 1) for row in rows]


PLANTED: dict[Callable[[list[Claim]], list[Claim]], str] = {
    half: "table.drift.row_count",
    three_times: "table.drift.row_count",
    nobody_has_a_phone: "phone.drift.null_rate",
    all_are_men: "sex.drift.distribution",
    in_fen: "amount.drift.distribution",
    masked_phones: "phone.drift.distribution",
    born_on_the_day_of_the_export: "birthday.drift.distribution",
    everybody_lives_alone: "members.drift.distribution",
}


def test_every_planted_drift_is_found_and_no_other(office: Office) -> None:
    for _ in range(4):
        assert office.pull().verdict is Verdict.ACCEPT
        office.live()
    for spoil, rule in PLANTED.items():
        checked = office.pull(claims=spoil(office.claims))
        assert drifted(checked) == {rule}, spoil.__name__
        assert checked.verdict is Verdict.WARN
        for _ in range(2):  # back to normal: what was let pass once is not the measure
            office.live()
            assert drifted(office.pull()) == set(), f"after {spoil.__name__}"


def test_increments_are_held_against_increments(office: Office) -> None:
    office.visit(3000)
    assert drifted(office.pull("office/visits")) == set()  # the whole table so far
    for day in range(20):
        office.visit(VISITS // 2 if day % 7 < 2 else VISITS)  # weekends are quiet
        assert drifted(office.pull("office/visits")) == set(), day
    office.visit(VISITS // 10)
    assert drifted(office.pull("office/visits")) == {"table.drift.row_count"}
    office.visit(VISITS, sex="2")
    assert drifted(office.pull("office/visits")) == {"sex.drift.distribution"}
    office.visit(VISITS, cents=100)
    assert drifted(office.pull("office/visits")) == {"fee.drift.distribution"}


def test_an_increment_pulled_too_soon_or_after_a_pause_is_not_blamed(office: Office) -> None:
    for _ in range(6):
        office.visit(VISITS)
        office.pull("office/visits")
    office.day += 3
    office.visit(4 * VISITS)
    late = office.pull("office/visits")
    assert drifted(late) == {"table.batch.missing"}
    assert late.verdict is Verdict.ACCEPT  # of a database only the hub can tell why
    [again] = collect(
        office.hub, "office/visits", FIRST + timedelta(days=office.day - 1, minutes=5)
    )
    assert drifted(check(office.hub, again)) == set()


def test_a_supply_is_late_when_its_period_and_its_latency_are_over(office: Office) -> None:
    assert late_supplies(office.hub, FIRST + timedelta(days=99)) == []  # nothing was ever pulled
    pulled = office.pull()
    # Beijing's Friday 10:00: Saturday's batch is due by Sunday 0:00, which is Saturday 16:00 UTC.
    due_by = datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert late_supplies(office.hub, due_by) == []
    late = {late.supply: late for late in late_supplies(office.hub, due_by + timedelta(hours=1))}
    assert set(late) == {"office/claims", "office/visits"}
    assert late["office/claims"].last_batch == pulled.batch_id
    assert (late["office/visits"].last_batch, late["office/visits"].due_by) == (None, due_by)
    office.day = 2
    office.visit(1)
    assert drifted(office.pull()) == {"table.batch.missing"}
    office.day = 2
    office.pull("office/visits")
    assert late_supplies(office.hub, due_by + timedelta(days=1)) == []


def test_late_supplies_are_listed(office: Office, tmp_path: Path) -> None:
    office.pull()
    command = ["--home", str(tmp_path), "--catalog", str(CATALOG), "--json", "batch", "late"]
    told = CliRunner().invoke(app, [*command, "--at", "2026-11-25T00:00:00"])
    assert [one["supply"] for one in json.loads(told.stdout)] == ["office/claims", "office/visits"]
    told = CliRunner().invoke(app, [*command, "--at", "2026-11-21T00:00:00"])
    assert json.loads(told.stdout) == []


def test_a_batch_that_is_checked_again_is_held_against_the_same_ones(office: Office) -> None:
    for _ in range(3):
        checked = office.pull()
    supply = office.hub.supply("office/claims")
    before = history_of(office.hub.ledger, office.hub.store, supply, checked.batch_id)
    assert len(before) == 2 and all(past.profile for past in before)
    office.pull()
    office.pull()
    again = history_of(office.hub.ledger, office.hub.store, supply, checked.batch_id)
    assert again == before


def test_severity_error_holds_and_null_switches_off(office: Office, tmp_path: Path) -> None:
    for _ in range(2):
        office.pull()
    supply = office.hub.supply("office/claims")
    strict = DriftLimits(row_count=RowCountDrift(severity="error"), null_rate=None)
    for limits, verdict, codes in (
        (strict, Verdict.HOLD, {"drift.row_count", "drift.distribution"}),
        (None, Verdict.ACCEPT, set()),
    ):
        properties = supply.properties.model_copy(update={"drift": limits})
        office.hub.catalog.supplies["office/claims"] = replace(supply, properties=properties)
        checked = office.pull(claims=half(office.claims))
        assert checked.verdict is verdict
        assert {o.code for o in checked.outcomes if o.code.startswith("drift.")} == codes
