"""Removes the masked files of grants that are over."""

from __future__ import annotations

import shutil
from datetime import datetime

from hub.ledger.audit import Act, note_act
from hub.ledger.shares import grants_to_prune, set_pruned
from hub.opened import Hub
from hub.shares.making import alone


def prune(hub: Hub, now: datetime) -> list[str]:
    """Remove the files of ended and expired grants; their ids. Again removes nothing more."""
    over = grants_to_prune(hub.ledger, now)
    for grant_id in over:
        with alone(hub, grant_id):
            shutil.rmtree(hub.store.path(f"shared/{grant_id}"), ignore_errors=True)
            with hub.ledger.writing() as connection:
                count = set_pruned(connection, grant_id, now)
                told = {"subject": grant_id, "by": "hub"}
                note_act(connection, Act.SHARES_PRUNED, at=now, shares=count, **told)
    return over
