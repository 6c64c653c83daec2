"""Extract: opens a department's front end and names the windows that there are to pull."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from connectors.protocol import Source, SourceError, Window
from connectors.registry import open_source
from hub.errors import PullError
from hub.ledger import Ledger
from hub.ledger import batches as books
from hub.records import Batch, BatchState
from hub.store import Store
from schemas.contract import Supply


@contextmanager
def front_end(supply: Supply, store: Store) -> Iterator[Source]:
    """The open front end of a supply's department.

    Raises `PullError` for everything that keeps it from being read; the message names the supply
    and never holds a password.
    """
    node = supply.department.node
    if node is None:
        raise PullError(f"supply {supply.name}: department {supply.department.name} has no node")
    # What was fetched or begun stays, so that a file is neither fetched nor waited for twice.
    folder = store.path(f"fetch/{supply.name}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open_source(node, supply.department.name, folder) as source:
            yield source
    except SourceError as error:
        raise PullError(f"supply {supply.name}: {error}", error.transient, error.zh) from error


def new_batches(
    source: Source, supply: Supply, ledger: Ledger, as_of: datetime, now: datetime
) -> list[Batch]:
    """Open a batch for every window that there is to pull, oldest first.

    A window that already is a batch keeps it: a re-run opens nothing new. Another version of the
    contract reads from the beginning: it may have new fields, or take rows that the old one left
    in quarantine.
    """
    state = books.state_of(ledger, supply.name)
    last = books.last_pulled(ledger, supply.name, replays=False)
    known = last is not None and last.contract_version == supply.version
    since = state.watermark if state and known else None
    files = supply.properties.files
    by_line = files is not None and files.content == "append" and not supply.key
    seen = books.files_taken(ledger, supply.name, supply.version, by_line)
    return [
        books.open_batch(ledger, _batch(supply, window), now)
        for window in source.windows(supply, since, as_of, seen)
    ]


def _batch(supply: Supply, window: Window) -> Batch:
    files = supply.properties.files
    return Batch(
        id=books.batch_id(supply.name, supply.version, window),
        supply=supply.name,
        contract_version=supply.version,
        mode=files.content if files else supply.pull.mode,
        window=window,
        state=BatchState.OPENED,
    )


def keys_are_due(supply: Supply, ledger: Ledger, as_of: datetime) -> bool:
    """True when an increment is to compare all keys, since only that finds deleted rows."""
    every = supply.pull.reconcile_keys_every
    if supply.pull.mode != "increment" or every is None or not supply.key:
        return False
    state = books.state_of(ledger, supply.name)
    return (
        state is None or state.keys_compared_at is None or (as_of - state.keys_compared_at >= every)
    )
