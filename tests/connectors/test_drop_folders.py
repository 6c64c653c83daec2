"""Local drops: what is complete is read once, oldest first; what is not is never read."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.drop import Drop, open_drop
from connectors.folder import LocalFolder, SourceChanged, fits
from connectors.protocol import SourceMissing, SourceRefused
from connectors.sightings import Sightings
from schemas.contract import Supply
from schemas.properties import Node
from tests.connectors.drop_contracts import AS_OF, field, read_all, supply


def contract(**files: Any) -> Supply:
    return supply(field("id"), field("name"), **{"pattern": "r_*.csv", **files})


def deliver(folder: Path, name: str, rows: int = 1, age_s: float = 3600) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("id,name\n" + "".join(f"{i},{name}\n" for i in range(rows)))
    aged(path, age_s)
    return path


def aged(path: Path, age_s: float) -> None:
    then = time.time() - age_s
    os.utime(path, (then, then))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "civil"
    found.mkdir()
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    found = tmp_path / "scratch"
    found.mkdir()
    return found


@contextmanager
def watched(folder: Path, scratch: Path, **hooks: Any) -> Iterator[tuple[Drop, list[float]]]:
    """A drop whose waiting is recorded instead of suffered."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if hooks.get("while_waiting"):
            hooks["while_waiting"]()

    node = Node(url=f"file://{folder}")
    moments = iter(hooks.get("clock", ()))
    clock = (lambda: next(moments)) if "clock" in hooks else time.time
    sightings = Sightings(scratch / "drop.json")
    yield Drop(LocalFolder(folder), node, scratch, sightings, clock, sleep), waits


def names(
    folder: Path, scratch: Path, promised: Supply, seen: frozenset[str] = frozenset()
) -> list[str]:
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        return [str(w.file) for w in drop.windows(promised, None, AS_OF, seen)]


def test_every_unseen_file_is_a_window_oldest_first(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_2.csv", age_s=300)
    deliver(folder, "r_1.csv", age_s=100)
    deliver(folder, "r_3.csv", age_s=200)
    deliver(folder, "other.csv")
    digest = hashlib.sha256((folder / "r_3.csv").read_bytes()).hexdigest()
    assert names(folder, scratch, contract()) == ["r_2.csv", "r_3.csv", "r_1.csv"]
    assert names(folder, scratch, contract(), frozenset({f"r_3.csv@{digest}"})) == [
        "r_2.csv", "r_1.csv",
    ]  # fmt: skip


def test_a_file_delivered_again_with_other_content_is_a_new_window(
    folder: Path, scratch: Path
) -> None:
    path = deliver(folder, "r_1.csv")
    seen = frozenset({f"r_1.csv@{hashlib.sha256(path.read_bytes()).hexdigest()}"})
    assert names(folder, scratch, contract(), seen) == []
    deliver(folder, "r_1.csv", rows=2)
    assert names(folder, scratch, contract(), seen) == ["r_1.csv"]


def test_rows_and_the_original_bytes_are_handed_over(folder: Path, scratch: Path) -> None:
    path = deliver(folder, "r_1.csv", rows=3)
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(contract(), None, AS_OF, frozenset())
        with drop.read(contract(), window) as extract:
            rows = [row for chunk in extract.chunks for row in chunk.rows.to_pylist()]
            assert extract.original is not None and extract.totals is not None
            assert extract.original != path
            assert extract.original.read_bytes() == path.read_bytes()
            assert extract.totals.rows == len(rows) == 3
        assert window.file_digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [p.suffix for p in scratch.iterdir()] == [".json"]


@pytest.mark.parametrize(
    "name", [".r_1.csv", "r_1.csv.part", "r_1.csv.tmp", "r_1.csv.filepart", "r_1.csv~"]
)
def test_names_of_unfinished_uploads_are_passed_over(
    folder: Path, scratch: Path, name: str
) -> None:
    deliver(folder, name)
    assert names(folder, scratch, contract(pattern="*")) == []


def test_a_file_that_still_grows_is_left_for_the_next_pull(folder: Path, scratch: Path) -> None:
    path = deliver(folder, "r_1.csv", age_s=0)

    def grow() -> None:
        with path.open("a") as more:
            more.write("9,z\n")

    with watched(folder, scratch, while_waiting=grow) as (drop, waits):
        assert drop.windows(contract(settle="PT5S"), None, AS_OF, frozenset()) == []
    assert waits == [5.0]


def test_a_fresh_file_is_read_once_it_has_settled(folder: Path, scratch: Path) -> None:
    path = deliver(folder, "r_1.csv", age_s=0)
    with watched(folder, scratch, while_waiting=lambda: aged(path, 6)) as (drop, waits):
        found = drop.windows(contract(settle="PT5S"), None, AS_OF, frozenset())
    assert [window.file for window in found] == ["r_1.csv"] and waits == [5.0]


def test_an_old_file_needs_no_waiting(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_1.csv", age_s=60)
    with watched(folder, scratch) as (drop, waits):
        assert len(drop.windows(contract(settle="PT5S"), None, AS_OF, frozenset())) == 1
    assert waits == []


def test_a_mtime_in_the_future_is_not_believed(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_1.csv", age_s=-86_400)
    with watched(folder, scratch) as (drop, _):
        assert drop.windows(contract(settle="PT0.2S"), None, AS_OF, frozenset()) == []
    time.sleep(0.3)
    with watched(folder, scratch) as (drop, _):
        assert len(drop.windows(contract(settle="PT0.2S"), None, AS_OF, frozenset())) == 1


def test_an_empty_file_is_an_upload_that_has_just_begun(folder: Path, scratch: Path) -> None:
    (folder / "r_1.csv").touch()
    aged(folder / "r_1.csv", 3600)
    assert names(folder, scratch, contract()) == []


def test_with_a_marker_only_marked_files_are_read(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_1.csv", age_s=60)
    deliver(folder, "r_2.csv", age_s=50)
    deliver(folder, "r_3.csv", age_s=40)
    for marker in ("r_2.csv.ok", "r_3.ok"):
        (folder / marker).touch()
    assert names(folder, scratch, contract(ready=".ok", pattern="r_*")) == ["r_2.csv", "r_3.csv"]


def test_a_marker_of_an_earlier_delivery_does_not_count(folder: Path, scratch: Path) -> None:
    (folder / "r_1.csv.ok").touch()
    aged(folder / "r_1.csv.ok", 120)
    deliver(folder, "r_1.csv", age_s=60)
    assert names(folder, scratch, contract(ready=".ok")) == []


def test_a_marker_is_believed_only_when_digest_and_size_agree(folder: Path, scratch: Path) -> None:
    path = deliver(folder, "r_1.csv")
    size, digest = path.stat().st_size, hashlib.md5(path.read_bytes()).hexdigest()
    marker = folder / "r_1.csv.ok"
    for text, agrees in [
        (f"{digest}  r_1.csv\n", True),
        (f"{'0' * 32}  r_1.csv\n", False),
        (f"{'0' * 64}  r_other.csv\n{digest.upper()} *r_1.csv\n", True),
        (f"size={size}\n", True),
        (f"size: {size + 1}\n", False),
        ("20260101\n", True),
        (hashlib.sha256(path.read_bytes()).hexdigest(), True),
    ]:
        marker.write_text(text)
        found = names(folder, scratch, contract(ready=".ok"))
        assert found == (["r_1.csv"] if agrees else []), text


def test_a_file_replaced_between_finding_and_reading_is_refused(
    folder: Path, scratch: Path
) -> None:
    deliver(folder, "r_1.csv")
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(contract(), None, AS_OF, frozenset())
        deliver(folder, "r_1.csv", rows=5)
        with pytest.raises(SourceChanged), drop.read(contract(), window):
            pass


def test_a_file_that_changes_while_it_is_read_ends_the_pull(folder: Path, scratch: Path) -> None:
    path = deliver(folder, "r_1.csv", rows=10)
    promised = contract()
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(promised, None, AS_OF, frozenset())
        with drop.read(promised, window) as extract:
            next(extract.chunks)
            with path.open("a") as more:
                more.write("late,row\n")
            with pytest.raises(SourceChanged) as raised:
                next(extract.chunks)
    assert raised.value.transient


def test_a_file_that_is_taken_away_after_the_copy_is_still_whole(
    folder: Path, scratch: Path
) -> None:
    path = deliver(folder, "r_1.csv", rows=10)
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(contract(), None, AS_OF, frozenset())
        with drop.read(contract(), window) as extract:
            path.unlink()
            assert sum(chunk.rows.num_rows for chunk in extract.chunks) == 10


def test_gbk_names_survive(folder: Path, scratch: Path) -> None:
    raw = os.fsencode(folder) + b"/" + "r_居民.csv".encode("gb18030")
    Path(os.fsdecode(raw)).write_text("id,name\n1,a\n")
    aged(Path(os.fsdecode(raw)), 60)
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        ((name, rows, _),) = read_all(drop, contract())
    assert name == "r_居民.csv" and rows.num_rows == 1


def test_links_are_never_followed(folder: Path, scratch: Path, tmp_path: Path) -> None:
    secret = deliver(tmp_path, "secret.csv")
    (folder / "r_1.csv").symlink_to(secret)
    (folder / "r_more").symlink_to(tmp_path, target_is_directory=True)
    assert names(folder, scratch, contract(pattern="**/*.csv")) == []


def test_patterns_reach_into_folders(folder: Path, scratch: Path) -> None:
    deliver(folder, "2026/r_1.csv", age_s=20)
    deliver(folder, "2026/05/r_2.csv", age_s=10)
    deliver(folder, "r_3.csv", age_s=5)
    assert names(folder, scratch, contract(pattern="*/r_*.csv")) == ["2026/r_1.csv"]
    assert names(folder, scratch, contract(pattern="**/r_*.csv")) == [
        "2026/r_1.csv", "2026/05/r_2.csv", "r_3.csv",
    ]  # fmt: skip
    assert not fits("a/b.csv", "*.csv")


def test_a_missing_folder_or_file_is_named(tmp_path: Path, folder: Path, scratch: Path) -> None:
    with pytest.raises(SourceMissing, match="nowhere"):
        names(tmp_path / "nowhere", scratch, contract())
    with (
        open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop,
        pytest.raises(SourceMissing, match=r"r_\*\.csv"),
    ):
        drop.columns(contract())


def test_columns_are_those_of_the_newest_file(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_1.csv", age_s=100)
    (folder / "r_2.csv").write_text("id,Full name\n1,a\n")
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        assert [column.name for column in drop.columns(contract())] == ["id", "Full name"]


def test_an_unknown_kind_of_file_is_refused(folder: Path, scratch: Path) -> None:
    (folder / "r_1.bin").write_text("x")
    aged(folder / "r_1.bin", 60)
    promised = contract(pattern="*", format=None)
    with (
        open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop,
        pytest.raises(SourceRefused, match=r"r_1\.bin"),
    ):
        read_all(drop, promised)


def test_known_digests_are_kept_when_the_scratch_folder_outlives_the_session(
    folder: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "r_1.csv")
    assert names(folder, scratch, contract()) == ["r_1.csv"]
    monkeypatch.setattr(LocalFolder, "digest", lambda *_: pytest.fail("read again"))
    assert names(folder, scratch, contract()) == ["r_1.csv"]


def test_a_torn_copy_of_an_earlier_session_is_not_used(folder: Path, scratch: Path) -> None:
    deliver(folder, "r_1.csv", rows=10)
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(contract(), None, AS_OF, frozenset())
        assert isinstance(drop, Drop)
        (entry,) = LocalFolder(folder).entries("*")
        drop._copy_of(entry).write_text("id,name\n1,a\n")
        with pytest.raises(SourceChanged), drop.read(contract(), window):
            pass
        with drop.read(contract(), window) as extract:
            assert sum(chunk.rows.num_rows for chunk in extract.chunks) == 10


def test_a_file_that_is_none_is_a_batch_without_rows_that_keeps_it(
    folder: Path, scratch: Path
) -> None:
    path = folder / "r_1.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    aged(path, 3600)
    promised = contract(pattern="r_*.xlsx", format="excel")
    with open_drop(Node(url=f"file://{folder}"), "civil", scratch) as drop:
        (window,) = drop.windows(promised, None, AS_OF, frozenset())
        with drop.read(promised, window) as extract:
            assert [found.code for found in extract.drift] == ["file_unreadable"]
            assert extract.totals is not None
            assert (extract.totals.rows, list(extract.chunks)) == (0, [])
            assert extract.original is not None
            assert extract.original.read_bytes() == path.read_bytes()
