"""Verification of this hub's own log, with the same code that auditors run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from hub import signing
from hub.ledger.audit_tables import audit_event
from hub.opened import Hub
from hub.proof.exporting import AT_ONCE, lines_of
from hub.proof.granted import wrong_grants
from hub.proof.verifier.chain import Anchor, Found, check_log
from hub.proof.verifier.command import check_files, head_given, of_earlier, result_of
from hub.proof.verifier.documents import Key, loads, read_key
from hub.proof.verifier.faults import Fault, fault
from hub.signing import vouches_of

COLUMNS = {
    "seq": "seq",
    "kind": "event",
    "actor": "by",
    "department": "department",
    "subject": "subject",
    "at": "at",
    "previous": "previous",
}


def verify_log(hub: Hub, known: Sequence[Anchor] = ()) -> Found:
    """Check chain, checkpoints, receipts, grants, and the columns by which the log is searched."""
    found = check_log(lines_of(hub), keys_of(hub), known, sealed=False)
    more = [*wrong_columns(hub), *wrong_grants(hub)]
    faults = sorted(dict.fromkeys([*found.faults, *more]), key=lambda one: one.rank)
    return found._replace(faults=faults)


def results(
    hub: Hub, files: Sequence[str], heads: Sequence[str], earlier: Sequence[str]
) -> list[dict[str, Any]]:
    """What the verifier says of files, or (no files) of this hub's own log.

    Raises `OSError` and `ValueError` for what cannot be read.
    """
    known = [*map(head_given, heads), *(a for name in earlier for a in of_earlier(name))]
    if files:
        return check_files(list(files), keys_of(hub), known, list(vouches_of(hub.settings.home)))
    log = verify_log(hub, known)
    counts = {"checkpoints": log.checkpoints, "receipts": log.receipts}
    head = {"seq": log.events, "hash": log.head}
    return [result_of("log 审计日志", log.faults, events=log.events, head=head, **counts)]


def keys_of(hub: Hub) -> list[Key]:
    """The key that signs now; it vouches for those before it."""
    keys = list(signing.public_keys(hub.settings.home).values())
    return [read_key(keys[-1].pem.decode("ascii"))] if keys else []


def wrong_columns(hub: Hub) -> list[Fault]:
    """The first event of which a column is not what was hashed."""
    with hub.ledger.reading() as connection:
        stream = connection.execution_options(yield_per=AT_ONCE)
        for row in stream.execute(select(audit_event).order_by(audit_event.c.seq)):
            told: Any = _body(row.body)
            if any(getattr(row, column) != told.get(name) for column, name in COLUMNS.items()):
                return [fault("changed", row.seq)]
    return []


def _body(text: str) -> dict[str, Any]:
    try:
        told = loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
