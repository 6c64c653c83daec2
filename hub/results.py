"""A batch's results as Great Expectations validation-result JSON."""

from __future__ import annotations

from typing import Any

from hub.errors import NotFound
from hub.ledger.verdicts import checked_of
from hub.opened import Hub
from hub.records import Checked
from hub.store import literal


def results_of(hub: Hub, batch_id: str, complete: bool = False) -> dict[str, Any]:
    """What `ExpectationSuiteValidationResult` holds, as plain JSON values.

    `complete` adds to each rule the numbers (`_row` of the landing) of all rows that broke it;
    never their values. Raises `NotFound` for a batch that was checked before results were kept.
    """
    checked = checked_of(hub.ledger, batch_id)
    if checked.validation is None:
        raise NotFound(f"batch {batch_id} was checked by an older hub that kept no such results")
    document: dict[str, Any] = hub.store.read_json(checked.validation)
    if complete:
        rows = _failing(hub, checked)
        for result in document["results"]:
            if "unexpected_count" in result["result"]:
                numbers = rows.get(result["meta"]["hub"]["rule_id"], [])
                result["result"]["unexpected_index_list"] = numbers
    return document


def _failing(hub: Hub, checked: Checked) -> dict[str, list[int]]:
    if checked.failing is None:
        return {}
    with hub.store.connect() as connection:
        found = connection.execute(
            "SELECT rule_id, list(_row ORDER BY _row) "
            f"FROM read_parquet({literal(hub.store.path(checked.failing))}) GROUP BY rule_id"
        ).fetchall()
    return dict(found)
