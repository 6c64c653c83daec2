"""The same city on servers: PostgreSQL and MariaDB hold what SQLite holds."""

from __future__ import annotations

import pytest

import sample
from sample.target import Target
from schemas.catalog import load_catalog
from tests.sample.reading import CATALOG, DAY, read_supply

PEOPLE = 1_500
ON_POSTGRESQL = ("police", "human_resources", "education", "housing", "market", "statistics",
                 "treasury", "staffing", "development")  # fmt: skip
ON_MARIADB = ("health", "civil_affairs", "medical_insurance", "transport", "tax", "quality",
              "budget", "funds", "state_assets", "approval")  # fmt: skip


@pytest.mark.server
def test_servers_hold_the_rows_of_the_embedded_city(
    tmp_path_factory: pytest.TempPathFactory, postgres_database: str, mariadb_database: str
) -> None:
    embedded = Target(tmp_path_factory.mktemp("embedded"))
    served = Target(
        tmp_path_factory.mktemp("served"),
        databases=dict.fromkeys(ON_POSTGRESQL, postgres_database)
        | dict.fromkeys(ON_MARIADB, mariadb_database),
        drops={"justice": tmp_path_factory.mktemp("account") / "upload"},
    )
    for target in (embedded, served):
        sample.create(target, PEOPLE, seed=4, day=DAY)
        sample.evolve(target, 2)
    assert not list(served.folder.glob("*.db"))
    for name, supply in load_catalog(CATALOG).supplies.items():
        if not supply.properties.files:
            here, there = (read_supply(target, supply) for target in (embedded, served))
            # SQLite updates in place, servers may move rows: the order is not promised.
            assert len(here) > 20
            assert sorted(map(str, here)) == sorted(map(str, there)), name
    assert (served.drops["justice"] / "aid_cases_20260702.csv").exists()
