"""Numbers that contradict the birthday or the sex beside them: those planted, and no others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sample
from hub.opened import open_hub
from hub.steps import check, collect
from tests.sample.reading import CATALOG

SUPPLIES = ("health/patients", "human_resources/insured", "medical_insurance/insured")
CONTRADICTING = {"transposed_birthday", "birth_date_differs", "sex_differs"}
MAY = CONTRADICTING | {"two_people_one_number"}  # another person's number, perhaps of the same sex


@pytest.mark.slow
def test_contradicting_numbers_are_those_that_were_planted(tmp_path: Path) -> None:
    sample.create(tmp_path, 3_000, seed=8)
    truth = [f for f in sample.planted(tmp_path / "city") if f.supply in SUPPLIES and not f.until]
    found: set[tuple[str, str]] = set()
    with open_hub(tmp_path, CATALOG) as hub:
        for name in SUPPLIES:
            checked = check(hub, collect(hub, name, datetime.now(UTC))[0])
            assert checked.failing is not None
            rows = pq.read_table(hub.store.path(checked.failing)).to_pylist()
            about = [row for row in rows if "expect_resident_number_to_agree" in row["rule_id"]]
            found |= {(name, row["_source_key"]) for row in about}
    must = {(f.supply, f.key) for f in truth if f.kind in CONTRADICTING}
    may = {(f.supply, f.key) for f in truth if f.kind in MAY}
    assert len(must) > 5
    assert must <= found <= may
