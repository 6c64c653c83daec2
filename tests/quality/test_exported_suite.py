"""A plain Great Expectations user, in a process of its own, gets the hub's results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import sample
from hub.check.relations import raw_sql, read_sql
from hub.ledger.landings import landing_of
from hub.opened import open_hub
from hub.steps import check, collect
from quality.suite import suite_of

ROOT = Path(__file__).resolve().parents[2]
USER = """
import json, sys
import great_expectations as gx
import pyarrow.parquet as pq
from quality.expectations.ours import register

register()
folder, supplies = sys.argv[1], sys.argv[2:]
source = gx.get_context(mode="ephemeral").data_sources.add_pandas("p")
for name in supplies:
    table = pq.read_table(f"{folder}/{name}.parquet")
    frame = table.to_pandas(date_as_object=True, integer_object_nulls=True)
    suite = gx.ExpectationSuite(**json.load(open(f"{folder}/{name}.json", encoding="utf-8")))
    asset = source.add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe(name).get_batch({"dataframe": frame})
    found = {}
    for result in batch.validate(suite).results:
        told = result.result
        rule = result.expectation_config.meta["hub"]["rule_id"]
        rows = [told.get("element_count", 0) - (told.get("missing_count") or 0)]
        rows += [told.get("unexpected_count")]
        found[rule] = [result.success, *(rows if "element_count" in told else [1, None])]
    json.dump(found, open(f"{folder}/{name}.found.json", "w"))
"""
SUPPLIES = ("police/residents", "market/enterprises", "quality/organisation_codes")


@pytest.mark.slow
def test_a_plain_user_runs_the_exported_suite_with_the_hubs_results(tmp_path: Path) -> None:
    sample.create(tmp_path, 400, seed=5)
    now = datetime.now(UTC)
    told = {}
    with open_hub(tmp_path, ROOT / "schemas") as hub:
        for name in SUPPLIES:
            batch_id = collect(hub, name, now)[0]
            told[name] = check(hub, batch_id)
            landing, supply = landing_of(hub.ledger, batch_id), hub.supply(name)
            node = supply.department.node
            day = now.astimezone(ZoneInfo(node.timezone if node else "UTC")).date()
            plain = name.replace("/", "_")
            suite = suite_of(supply, hub.catalog, day)
            (tmp_path / f"{plain}.json").write_text(json.dumps(suite), encoding="utf-8")
            with hub.store.connect() as connection:
                connection.execute(f"CREATE TEMP VIEW raw AS {raw_sql(landing, hub.store)}")
                rows = read_sql(supply, hub.catalog, "raw")
                connection.execute(f"COPY ({rows}) TO '{tmp_path / plain}.parquet'")
    script = tmp_path / "user.py"
    script.write_text(USER, encoding="utf-8")
    names = [name.replace("/", "_") for name in SUPPLIES]
    command = [sys.executable, "-W", "ignore", str(script), str(tmp_path), *names]
    done = subprocess.run(command, cwd=ROOT, env=_path(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    broken = 0
    for name in SUPPLIES:
        theirs = json.loads((tmp_path / f"{name.replace('/', '_')}.found.json").read_text())
        illegal = {o.fields[0]: o.failed for o in told[name].outcomes if o.code == "type"}
        ours = {o.rule_id: o for o in told[name].outcomes if o.rule_id in theirs}
        assert ours.keys() == theirs.keys() and len(theirs) > 8
        for rule_id, (success, evaluated, failed) in theirs.items():
            outcome = ours[rule_id]
            # A cell that is not of its type is told once by the hub: not as missing, too.
            twice = (
                illegal.get(outcome.fields[0], 0)
                if outcome.code in ("required", "key.present")
                else 0
            )
            counts = (outcome.evaluated, outcome.failed + twice)
            assert (outcome.success and not twice) is success, rule_id
            assert failed is None or counts == (evaluated, failed), rule_id
            broken += bool(failed)
    assert broken > 3


def _path() -> dict[str, str]:

    return {**os.environ, "PYTHONPATH": str(ROOT), "GX_ANALYTICS_ENABLED": "false"}
