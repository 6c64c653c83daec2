"""The catalog as the audit log knows it: which file had which digest from when on.

Who may decide, what may be shared and what is checked all stand in files that stewards edit; so
whoever opens the hub with other files than the last one leaves an event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from hub.ledger.audit import Act, note_act
from hub.ledger.audit_tables import audit_event
from hub.ledger.opening import Ledger

SUBJECT = "catalog"
KINDS = (".yaml", ".yml", ".csv")
GONE = "gone"


def note_catalog(ledger: Ledger, root: Path, now: Callable[[], datetime]) -> int:
    """Note the files that are not as they were noted last; how many these are."""
    present = digests_of(root)
    with ledger.reading() as connection:
        if not changes(known(connection), present):
            return 0
    with ledger.writing() as connection:
        changed = changes(known(connection), present)
        if changed:
            told = [f"{name} {digest}" for name, digest in changed.items()]
            note_act(
                connection, Act.CATALOG_CHANGED, subject=SUBJECT, by="hub", at=now(), files=told
            )
    return len(changed)


def digests_of(root: Path) -> dict[str, str]:
    """SHA-256 of each file of the catalog, by its path below the catalog's folder."""
    files = sorted(p for p in root.rglob("*") if p.suffix in KINDS and p.is_file())
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def known(connection: Connection) -> dict[str, str]:
    """The digests that the log noted last."""
    found: dict[str, str] = {}
    query = select(audit_event.c.body).where(audit_event.c.subject == SUBJECT)
    for body in connection.execute(query.order_by(audit_event.c.seq)).scalars():
        for line in _files(body):
            name, _, digest = line.rpartition(" ")
            found[name] = digest
    return {name: digest for name, digest in found.items() if digest != GONE}


def _files(body: str) -> list[str]:
    try:
        return [str(line) for line in json.loads(body)["detail"]["files"]]
    except (ValueError, KeyError, TypeError):
        return []  # not as it was noted: the hub still opens, and `hub audit verify` says so


def changes(before: dict[str, str], present: dict[str, str]) -> dict[str, str]:
    """What is new or another, and what is gone."""
    changed = {name: digest for name, digest in present.items() if before.get(name) != digest}
    return changed | {name: GONE for name in before if name not in present}
