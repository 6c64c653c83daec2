"""The outline and the clocks that follow from it."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub.settings import REPOSITORY
from schemas import outline as outlining
from schemas.catalog import load_catalog
from schemas.cycles import cron, due, period_start
from schemas.outline import read_outline
from schemas.properties import UpdateCycle
from tests.dags import town

CATALOG = REPOSITORY / "schemas"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)
PERIODS = st.sampled_from(
    ["weekly", "tenDays", "monthly", "quarterly", "halfYearly", "yearly"]
).map(UpdateCycle)


def test_the_outline_agrees_with_the_catalog(tmp_path: Path) -> None:
    outline = read_outline(CATALOG)
    catalog = load_catalog(CATALOG, tmp_path)
    supplies = {s.name: s for d in outline.departments.values() for s in d.supplies}
    assert set(supplies) == set(catalog.supplies)
    for name, supply in catalog.supplies.items():
        seen = supplies[name]
        assert (seen.title, seen.title_en, seen.version) == (
            supply.title,
            supply.title_en,
            supply.version,
        )
        assert seen.cycle is supply.properties.directory.update_cycle
        assert seen.mode == supply.pull.mode
        assert seen.problem is None
    for name, dataset in catalog.datasets.items():
        assert outline.datasets[name].supplies == dataset.supplies
        assert outline.datasets[name].datasets == dataset.datasets
    for name, department in outline.departments.items():
        node = catalog.departments[name].node
        assert node is not None
        assert department.connections == node.connections
        assert department.title_en == catalog.departments[name].title.en


def test_leaving_out_the_schema_changes_nothing_else() -> None:
    for path in CATALOG.glob("contracts/**/*.yaml"):
        text = path.read_text("utf-8")
        whole = yaml.safe_load(text)
        del whole["schema"]
        assert outlining._document(text) == whole


def test_a_contract_in_flow_style_or_with_anchors_is_read_whole() -> None:
    flow = '{"id": "a", "schema": [{"name": "x"}], "name": "甲"}'
    assert outlining._document(flow)["name"] == "甲"
    anchors = "id: a\nschema:\n- name: &x 甲\nname: *x\n"
    assert outlining._document(anchors)["name"] == "甲"


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    catalog = town.build(tmp_path)
    cache = tmp_path / "cache" / "outline.json"
    first = read_outline(catalog, cache)
    kept = json.loads(cache.read_text("utf-8"))
    path = str(catalog / "contracts/dataset/town.odcs.yaml")
    kept["files"][path][2]["title"] = "from the cache"
    cache.write_text(json.dumps(kept), "utf-8")
    assert read_outline(catalog, cache).datasets["town"].title == "from the cache"
    os.utime(path, ns=(1, 1))
    assert read_outline(catalog, cache) == first


@pytest.mark.parametrize(
    "rubbish", ["", "{", "[]", '{"version": 1}', '{"version": 0, "files": {}}']
)
def test_a_spoilt_cache_is_made_anew(tmp_path: Path, rubbish: str) -> None:
    catalog = town.build(tmp_path)
    cache = tmp_path / "outline.json"
    cache.write_text(rubbish)
    assert read_outline(catalog, cache) == read_outline(catalog)
    assert set(json.loads(cache.read_text("utf-8"))["files"])


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    catalog = town.build(tmp_path)
    (tmp_path / "file").write_text("")
    assert read_outline(catalog, tmp_path / "file" / "outline.json") == read_outline(catalog)


@given(cycle=PERIODS, as_of=MOMENTS, back=st.timedeltas(timedelta(0), timedelta(days=800)))
def test_what_is_pulled_once_a_period_is_due_exactly_when_the_last_is_of_an_earlier_one(
    cycle: UpdateCycle, as_of: datetime, back: timedelta
) -> None:
    last = as_of - back
    same = period_start(cycle, last) == period_start(cycle, as_of)
    assert due(cycle, as_of, last) is not same


@given(cycle=PERIODS, moment=MOMENTS)
def test_a_period_starts_at_a_midnight_within_it_and_is_its_own_start(
    cycle: UpdateCycle, moment: datetime
) -> None:
    start = period_start(cycle, moment)
    assert start <= moment and (start.hour, start.minute, start.second) == (0, 0, 0)
    assert period_start(cycle, start) == start


def test_what_was_never_pulled_is_due_and_what_never_changes_is_due_once() -> None:
    now = datetime(2026, 3, 5, tzinfo=SHANGHAI)
    assert all(due(cycle, now, None) for cycle in UpdateCycle)
    assert not due(UpdateCycle.NEVER, now, now - timedelta(days=4000))
    assert due(UpdateCycle.DAILY, now, now)


@pytest.mark.parametrize(
    ("cycles", "days"),
    [
        (["monthly", "daily"], "* * *"),
        (["monthly", "weekly"], "* * 1"),
        (["quarterly", "halfYearly"], "1 1,4,7,10 *"),
        (["yearly", "never"], "1 1 *"),
        (["irregular"], "* * *"),
    ],
)
def test_the_fastest_cycle_is_the_clock(cycles: list[str], days: str) -> None:
    line = cron("police", [UpdateCycle(cycle) for cycle in cycles])
    assert line is not None and line.split(" ", 2)[2] == days


def test_what_never_changes_has_no_clock() -> None:
    assert cron("police", [UpdateCycle.NEVER]) is None


@given(
    name=st.text(min_size=1, max_size=20), start=st.integers(0, 1439), length=st.integers(1, 1439)
)
def test_a_department_is_collected_within_the_hours_that_it_allows(
    name: str, start: int, length: int
) -> None:
    end = (start + length) % 1440
    hours = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    line = cron(name, [UpdateCycle.DAILY], hours)
    assert line is not None
    minute, hour = (int(part) for part in line.split()[:2])
    assert (hour * 60 + minute - start) % 1440 < length


def test_realtime_is_every_ten_minutes_of_the_allowed_hours() -> None:
    assert cron("x", [UpdateCycle.REALTIME]) == "*/10 * * * *"
    assert cron("x", [UpdateCycle.REALTIME], "22:00-01:00") == "*/10 0,22,23 * * *"
