"""An open hub: the settings, catalog, ledger and store that every step needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.errors import CatalogError, NotFound
from hub.ledger import Ledger, open_ledger
from hub.ledger.catalog_seen import note_catalog
from hub.settings import Settings, settings
from hub.store import Store
from schemas.catalog import load_catalog
from schemas.contract import Catalog, Dataset, Supply
from schemas.crosscheck import Crosscheck, Policy
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

    def crosscheck(self, name: str) -> Crosscheck:
        """One cross-check of the catalog; raises `NotFound`."""
        try:
            return self.catalog.crosschecks[name]
        except KeyError:
            raise NotFound(f"the catalog has no cross-check {name}") from None

    def policy(self, name: str) -> Policy:
        """One policy of the catalog; raises `NotFound`."""
        try:
            return self.catalog.policies[name]
        except KeyError:
            raise NotFound(f"the catalog has no policy {name}") from None


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
    digest = "sm3" if chosen.signature == "sm2" else "sha256"
    ledger = open_ledger(chosen.ledger_url, chosen.home, digest)
    note_catalog(ledger, chosen.catalog, _utc_now)
    store = Store(chosen.home / "store", chosen.memory_mb, chosen.threads)
    store.sweep()
    try:
        yield Hub(chosen, loaded, ledger, store, tell=tell)
    finally:
        store.close()
        ledger.engine.dispose()
