"""Contracts of another city, over its own databases, run with no line of Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from hub.fold import CurrentTable
from hub.opened import open_hub
from hub.steps import collect, current_table, run_all
from hub.summary import Summary
from schemas.catalog import load_catalog, read_catalog
from schemas.exports.ddl import script
from tests.stranger.city import HEADER, Strangers, change, settle

pytestmark = pytest.mark.server

HUB = Path(sys.executable).with_name("hub")
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def strangers(
    postgres_database: str,
    mariadb_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Strangers]:
    settled = settle(postgres_database, mariadb_database, tmp_path)
    for name, value in settled.environ().items():
        monkeypatch.setenv(name, value)
    yield settled
    settled.hospital.dispose()
    settled.insurer.dispose()


def run(strangers: Strangers, day: int, *supplies: str) -> Summary:
    """One day's run of everything, or of these supplies alone."""
    named = (supplies, ()) if supplies else ()
    with open_hub(strangers.home, strangers.catalog) as hub:
        summary = run_all(hub, FIRST + timedelta(days=day), *named)
    assert summary.faults == []
    for line in summary.batches:
        assert line.source == line.accepted + line.unchanged + line.quarantined, line
    return summary


def counts(summary: Summary, supply: str) -> tuple[int, int, int, int, str]:
    (line,) = [line for line in summary.batches if line.supply == supply]
    return line.accepted, line.unchanged, line.quarantined, line.deleted, line.verdict


def released(strangers: Strangers, dataset: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        DeltaTable(strangers.home / "store" / "release" / dataset).to_pyarrow_table().to_pylist()
    )
    return rows


def table_of(strangers: Strangers, supply: str) -> list[dict[str, Any]]:
    with open_hub(strangers.home, strangers.catalog) as hub, hub.store.connect() as connection:
        table: CurrentTable = current_table(hub, supply)
        rows: list[dict[str, Any]] = connection.sql(table.sql).to_arrow_table().to_pylist()
    return rows


def assert_people_are_right(strangers: Strangers) -> None:
    found = {row["nhs_number"]: row for row in released(strangers, "people")}
    wanted = strangers.people()
    assert found.keys() == wanted.keys()
    for number, person in wanted.items():
        for field, value in person.items():
            got = found[number][field]
            assert (got.isoformat() if isinstance(got, date) else got) == value, (number, field)


def test_the_catalog_has_warnings_and_no_error(strangers: Strangers) -> None:
    reading = read_catalog(strangers.catalog, strangers.home)
    assert {problem.severity for problem in reading.problems} == {"warning"}
    assert len(load_catalog(strangers.catalog, strangers.home).supplies) == 8


def test_ddl_of_a_table_in_a_schema_of_its_own_makes_that_table(strangers: Strangers) -> None:
    catalog = load_catalog(strangers.catalog, strangers.home)
    change(strangers.hospital, "DROP SCHEMA clinical CASCADE")
    change(strangers.hospital, script([catalog.supplies["hospital/patients"]], "postgresql"))
    change(strangers.hospital, 'SELECT "PatientNo", "order" FROM clinical."Patient Master"')


def test_days_of_strangers_tie_out_with_their_own_databases(strangers: Strangers) -> None:
    first = run(strangers, 0)
    assert counts(first, "hospital/patients") == (297, 0, 3, 0, "warn")
    assert counts(first, "hospital/log") == (60, 0, 0, 0, "accept")
    assert counts(first, "insurer/members") == (200, 0, 1, 0, "warn")
    assert counts(first, "insurer/claims") == (0, 0, 0, 0, "accept")
    assert counts(first, "pharmacy/sales") == (50, 0, 0, 0, "accept")
    assert_people_are_right(strangers)
    assert sum(row["amount"] for row in released(strangers, "payments")) == strangers.billed()
    lost = {row["bill_no"] for row in released(strangers, "payments") if not row["person"]}
    assert lost == {"B3"}  # its patient is in quarantine
    assert first.discrepancies["payments"] == {"unresolved_reference": 1, "balance": 1}
    by_id = {row["id"]: row for row in table_of(strangers, "insurer/members")}
    member = {"plan": "gold", "perks": "a,b", "active": True, "town": "深圳"}
    assert by_id[1] == by_id[1] | member

    change(
        strangers.hospital,
        """
        INSERT INTO clinical."Patient Master" VALUES
          (2001, 'LON', '9900002001', 'New', NULL, 0, NULL, NULL, '2025-06-01 12:00+00');
        UPDATE clinical."Patient Master" SET born = '1950-01-06', "changedAt" =
          '2025-06-01 12:00+00' WHERE "PatientNo" = 5;
        DELETE FROM clinical."Patient Master" WHERE "PatientNo" IN (11, 12);
        DELETE FROM access_log WHERE who = 'u1';
        INSERT INTO access_log VALUES ('2026-01-01', 'u9', 'y'), ('2026-01-01', 'u9', 'y')
        """,
    )
    sales = (strangers.home / "drop" / "sales_01.csv").read_text().splitlines(keepends=True)
    strangers.deliver("sales_01.csv", "".join(sales[:10] + sales[20:]))
    second = run(strangers, 1)
    assert counts(second, "hospital/patients") == (2, 1, 0, 2, "accept")
    assert counts(second, "hospital/log") == (2, 40, 0, 20, "accept")
    assert counts(second, "pharmacy/sales") == (31, 9, 0, 10, "accept")
    assert len({row["nhs_number"] for row in table_of(strangers, "pharmacy/sales")}) == 40
    assert_people_are_right(strangers)


def test_a_mended_contract_brings_in_what_the_old_one_left_out(strangers: Strangers) -> None:
    strangers.deliver("sales_02.csv", HEADER + "02/03/2026,9900000001,Aspirin,1.00\n")
    both = ("hospital/patients", "pharmacy/sales")
    first = run(strangers, 0, *both)
    assert [line.verdict for line in first.batches if line.supply == "pharmacy/sales"] == [
        "accept", "reject",
    ]  # fmt: skip
    assert counts(run(strangers, 1, *both), "hospital/patients") == (0, 1, 0, 0, "accept")

    strangers.edit("hospital/patients", ("2.1.0", "2.2.0"), ("minLength: 10, ", ""))
    spellings = "{property: formats, value: ['%Y-%m-%d', '%d/%m/%Y']}"
    strangers.edit(
        "pharmacy/sales",
        ("version: 1.0.0", "version: 1.1.0"),
        ("{name: when, logicalType: date}",
         f"{{name: when, logicalType: date, customProperties: [{spellings}]}}"),
    )  # fmt: skip
    mended = run(strangers, 2, *both)
    assert counts(mended, "hospital/patients") == (1, 297, 2, 0, "warn")
    assert counts(mended, "pharmacy/sales") == (1, 0, 0, 0, "accept")
    assert "12" in {row["nhs_number"] for row in table_of(strangers, "hospital/patients")}
    assert len(table_of(strangers, "pharmacy/sales")) == 51
    assert not [b for b in run(strangers, 3, *both).batches if b.supply == "pharmacy/sales"]


def test_a_batch_left_unfinished_under_an_older_version_is_pulled_anew(
    strangers: Strangers,
) -> None:
    with open_hub(strangers.home, strangers.catalog) as hub:
        collect(hub, "hospital/budget", FIRST)  # landed, and then the machine went down
    change(strangers.hospital, "ALTER TABLE budget ADD COLUMN note text DEFAULT 'n'")
    strangers.edit(
        "hospital/budget",
        ("version: 1.0.0", "version: 1.1.0"),
        ("      - {name: line,", "      - {name: note, logicalType: string}\n      - {name: line,"),
    )
    summary = run(strangers, 1, "hospital/budget")
    assert counts(summary, "hospital/budget") == (4, 0, 0, 0, "accept")
    assert {row["note"] for row in table_of(strangers, "hospital/budget")} == {"n"}


def test_a_lost_column_is_held_and_a_lost_server_stops_nobody_else(strangers: Strangers) -> None:
    run(strangers, 0)
    change(strangers.insurer, "ALTER TABLE Member DROP COLUMN town")
    environ = {**strangers.environ(), "HOSPITAL_URL": "postgresql://hub@127.0.0.1:1/emr"}
    code, out, err = hub_command(strangers, environ, "--json", "run", "--all")
    answer = json.loads(out)
    assert code == 1 and err == ""
    held = {line["supply"]: line["verdict"] for line in answer["batches"]}
    assert held == {"insurer/claims": "accept", "insurer/members": "hold"}
    assert len(answer["faults"]) == 4
    assert all("：supply hospital/" in fault for fault in answer["faults"])
    assert_people_are_right(strangers)
    code, out, err = hub_command(strangers, environ, "run", "--supply", "hospital/patient")
    assert (code, out) == (6, "") and "hospital/patient" in err


def hub_command(strangers: Strangers, environ: dict[str, str], *words: str) -> tuple[int, str, str]:
    options = ["--home", str(strangers.home), "--catalog", str(strangers.catalog)]
    done = subprocess.run(
        [HUB, *options, *words], env={**os.environ, **environ}, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr
