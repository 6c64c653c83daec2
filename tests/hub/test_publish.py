"""Releases: whole or not at all, once, and their change feed is the change set."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import publish as room
from hub.ledger import Ledger, open_ledger
from hub.ledger.releases import releases_of
from hub.records import Input, Reconciled
from hub.store import Store
from schemas.contract import Catalog, Dataset

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SCHEMA = pa.schema([(name, pa.string()) for name in ("entity_id", "number", "label", "_hash")])


@pytest.fixture
def dataset(catalog: Catalog) -> Dataset:
    return catalog.datasets["things"]


def _reconciled(store: Store, name: str, rows: dict[str, str]) -> Reconciled:
    uris = {}
    for part in ("golden", "lineage", "origins", "links", "keys", "events", "discrepancies"):
        uris[part] = f"reconciled/{name}/{part}.parquet"
        with store.writing(uris[part]) as temporary:
            values = [
                {"entity_id": key, "number": key, "label": label, "_hash": label}
                for key, label in sorted(rows.items())
            ]
            pq.write_table(pa.Table.from_pylist(values, SCHEMA), temporary)
    inputs = (Input("office/things", name, "1.0.0", len(rows)),)
    return Reconciled(name, "things", "1.0.0", inputs, **uris, balance=None)


def _content(store: Store, version: int | None = None) -> dict[str, str]:
    table = DeltaTable(str(store.path("release/things")), version=version)
    rows = table.to_pyarrow_table(columns=["entity_id", "label"]).to_pylist()
    assert len({row["entity_id"] for row in rows}) == len(rows)
    return {row["entity_id"]: row["label"] for row in rows}


STATES = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from("xyz"), max_size=4), max_size=4
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=STATES)
def test_every_release_is_its_reconciliation_and_the_feed_leads_from_one_to_the_next(
    dataset: Dataset, tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, str]]
) -> None:
    home = tmp_path_factory.mktemp("home")
    store, ledger = Store(home / "store", 500, 1), open_ledger(f"sqlite:///{home}/l.db", home)
    for number, rows in enumerate(history):
        reconciled = _reconciled(store, f"r{number}", rows)
        release = room.publish(dataset, reconciled, str(number), store, ledger, NOW)
        assert release.version == number + 1
        assert _content(store) == rows
    for release, rows in zip(releases_of(ledger, "things"), history, strict=True):
        assert _content(store, release.delta_version) == rows
        assert release.rows == len(rows)
    for (before, old), (after, new) in zip(
        list(zip(releases_of(ledger), history, strict=True)),
        list(zip(releases_of(ledger), history, strict=True))[1:],
        strict=False,
    ):
        feed = _feed(store, before.delta_version, after.delta_version)
        expected = {("delete", key) for key in old.keys() - new.keys()}
        expected |= {("insert", key) for key in new.keys() - old.keys()}
        expected |= {
            ("update_postimage", key) for key in new.keys() & old.keys() if new[key] != old[key]
        }
        assert feed == expected
        assert (after.inserted, after.deleted) == (
            len(new.keys() - old.keys()),
            len(old.keys() - new.keys()),
        )
    ledger.engine.dispose()


def _feed(store: Store, before: int, after: int) -> set[tuple[str, str]]:
    if before == after:
        return set()
    reader = DeltaTable(str(store.path("release/things"))).load_cdf(before + 1, after)
    rows = pa.table(reader).to_pylist()
    return {
        (row["_change_type"], row["entity_id"])
        for row in rows
        if row["_change_type"] != "update_preimage"
    }


def test_publishing_the_same_reconciliation_again_changes_nothing(
    dataset: Dataset, store: Store, ledger: Ledger
) -> None:
    reconciled = _reconciled(store, "r", {"a": "x"})
    first = room.publish(dataset, reconciled, "b", store, ledger, NOW)
    assert room.publish(dataset, reconciled, "b", store, ledger, NOW) == first
    assert len(releases_of(ledger)) == 1


def test_a_commit_that_a_crash_kept_out_of_the_ledger_is_adopted_not_doubled(
    dataset: Dataset, store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.publish(dataset, _reconciled(store, "r1", {"a": "x"}), "1", store, ledger, NOW)
    with monkeypatch.context() as crash:
        crash.setattr(room, "add_release", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            room.publish(dataset, _reconciled(store, "r2", {"b": "y"}), "2", store, ledger, NOW)
    third = room.publish(dataset, _reconciled(store, "r3", {"c": "z"}), "3", store, ledger, NOW)
    assert [r.reconciliation for r in releases_of(ledger)] == ["r1", "r2", "r3"]
    assert third.version == 3
    assert _content(store) == {"c": "z"}


def test_the_manifest_names_every_file_with_its_checksum(
    dataset: Dataset, store: Store, ledger: Ledger
) -> None:
    release = room.publish(dataset, _reconciled(store, "r", {"a": "x"}), "b", store, ledger, NOW)
    manifest = room.read_manifest(store, release)
    for file in manifest["files"].values():
        assert store.sha256(file["uri"]) == file["sha256"]
    assert manifest["inputs"][0]["supply"] == "office/things"


def test_a_diff_counts_changes_per_field(dataset: Dataset, store: Store, ledger: Ledger) -> None:
    old, new = {"a": "x", "b": "y", "c": "z"}, {"a": "x", "b": "changed", "d": "new"}
    first = room.publish(dataset, _reconciled(store, "1", old), "1", store, ledger, NOW)
    second = room.publish(dataset, _reconciled(store, "2", new), "2", store, ledger, NOW)
    counted = {
        (row["change"], row["field"]): row["rows"]
        for row in room.diff_releases(store, dataset, first, second)
    }
    assert counted == {("deleted", None): 1, ("inserted", None): 1, ("updated", "label"): 1}


def test_nothing_is_left_behind_by_a_file_that_was_not_finished(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing("a/b.parquet") as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
