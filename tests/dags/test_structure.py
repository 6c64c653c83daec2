"""What the DAG files make of a catalog."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.settings import REPOSITORY
from tests.dags import town
from tests.dags.describe import describe

pytestmark = pytest.mark.slow  # importing Airflow takes seconds, four times here

CHINESE = re.compile(r"[\u4e00-\u9fff]")
Dags = dict[str, Any]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Dags:
    """The DAGs of the repository's own catalog."""
    return describe(REPOSITORY / "schemas", tmp_path_factory.mktemp("city"))["dags"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dags:
    """The DAGs of the town."""
    folder = tmp_path_factory.mktemp("town")
    return describe(town.build(folder), folder)["dags"]


def test_every_department_is_collected_and_every_dataset_published(city: Dags) -> None:
    root = REPOSITORY / "schemas" / "contracts"
    departments = {path.name for path in (root / "supply").iterdir()}
    datasets = {path.name.split(".")[0] for path in (root / "dataset").glob("*.yaml")}
    expected = {f"collect_{d}" for d in departments} | {f"publish_{d}" for d in datasets}
    assert {name for name in city if not name.startswith(("deliver_", "watch"))} == expected


def test_each_supply_is_pulled_then_checked_and_only_its_check_wakes(city: Dags) -> None:
    for dag_id, dag in city.items():
        if not dag_id.startswith("collect_"):
            continue
        for task_id, task in dag["tasks"].items():
            supply, step = task_id.rsplit(".", 1)
            department = dag_id.removeprefix("collect_")
            if step == "pull":
                assert task["outlets"] == [] and task["upstream"] == []
            else:
                assert task["outlets"] == [f"supply/{department}/{supply}"]
                assert task["upstream"] == [f"{supply}.pull"]


def test_a_dataset_is_woken_by_any_of_its_supplies_and_of_the_datasets_it_refers_to(
    city: Dags,
) -> None:
    assert city["publish_fund"]["woken_by"] == [
        "dataset/enterprise",
        "dataset/population",
        "supply/budget/allocations",
        "supply/funds/benefits",
        "supply/state_assets/injections",
        "supply/treasury/payments",
    ]
    assert city["publish_fund"]["any"] == "AssetAny"
    outlets = {
        name for dag in city.values() for t in dag["tasks"].values() for name in t["outlets"]
    }
    for dag in city.values():
        assert set(dag["woken_by"]) <= outlets


def test_a_release_is_cross_checked_by_a_task_that_cannot_hide_it(
    tmp_path: Path, small: Dags, described: Callable[[Path], dict[str, Any]]
) -> None:
    assert set(small["publish_town"]["tasks"]) == {"settle", "publish"}, "it asks nothing"
    catalog = town.build(tmp_path)
    (catalog / "crosschecks").mkdir()
    (catalog / "crosschecks/any.yaml").write_text("name: any\n", "utf-8")
    tasks = described(catalog)["dags"]["publish_town"]["tasks"]
    assert tasks["crosscheck"]["upstream"] == ["publish"]
    assert tasks["crosscheck"]["trigger"] == "none_failed"
    assert tasks["crosscheck"]["outlets"] == [] and tasks["publish"]["outlets"]


def test_every_dataset_is_delivered_when_it_was_published_and_somebody_shares(
    city: Dags, small: Dags
) -> None:
    datasets = {name.removeprefix("publish_") for name in city if name.startswith("publish_")}
    for name in datasets:
        dag = city[f"deliver_{name}"]
        assert dag["woken_by"] == [f"dataset/{name}"]
        assert set(dag["tasks"]) == {"recall", "grants", "push", "prepare"}
        assert dag["cron"] is None or dag["cron"].endswith(" * * * *")
        assert dag["tasks"]["grants"]["upstream"] == ["recall"]
        assert dag["tasks"]["grants"]["trigger"] == "all_done", "no fault keeps a release back"
        assert dag["tasks"]["push"]["upstream"] == ["grants"]
        assert dag["tasks"]["push"]["outlets"] == []
    assert not any(name.startswith("deliver_") for name in small), "nobody supervises sharing"


def test_one_dag_watches_every_hour_whoever_shares(city: Dags, small: Dags) -> None:
    for dags in (city, small):
        dag = dags["watch"]
        assert set(dag["tasks"]) == {"watch"} and dag["woken_by"] == []
        assert dag["cron"] is not None and dag["cron"].endswith(" * * * *")


def test_only_a_pull_or_push_is_retried_and_only_where_the_fault_passes(city: Dags) -> None:
    for dag in city.values():
        for task_id, task in dag["tasks"].items():
            if task_id.endswith(".pull") or task_id == "push":
                assert task["retries"] > 0 and task["backoff"]
                assert task["policy"] == "RetryUnreachable"
            else:
                assert task["retries"] == 0


def test_pulls_of_one_department_share_its_pool_and_nothing_else_does(city: Dags) -> None:
    for dag_id, dag in city.items():
        for task_id, task in dag["tasks"].items():
            pool = f"front_end_{dag_id.removeprefix('collect_')}"
            assert task["pool"] == (pool if task_id.endswith(".pull") else "default_pool")


def test_no_run_catches_up_and_no_two_runs_overlap(city: Dags) -> None:
    assert all(dag["catchup"] is False and dag["max_active_runs"] == 1 for dag in city.values())


def test_every_dag_explains_itself_in_chinese_and_english(city: Dags) -> None:
    for dag_id, dag in city.items():
        zh, en = dag["doc"].split("\n---\n")
        assert CHINESE.search(zh)
        assert re.search(r"^## (Collect|Publish|Deliver|Watch): \w", en, re.M), dag_id
        assert len(dag["tags"]) == 4


def test_the_page_of_a_dag_is_the_contracts(small: Dags) -> None:
    page = small["collect_registry"]["doc"]
    assert "| `registry/people` | 登记人员 | 每日 | 全量 | 2 小时 | 1.0.0 |" in page
    assert "| `registry/people` | People | daily | snapshot | 2 h | 1.0.0 |" in page
    page = small["publish_town"]["doc"]
    assert "| `school/pupils` | 在校学生 | 学校 |" in page
    assert "| `school/pupils` | Pupils | School |" in page


def test_the_tightest_promise_is_the_deadline_and_no_promise_is_none(small: Dags) -> None:
    assert small["collect_registry"]["deadline_h"] == [2.0]
    assert small["collect_school"]["deadline_h"] == [0.001]
    assert small["publish_town"]["deadline_h"] == []


def test_the_clock_of_a_department_is_its_fastest_cycle(small: Dags) -> None:
    assert re.fullmatch(r"\d+ 1 \* \* \*", small["collect_registry"]["cron"])
    assert re.fullmatch(r"\d+ 1 1 \* \*", small["collect_school"]["cron"])


def test_asset_addresses_are_files_which_lineage_understands(city: Dags) -> None:
    uris = [u for dag in city.values() for task in dag["tasks"].values() for u in task["uris"]]
    assert uris and all(uri.startswith("file:///") for uri in uris)


def test_a_contract_that_cannot_be_read_is_named_on_the_page_and_stops_nobody(
    tmp_path: Path, described: Callable[[Path], dict[str, Any]]
) -> None:
    catalog = town.build(tmp_path)
    (catalog / "contracts/supply/school/pupils.odcs.yaml").write_text("schema: [\n", "utf-8")
    dags = described(catalog)["dags"]
    assert set(dags) == {"collect_registry", "collect_school", "publish_town", "watch"}
    assert "unreadable contract" in dags["collect_school"]["doc"]
    assert "pupils.odcs.yaml" in dags["collect_school"]["doc"]
    assert "unreadable contract" not in dags["collect_registry"]["doc"]


def test_two_hundred_contracts_parse_within_a_second(
    tmp_path: Path, described: Callable[[Path], dict[str, Any]]
) -> None:
    catalog = _two_hundred_contracts(tmp_path / "catalog")
    found = described(catalog)
    tasks = [task for dag in found["dags"].values() for task in dag["tasks"]]
    assert len(tasks) == 2 * 194 + 2 * 6 + 1
    print(f"cold {found['cold_s']:.2f} s, warm {found['warm_s']:.2f} s of CPU")
    assert max(found["cold_s"], found["warm_s"]) < 1.0


def _two_hundred_contracts(catalog: Path) -> Path:
    """Contracts of the city, repeated under other names until there are 200."""
    source = REPOSITORY / "schemas"
    originals = sorted((source / "contracts" / "supply").glob("*/*.yaml"))
    department = (source / "departments" / "police.yaml").read_text("utf-8")
    for number in range(194):
        original = originals[number % len(originals)]
        name = f"office{number // 10:02}"
        folder = catalog / "contracts" / "supply" / name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(original, folder / f"supply{number:03}.odcs.yaml")
        (catalog / "departments").mkdir(exist_ok=True)
        (catalog / "departments" / f"{name}.yaml").write_text(
            department.replace("name: police", f"name: {name}"), "utf-8"
        )
    (catalog / "contracts" / "dataset").mkdir()
    for number in range(6):
        original = source / "contracts" / "dataset" / "population.odcs.yaml"
        shutil.copy(original, catalog / "contracts" / "dataset" / f"dataset{number}.odcs.yaml")
    return catalog
