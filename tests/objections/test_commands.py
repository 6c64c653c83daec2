"""The commands of objections, recalls and the watch, as people type them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from tests.objections.town import Town

pytestmark = pytest.mark.slow


def test_an_objection_is_filed_answered_listed_and_recalled_by_command(place: Town) -> None:
    settings = place.hub.settings

    def hub(*words: str, fails: bool = False) -> Any:
        root = ["--home", str(settings.home), "--catalog", str(settings.catalog), "--json"]
        done = CliRunner().invoke(app, [*root, *words])
        if fails:
            assert done.exit_code != 0
            return done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    # The commands go by the clock on the wall.
    from datetime import UTC, datetime

    place.at = datetime.now(UTC)
    grant = place.grant("tax", "tom", "name")
    place.pull(grant)
    entity = place.entity("register/people", "p1")
    record = place.record(grant, entity)
    (filed,) = hub(
        "objection", "file", grant.id, record, "name", "--by", "tom", "--reason", "姓名有误"
    )
    assert filed["department"] == "register" and filed["state"] == "filed"
    (line,) = hub("objection", "list", "--department", "register")
    assert line["id"] == filed["id"] and line["next"] == "register" and "said" not in line
    assert hub("objection", "list", "--overdue") == []
    shown = hub("objection", "show", filed["id"], "--by", "rita")
    assert shown["said"] == "姓名有误" and shown["value"] == "甲"
    hub("objection", "reject", filed["id"], "--by", "rita", "--reason", "一致")
    hub("objection", "dispute", filed["id"], "--by", "tom", "--reason", "不一致")
    (settled,) = hub(
        "objection", "settle", filed["id"], "--upheld", "--by", "ben", "--reason", "证件为准"
    )
    assert settled["state"] == "upheld"
    place.people["p1"] = (place.people["p1"][0], "戊", *place.people["p1"][2:])
    place.run()
    (notice,) = hub("grant", "notices", grant.id)
    assert notice["fields"] == {"name": 1} and "uri" not in notice
    (seen,) = hub("grant", "acknowledge", notice["id"], "--by", "tom")
    assert seen["acknowledged_by"] == "tom"
    assert hub("grant", "recall", "people", entity, "--field", "name", "--wrong-in", "1",
               "--by", "bea", "--reason", "误写") == []  # fmt: skip
    assert hub("watch")["faults"] == []
