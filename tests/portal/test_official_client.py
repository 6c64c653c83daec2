"""The official Delta Sharing client reads a grant in full, in both formats, now and as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import delta_sharing
import pandas as pd
import pyarrow.parquet as pq
import pytest
from requests.exceptions import HTTPError

from hub import shares
from hub.opened import Hub
from hub.records import Grant
from tests.portal.open_portal import (
    desk,
    listening,
    make_hub,
    open_grant,
    profile,
    release_day,
    town,
)

pytestmark = pytest.mark.slow

SIZE = 200
DAYS = (1, 2, 3)


@dataclass(frozen=True)
class Opened:
    """A portal that serves three versions of one dataset to one subscriber."""

    hub: Hub
    grant: Grant
    file: str  # the profile

    @property
    def url(self) -> str:
        return f"{self.file}#{self.grant.subscriber}.people.{self.grant.id}"

    def kept(self, version: int, kind: str = "rows") -> pd.DataFrame:
        """What lies at rest for the grant, read without the portal."""
        make = shares.rows if kind == "rows" else shares.changes
        share = make(self.hub, self.grant, version)
        paths = [self.hub.store.path(file.uri) for file in share.files]
        return pd.concat([pq.read_table(p).to_pandas(date_as_object=True) for p in paths])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("portal")
    hub = make_hub(folder)
    for day in DAYS:
        release_day(hub, town(SIZE, day), day)
    grant, token = open_grant(hub)
    with listening(desk(hub)) as url:
        yield Opened(hub, grant, profile(folder, url, token))


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Equal rows and columns, whatever the order of the rows."""
    assert list(left.columns) == list(right.columns)
    order = [c for c in left.columns if c in ("record_id", "_commit_version", "_change_type")]
    shown = [f.sort_values(order).reset_index(drop=True) for f in (left, right)]
    pd.testing.assert_frame_equal(*(_plain(frame) for frame in shown), check_dtype=False)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(object).where(frame.notna(), None)


@pytest.mark.parametrize("delta", [None, False, True])
@pytest.mark.parametrize("in_batches", [False, True])
def test_the_newest_version_is_read_whole(opened: Opened, delta: bool, in_batches: bool) -> None:
    read = delta_sharing.load_as_pandas(
        opened.url, use_delta_format=delta, convert_in_batches=in_batches
    )
    assert len(read) > SIZE // 2
    same(read, opened.kept(3))


@pytest.mark.parametrize("delta", [None, True])
@pytest.mark.parametrize("version", DAYS)
def test_a_version_is_read_as_it_was(opened: Opened, delta: bool, version: int) -> None:
    read = delta_sharing.load_as_pandas(opened.url, version=version, use_delta_format=delta)
    same(read, opened.kept(version))


@pytest.mark.parametrize("delta", [None, True])
def test_a_moment_is_read_as_it_was(opened: Opened, delta: bool) -> None:
    for moment, version in {
        "2026-02-01T12:00:00Z": 1,
        "2026-02-02T11:59:59Z": 1,
        "2026-02-02T20:00:00+08:00": 2,
        "2030-01-01T00:00:00Z": 3,
    }.items():
        read = delta_sharing.load_as_pandas(opened.url, timestamp=moment, use_delta_format=delta)
        same(read, opened.kept(version))


@pytest.mark.parametrize("delta", [None, True])
def test_a_limit_is_kept(opened: Opened, delta: bool) -> None:
    whole = opened.kept(3)
    for limit in (0, 1, 7, 10**6):
        read = delta_sharing.load_as_pandas(opened.url, limit=limit, use_delta_format=delta)
        assert len(read) == min(limit, len(whole))
        assert list(read.columns) == list(whole.columns)
        assert set(read["record_id"]) <= set(whole["record_id"])


@pytest.mark.parametrize("delta", [None, True])
def test_changes_are_those_of_the_grant(opened: Opened, delta: bool) -> None:
    read = delta_sharing.load_table_changes_as_pandas(
        opened.url, starting_version=2, ending_version=3, use_delta_format=delta
    )
    assert set(read["_change_type"]) == {"insert", "delete", "update_preimage", "update_postimage"}
    for version in (2, 3):
        mine = read[read["_commit_version"] == version]
        told = mine.drop(columns=["_commit_version", "_commit_timestamp"])
        same(told, opened.kept(version, "changes"))


@pytest.mark.parametrize("delta", [None, True])
def test_the_first_version_is_inserted_whole(opened: Opened, delta: bool) -> None:
    read = delta_sharing.load_table_changes_as_pandas(
        opened.url, starting_version=1, use_delta_format=delta
    )
    first = read[read["_commit_version"] == 1]
    assert set(first["_change_type"]) == {"insert"}
    told = first.drop(columns=["_change_type", "_commit_version", "_commit_timestamp"])
    same(told, opened.kept(1))


@pytest.mark.parametrize("delta", [None, True])
def test_changes_played_upon_a_version_give_the_next(opened: Opened, delta: bool) -> None:
    rows = delta_sharing.load_as_pandas(opened.url, version=1).set_index("record_id")
    feed = delta_sharing.load_table_changes_as_pandas(
        opened.url, starting_version=2, use_delta_format=delta
    )
    for version in (2, 3):
        mine = feed[feed["_commit_version"] == version].set_index("record_id")
        told = mine.drop(columns=["_change_type", "_commit_version", "_commit_timestamp"])
        gone = mine["_change_type"].isin(["delete", "update_preimage"])
        rows = pd.concat([rows.drop(index=mine.index[gone]), told[~gone]])
        same(rows.reset_index(), opened.kept(version))


def test_changes_by_moments(opened: Opened) -> None:
    read = delta_sharing.load_table_changes_as_pandas(
        opened.url,
        starting_timestamp="2026-02-01T12:00:01Z",
        ending_timestamp="2026-02-02T12:00:00Z",
    )
    assert set(read["_commit_version"]) == {2}
    assert set(read["_commit_timestamp"]) == {1770033600000}


def test_the_version_is_told(opened: Opened) -> None:
    assert delta_sharing.get_table_version(opened.url) == 3
    since = "2026-02-01T12:00:01Z"
    assert delta_sharing.get_table_version(opened.url, starting_timestamp=since) == 2


@pytest.mark.parametrize("delta", [False, True])
def test_metadata_tells_the_schema(opened: Opened, delta: bool) -> None:
    told = delta_sharing.get_table_metadata(opened.url, use_delta_format=delta)
    assert told.partition_columns == []
    assert '"name":"record_id"' in (told.schema_string or "")
    assert delta_sharing.get_table_protocol(opened.url, use_delta_format=delta)


def test_the_one_table_is_found(opened: Opened) -> None:
    client = delta_sharing.SharingClient(opened.file)
    [share] = client.list_shares()
    [schema] = client.list_schemas(share)
    [table] = client.list_tables(schema)
    assert client.list_all_tables() == [table]
    assert (table.share, table.schema, table.name) == ("tax", "people", opened.grant.id)


@pytest.mark.parametrize(
    "asked",
    [
        {"version": 0},
        {"version": 4},
        {"version": 10**18},
        {"timestamp": "2026-01-31T00:00:00Z"},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-02-02T12:00:00"},
        {"version": 1, "timestamp": "2026-02-02T12:00:00Z"},
    ],
)
def test_versions_that_are_not_opened_are_refused(opened: Opened, asked: dict[str, Any]) -> None:
    with pytest.raises(HTTPError, match="400"):
        delta_sharing.load_as_pandas(opened.url, **asked)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"starting_version": 0},
        {"starting_version": 4},
        {"starting_version": 3, "ending_version": 2},
        {"starting_version": 1, "ending_version": 9},
        {"starting_version": 1, "starting_timestamp": "2026-02-02T12:00:00Z"},
        {"starting_timestamp": "2026-03-02T12:00:00Z"},
        {"starting_version": 1, "ending_version": 2, "ending_timestamp": "2026-02-02T12:00:00Z"},
    ],
)
def test_spans_that_mean_nothing_are_refused(opened: Opened, asked: dict[str, Any]) -> None:
    with pytest.raises(HTTPError, match="400"):
        delta_sharing.load_table_changes_as_pandas(opened.url, **asked)


def test_a_later_grant_opens_later_versions_alone(opened: Opened, tmp_path: Path) -> None:
    late, token = open_grant(opened.hub, since_version=2)
    with listening(desk(opened.hub)) as url:
        address = f"{profile(tmp_path, url, token)}#tax.people.{late.id}"
        feed = delta_sharing.load_table_changes_as_pandas(address, starting_version=2)
        first = feed[feed["_commit_version"] == 2]
        assert set(first["_change_type"]) == {"insert"}
        assert len(delta_sharing.load_as_pandas(address)) == len(opened.kept(3))
        for version in (1,):
            with pytest.raises(HTTPError, match="within 2"):
                delta_sharing.load_as_pandas(address, version=version)
            with pytest.raises(HTTPError, match="400"):
                delta_sharing.load_table_changes_as_pandas(address, starting_version=version)
