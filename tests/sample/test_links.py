"""Rows whose number is missing, mistyped or another's find whom they speak of, and nobody else."""

from __future__ import annotations

import pytest

from hub.cli.sample_score import score
from hub.opened import Hub

pytestmark = pytest.mark.slow


def test_links_of_a_city_are_those_that_were_planted(
    faulty_hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = [one for one in score(faulty_hub) if one.group == "link"]
    with capsys.disabled():
        for one in scores:
            print(f"\n{one.name} {one.departments}: {one.planted} planted, "
                  f"precision {one.precision}, recall {one.recall}", end="")  # fmt: skip
    assert {one.name for one in scores} == {"population", "enterprise"}
    assert sum(one.planted for one in scores) >= 8
    assert [one for one in scores if one.unplanted] == []  # precision first
    assert [one for one in scores if one.missed] == []
