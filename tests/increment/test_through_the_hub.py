"""From front end to release: a hub that makes changes releases what one that makes wholes does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from hub.errors import IntegrityError
from hub.ledger.releases import last_release, releases_of
from hub.opened import Hub, open_hub
from hub.publish import publish, read_manifest
from hub.reconcile.increment import opening
from hub.released import relation, uris
from hub.steps import run_all
from tests.laws.test_whole_path import CATALOG, _write

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
REGISTER = {str(n): "甲乙丙"[n % 3] for n in range(1, 7)}
PAYMENTS = {name: (str(n), "甲", "0.01") for n, name in enumerate("abcde", start=1)}
DAYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (REGISTER, PAYMENTS),
    (REGISTER | {"2": "丁"}, PAYMENTS),  # a value
    (REGISTER, PAYMENTS | {"a": ("6", "乙", "10.10")}),  # a payment goes to another number
    ({n: v for n, v in REGISTER.items() if n != "3"}, PAYMENTS),  # a row leaves
    (REGISTER, {**PAYMENTS, "b": (None, "丙", "0.01"), "e": ("9", "甲", "2.00")}),
    (REGISTER, PAYMENTS),
]


def _told(hub: Hub) -> dict[str, Any]:
    release = last_release(hub.ledger, "things")
    assert release is not None
    manifest = read_manifest(hub.store, release)
    told: dict[str, Any] = {"counts": manifest["counts"], "measures": manifest["measures"]}
    told |= {"rows": release.rows, "changes": manifest["changes"]}
    with hub.store.connect() as connection:
        for name in ("golden", "links", "keys", "events", "discrepancies"):
            rows = connection.execute(f"FROM ({relation(hub.store, manifest, name)})").fetchall()
            told[name] = sorted(rows, key=repr)
    table = DeltaTable(str(hub.store.path("release/things"))).to_pyarrow_table().to_pylist()
    told["table"] = sorted(table, key=repr)
    for file in manifest["files"].values():
        for uri, sha256 in uris(file).items():
            assert hub.store.sha256(uri) == sha256
    return told


def test_days_released_as_changes_are_the_days_released_as_wholes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_TOUCHED", 9.9)
    monkeypatch.setattr(opening, "FEWEST", 0)
    homes = [tmp_path / "change", tmp_path / "whole"]
    made = []
    with open_hub(homes[0], CATALOG) as one, open_hub(homes[1], CATALOG) as other:
        hubs = [one, other]
        for day, (register, payments) in enumerate(DAYS):
            told = []
            for hub, home, most in zip(hubs, homes, (99, -1), strict=True):
                monkeypatch.setattr(opening, "MOST_PARTS", most)
                _write(home, day, register, payments)
                summary = run_all(hub, FIRST + timedelta(days=day))
                assert not summary.faults
                told.append(_told(hub))
            assert told[0] == told[1]
            release = last_release(hubs[0].ledger, "things")
            assert release is not None
            made.append(read_manifest(hubs[0].store, release)["made"]["whole"])
        assert made == [True, *[False] * (len(DAYS) - 1)]


def test_a_change_of_another_release_than_the_last_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_TOUCHED", 9.9)
    monkeypatch.setattr(opening, "FEWEST", 0)
    kept = []

    def keep(dataset: Any, reconciled: Any, *rest: Any) -> Any:
        kept.append((dataset, reconciled))
        return publish(dataset, reconciled, *rest)

    monkeypatch.setattr("hub.publish.publish", keep)
    with open_hub(tmp_path, CATALOG) as hub:
        for day in range(3):
            _write(tmp_path, day, *DAYS[day])
            run_all(hub, FIRST + timedelta(days=day))
        dataset, change = kept[1]
        assert change.change is not None
        with pytest.raises(IntegrityError, match="another release"):
            publish(dataset, change, "b", hub.store, hub.ledger, hub.now())
        assert len(releases_of(hub.ledger, "things")) == 3
