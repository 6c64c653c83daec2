"""Removes masked files: of grants that are over, and of old versions that nobody asks for."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from hub.ledger.audit import Act, note_act
from hub.ledger.shares import grants_to_prune, old_shares, set_pruned
from hub.opened import Hub
from hub.shares.making import alone

KEPT = timedelta(days=7)
NEWEST = 2
"""Versions of each grant whose files stay, however old: what the next push starts from."""


def prune(hub: Hub, now: datetime) -> list[str]:
    """Remove the files of ended and expired grants; their ids. Again removes nothing more.

    Those of older versions go, too, a week after they were made: asked for, they are made again.
    """
    over = grants_to_prune(hub.ledger, now)
    for grant_id in over:
        with alone(hub, grant_id):
            if (folder := hub.store.path(f"shared/{grant_id}")).exists():
                shutil.rmtree(folder)
            with hub.ledger.writing() as connection:
                count = set_pruned(connection, grant_id, now)
                told = {"subject": grant_id, "by": "hub"}
                note_act(connection, Act.SHARES_PRUNED, at=now, shares=count, **told)
    _remove_old(hub, now)
    return over


def _remove_old(hub: Hub, now: datetime) -> None:
    for old in old_shares(hub.ledger, now - KEPT, NEWEST):
        with alone(hub, old.grant_id):
            # The files first: what the ledger knows nothing of would lie there for ever.
            for path in hub.store.path(old.files[0].uri).parent.glob(f"{old.kind}-*"):
                path.unlink(missing_ok=True)
            with hub.ledger.writing() as connection:
                set_pruned(connection, old.grant_id, now, old.version, old.kind)
