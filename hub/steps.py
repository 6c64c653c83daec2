"""The only file that knows the order of the rooms: collect, check, publish."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from hub.errors import CatalogError, NotFound
from hub.fold import CurrentTable, Segment
from hub.ledger import Ledger, open_ledger
from hub.ledger import batches as books
from hub.ledger.releases import fold_of, last_release
from hub.records import Batch, BatchState, Checked, Input, Release
from hub.settings import Settings, settings
from hub.store import Store
from schemas.catalog import load_catalog
from schemas.contract import Catalog, Dataset, Supply
from schemas.problems import CatalogInvalid

Tell = Callable[[str, str, int], None]
"""Progress: (step, what, rows so far)."""


def _silent(step: str, what: str, rows: int) -> None:
    """Tell nobody."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hub:
    """An open hub: what every step needs."""

    settings: Settings
    catalog: Catalog
    ledger: Ledger
    store: Store
    now: Callable[[], datetime] = _utc_now
    tell: Tell = _silent

    def supply(self, name: str) -> Supply:
        """One supply of the catalog; raises `NotFound`."""
        try:
            return self.catalog.supplies[name]
        except KeyError:
            raise NotFound(f"the catalog has no supply {name}") from None

    def dataset(self, name: str) -> Dataset:
        """One dataset of the catalog; raises `NotFound`."""
        try:
            return self.catalog.datasets[name]
        except KeyError:
            raise NotFound(f"the catalog has no dataset {name}") from None


@contextmanager
def open_hub(
    home: Path | None = None, catalog: Path | None = None, tell: Tell = _silent
) -> Iterator[Hub]:
    """The hub of a home folder; creates the folder and the ledger when they are new."""
    chosen = settings(home, catalog)
    try:
        loaded = load_catalog(chosen.catalog, chosen.home)
    except CatalogInvalid as error:
        raise CatalogError(str(error)) from error
    ledger = open_ledger(chosen.ledger_url, chosen.home)
    store = Store(chosen.home / "store", chosen.memory_mb, chosen.threads)
    try:
        yield Hub(chosen, loaded, ledger, store, tell=tell)
    finally:
        ledger.engine.dispose()


def collect(hub: Hub, supply_name: str, as_of: datetime) -> list[str]:
    """Extract and land what there is to pull; the ids of the landed batches, oldest first.

    Whatever a broken run left behind is finished first, and checked, so that the new window
    starts where the old one ended.
    """
    from hub.extract import front_end, new_batches

    supply = hub.supply(supply_name)
    with hub.ledger.alone(f"collect-{supply.name}"), front_end(supply, hub.store) as source:
        left = [b for b in books.unfinished(hub.ledger, supply.name) if not _is(b, as_of)]
        for batch in left:
            _land(hub, source, supply, batch, as_of)
            check(hub, batch.id)
        opened = new_batches(source, supply, hub.ledger, as_of, hub.now())
        for batch in opened:
            _land(hub, source, supply, batch, as_of)
    return [batch.id for batch in (*left, *opened)]


def _is(batch: Batch, as_of: datetime) -> bool:
    return batch.window.file is None and batch.window.as_of == as_of


def _land(hub: Hub, source: object, supply: Supply, batch: Batch, as_of: datetime) -> None:
    from hub.extract import keys_are_due
    from hub.land import land, land_keys

    if books.batch_of(hub.ledger, batch.id).state is not BatchState.OPENED:
        return
    landing = land(
        source,  # type: ignore[arg-type]
        supply,
        batch,
        hub.store,
        hub.ledger,
        lambda rows: hub.tell("land", supply.name, rows),
    )
    if keys_are_due(supply, hub.ledger, as_of):
        landing = replace(landing, keys=land_keys(source, supply, batch, hub.store))  # type: ignore[arg-type]
    books.set_landed(hub.ledger, landing)


def check(hub: Hub, batch_id: str) -> Checked:
    """Hold one landed batch against its contract and record the verdict; again changes nothing."""
    from hub.check import check as check_room

    batch = books.batch_of(hub.ledger, batch_id)
    if batch.state is BatchState.CHECKED:
        return books.checked_of(hub.ledger, batch_id)
    supply = hub.supply(batch.supply)
    with hub.ledger.alone(f"check-{supply.name}"):
        landing = books.landing_of(hub.ledger, batch_id)
        checked = check_room(landing, supply, hub.catalog, current_table(hub, supply.name), hub.store)
        deleted = checked.counts.deleted
        rows = checked.counts.accepted + deleted
        books.close_batch(hub.ledger, checked, rows, hub.now(), landing.keys is not None)
        hub.tell("check", supply.name, checked.counts.landed)
    return checked


def current_table(hub: Hub, supply_name: str) -> CurrentTable:
    """The current table of a supply, read from the ledger in one transaction."""
    fold = fold_of(hub.ledger, supply_name)
    return CurrentTable(
        supply=hub.supply(supply_name),
        segments=tuple(
            Segment(hub.store.path(uri), batch_id, rows) for uri, batch_id, rows in fold.segments
        ),
        last_batch_id=fold.last_batch_id,
        contract_version=fold.contract_version,
    )
