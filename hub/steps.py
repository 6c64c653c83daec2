"""The only file that knows the order of the rooms: collect, check, publish."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.protocol import Source
from hub.current import current_table as current_table
from hub.errors import CatalogError, HubError, PullError, in_words, unforeseen
from hub.fold import CurrentTable
from hub.handed_in import desk_of, source_of
from hub.ledger import batches as books
from hub.ledger import landings, verdicts
from hub.ledger.measures import add_attempt
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.precedence import publishing_order as publishing_order
from hub.records import Batch, BatchState, Checked, Recall, Release
from hub.summary import Asked, Summary, line_of, listed
from schemas.contract import Dataset, Supply

if TYPE_CHECKING:
    from hub.pushing import Pushed
    from hub.watching import Watched


def collect(hub: Hub, supply_name: str, as_of: datetime) -> list[str]:
    """Extract and land what there is to pull; the ids of the landed batches, oldest first.

    Whatever a broken run left behind is finished first, and checked, so that the new window
    starts where the old one ended.
    """
    from hub.extract import front_end, new_batches

    supply = hub.supply(supply_name)
    with (
        hub.ledger.alone(f"collect-{supply.name}"),
        _attempt(hub, supply, as_of),
        front_end(supply, hub.store) as source,
    ):
        books.forget_unfinished(hub.ledger, supply.name, supply.version)
        left = [b for b in books.unfinished(hub.ledger, supply.name) if not _is(b, as_of)]
        for batch in left:
            land_batch(hub, source_of(hub, supply, batch) or source, supply, batch, as_of)
            check(hub, batch.id)
        opened = new_batches(source, supply, hub.ledger, as_of, hub.now())
        for batch in opened:
            land_batch(hub, source, supply, batch, as_of)
    return list(dict.fromkeys(batch.id for batch in (*left, *opened)))


@contextmanager
def _attempt(hub: Hub, supply: Supply, as_of: datetime) -> Iterator[None]:
    """Note whether the front end could be read; a fault of ours says nothing about it."""
    try:
        yield
    except PullError as error:
        kind = type(error.__cause__ or error).__name__
        add_attempt(hub.ledger, supply.name, as_of, hub.now, kind)
        raise
    add_attempt(hub.ledger, supply.name, as_of, hub.now)


def _is(batch: Batch, as_of: datetime) -> bool:
    return batch.window.file is None and batch.window.as_of == as_of


def land_batch(hub: Hub, source: Source, supply: Supply, batch: Batch, as_of: datetime) -> None:
    """Land an opened batch from its front end, or from what was handed in; landed ones stay."""
    from hub.extract import keys_are_due
    from hub.land import land, land_keys
    from hub.orders.answer import reading
    from hub.replay import Replay
    from hub.retyping import reading_of

    if books.batch_of(hub.ledger, batch.id).state is not BatchState.OPENED:
        return
    landing = land(
        source,
        reading(supply, batch.origin),
        batch,
        hub.store,
        hub.ledger,
        lambda rows: hub.tell("land", supply.name, rows),
    )
    if isinstance(source, Replay):
        landing = replace(landing, keys=source.keys_uri)
    elif batch.origin is None and keys_are_due(supply, hub.ledger, as_of):
        landing = replace(landing, keys=land_keys(source, supply, batch, hub.store))
    landings.set_landed(hub.ledger, replace(landing, reading=reading_of(supply)))


def check(hub: Hub, batch_id: str) -> Checked:
    """Hold one landed batch against its contract and record the verdict; again changes nothing.

    What it leaves in quarantine becomes work orders, and what it shows to be right closes them.
    """
    from hub.orders import refresh_supply

    checked = _check(hub, batch_id)
    refresh_supply(desk_of(hub), checked.supply)
    return checked


def _check(hub: Hub, batch_id: str) -> Checked:
    from hub.check import check as check_room
    from hub.compact import compact_when_due
    from hub.history import history_of
    from hub.orders.answer import reading
    from quality.errors import RuleError

    batch = books.batch_of(hub.ledger, batch_id)
    supply = reading(hub.supply(batch.supply), batch.origin)
    with hub.ledger.alone(f"check-{supply.name}"):
        # Asked inside of the lock: checked again after it was folded in, all rows are "unchanged".
        if books.batch_of(hub.ledger, batch_id).state is BatchState.CHECKED:
            return verdicts.checked_of(hub.ledger, batch_id)
        landing = landings.landing_of(hub.ledger, batch_id)
        segments = current_table(hub, supply.name).segments
        try:
            others = _referenced(hub, supply)
            history = history_of(hub.ledger, hub.store, supply, batch_id)
            checked = check_room(landing, supply, hub.catalog, segments, hub.store, others, history)
        except RuleError as error:
            raise CatalogError(str(error)) from error
        deleted = checked.counts.deleted
        rows = checked.counts.accepted + deleted
        verdicts.close_batch(hub.ledger, checked, rows, hub.now, landing.keys is not None)
        compact_when_due(current_table(hub, supply.name), hub.store, hub.ledger)
        hub.tell("check", supply.name, checked.counts.landed)
    return checked


def _referenced(hub: Hub, supply: Supply) -> dict[str, str]:
    """SELECTs of the current tables that the supply's rules read; one without rows is left out."""
    from quality.references import supplies_read
    from quality.rules import rules_of

    names = supplies_read(rules_of(supply, hub.catalog))
    tables = [current_table(hub, name) for name in names if name != supply.name]
    return {table.supply.name: table.sql for table in tables if table.segments}


def publish(hub: Hub, dataset_name: str, as_of: datetime) -> Release | None:
    """Reconcile what the ledger holds of a dataset's supplies and publish it.

    None when no row has changed since the last release, or no supply has delivered yet. Its
    discrepancies become work orders, and those that are gone close theirs.
    """
    from hub.orders import refresh_dataset

    release = _publish(hub, dataset_name)
    refresh_dataset(desk_of(hub), dataset_name)
    return release


def _publish(hub: Hub, dataset_name: str) -> Release | None:
    from hub.publish import adopt, read_manifest
    from hub.publish import publish as publish_room
    from hub.reconcile import reconcile
    from hub.reconcile.inputs import previous_of
    from hub.reconcile.since import indices_since, tables_since
    from hub.reconcile.steering import linking_of, steering

    dataset = hub.dataset(dataset_name)
    with hub.ledger.alone(f"publish-{dataset.name}"):
        adopt(dataset.name, hub.store, hub.ledger, hub.now())
        tables = {name: current_table(hub, name) for name in dataset.supplies}
        others = {
            name: release
            for name in dataset.datasets
            if (release := last_release(hub.ledger, name)) is not None
        }
        last = last_release(hub.ledger, dataset.name)
        manifest = read_manifest(hub.store, last) if last else None
        basis = basis_of(dataset, tables, others, steering(hub.ledger, dataset.name))
        if manifest and manifest["basis"] == basis:
            return None
        if all(table.last_batch_id is None for table in tables.values()):
            return None
        hub.tell("reconcile", dataset.name, 0)
        reconciled = reconcile(
            dataset,
            hub.catalog,
            tables_since(hub.ledger, hub.store, tables, manifest),
            indices_since(hub.ledger, hub.store, others, manifest),
            hub.store,
            previous_of(hub.store, last, manifest) if last and manifest else None,
            linking_of(hub.ledger, dataset.name, last, manifest, hub.now()),
        )
        hub.tell("publish", dataset.name, 0)
        return publish_room(dataset, reconciled, basis, hub.store, hub.ledger, hub.now())


def crosscheck(hub: Hub, as_of: datetime, after: str | None = None) -> list[Asked]:
    """Ask all cross-checks and policies of which something changed; again changes nothing.

    `after` names the dataset just published: what reads a dataset that refers to it comes later.
    """
    from hub.asking import ask

    return ask(hub, as_of, after=after)


def recall(hub: Hub, dataset_name: str) -> list[Recall]:
    """Close the objections that a release has mended, and tell who received what was wrong.

    Called after each release; the watch makes up for what a crash left out. Again changes nothing.
    """
    from hub.objections import close_mended
    from hub.recalls import make

    name = hub.dataset(dataset_name).name
    close_mended(hub, name)
    return make(hub, name)


def watch(hub: Hub) -> Watched:
    """Do what time alone brings about: clocks, ends of grants, recalls left out, files, the log."""
    from hub.watching import watch as watch_room

    return watch_room(hub)


def deliver(hub: Hub, dataset_name: str, as_of: datetime) -> Pushed:
    """Push to every grant on a dataset what it has not received, and recall notices.

    Again changes nothing. An inbox that cannot be reached is a fault of its grant alone.
    """
    from hub.pushing import push_all

    return push_all(hub, hub.dataset(dataset_name).name)


def basis_of(
    dataset: Dataset,
    tables: Mapping[str, CurrentTable],
    others: Mapping[str, Release],
    steering: Sequence[str] = (),
) -> str:
    """A digest of everything that a release follows from: equal basis, equal release.

    `steering`: what stewards have decided and trained.
    """
    parts = [json.dumps(dataset.document, sort_keys=True, ensure_ascii=False, default=str)]
    parts += [f"{name}={table.changed_by}" for name, table in sorted(tables.items())]
    parts += [f"{name}={release.version}" for name, release in sorted(others.items())]
    parts += steering
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def run_all(
    hub: Hub,
    as_of: datetime,
    supplies: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> Summary:
    """Collect, check and publish everything named (None: all), one after the other.

    What was published is then cross-checked. What cannot be read or checked is a fault in the
    summary and stops nobody else's supplies.
    """
    from hub.orders.view import open_by_department

    summary = Summary()
    for name in supplies or ():
        hub.supply(name)  # a misspelt name is found before anything is done
    for name in datasets or ():
        hub.dataset(name)
    for name in hub.catalog.supplies if supplies is None else supplies:
        try:
            for batch_id in collect(hub, name, as_of):
                summary.batches.append(line_of(check(hub, batch_id)))
        except HubError as error:
            summary.faults.append(in_words(error))
        except Exception as error:
            summary.faults.append(f"supply {name}: {unforeseen(error)}")
    for name in publishing_order(hub.catalog) if datasets is None else datasets:
        try:
            if release := publish(hub, name, as_of):
                summary.releases.append(release)
            recall(hub, name)
        except HubError as error:
            summary.faults.append(in_words(error))
        except Exception as error:
            summary.faults.append(f"dataset {name}: {unforeseen(error)}")
    if datasets is None or datasets:
        summary.questions = crosscheck(hub, as_of)
        summary.faults += [asked.message for asked in summary.questions if asked.message]
    summary.discrepancies = listed(hub.catalog, hub.ledger, hub.store)
    summary.orders = open_by_department(desk_of(hub))
    return summary
