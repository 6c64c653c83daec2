"""Files pushed into a folder, local or on a real SFTP server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hub.channels import open_channel
from hub.channels.files import MANIFEST, FileChannel, folder_of
from hub.channels.place import put
from hub.channels.protocol import Channel, Outdated
from hub.channels.sftp import SftpPlace
from hub.errors import DecisionError, DeliveryError
from schemas.properties import Department, Title
from schemas.sharing import FileInbox, Inbox, Way
from tests.deliver import parcels
from tests.servers.sshd import SshServer, sshd

COUNT = 20_000  # some 1 MB: more than one block
KINDS = [
    "folder",
    pytest.param("sftp", marks=pytest.mark.server),
    pytest.param("sftp without posix-rename", marks=pytest.mark.server),
]


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[str], SshServer]]:
    """SSH servers by the request that they deny, started when they are asked for."""
    running: dict[str, Any] = {}

    def server(denied: str) -> SshServer:
        if denied not in running:
            opened = sshd(denied)
            running[denied] = opened, opened.__enter__()
        return running[denied][1]  # type: ignore[no-any-return]

    yield server
    for opened, _ in running.values():
        opened.__exit__(None, None, None)


def department(inbox: FileInbox) -> Department:
    return Department(
        name="welfare", title=Title(zh="民政局", en="Welfare"), inbox=Inbox(file=inbox)
    )


def inbox_of(server: SshServer, folder: Path) -> FileInbox:
    return FileInbox(
        url=server.url(folder), host_key=server.host_key, private_key=str(server.private_key)
    )


@pytest.fixture(params=KINDS)
def inbox(
    request: pytest.FixtureRequest, tmp_path: Path, servers: Callable[[str], SshServer]
) -> tuple[FileInbox, Path]:
    """The address of an inbox, and the folder behind it."""
    if request.param == "folder":
        folder = tmp_path / "inbox"
        folder.mkdir()
        return FileInbox(url=f"file://{folder}"), folder
    server = servers("posix-rename" if "without" in request.param else "")
    folder = server.root / hashlib.md5(str(tmp_path).encode()).hexdigest()
    folder.mkdir()
    folder.chmod(0o777)
    return inbox_of(server, folder), folder


@pytest.fixture
def channel(inbox: tuple[FileInbox, Path]) -> Iterator[Channel]:
    with open_channel(department(inbox[0]), Way.FILE) as opened:
        yield opened


def place_of(root: Path, version: int) -> Path:
    return root / folder_of(parcels.DATASET, parcels.GRANT, version)


def complete(folder: Path) -> dict[str, Any]:
    """The manifest of a delivery; fails unless everything is as it says, and nothing besides."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    for file in manifest["files"]:
        data = (folder / file["name"]).read_bytes()
        assert len(data) == file["bytes"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    expected = {MANIFEST, *(file["name"] for file in manifest["files"])}
    assert {path.name for path in folder.iterdir()} == expected
    return manifest


def test_rows_arrive_with_a_manifest_that_fits(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    parcel = parcels.whole(tmp_path, 7, COUNT)
    handed = channel.hand_over(parcel)
    manifest = complete(inbox[1] / handed.where)
    assert (manifest["delivery"], manifest["version"]) == (parcel.delivery, 7)
    table = pq.read_table(place_of(inbox[1], 7) / manifest["files"][0]["name"])
    assert {row["record_id"]: row for row in table.to_pylist()} == parcels.rows(7, COUNT)
    assert channel.held(parcels.GRANT, parcels.DATASET) == parcel.delivery


def test_delivered_again_nothing_is_touched(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    parcel = parcels.whole(tmp_path, 1, 100)
    assert not channel.hand_over(parcel).already
    before = {path: path.stat().st_mtime_ns for path in place_of(inbox[1], 1).iterdir()}
    assert channel.hand_over(parcel).already
    assert {path: path.stat().st_mtime_ns for path in place_of(inbox[1], 1).iterdir()} == before


@pytest.mark.parametrize(("sent", "kept"), [("half", True), ("other", False), ("longer", False)])
def test_a_half_sent_file_is_continued_only_when_its_bytes_are_ours(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path, sent: str, kept: bool
) -> None:
    parcel = parcels.whole(tmp_path, 3, COUNT)
    (packed,) = parcel.contents[0].files
    data = packed.path.read_bytes()
    half = len(data) * 2 // 3
    begun = {"half": data[:half], "other": b"\0" + data[1:half], "longer": data + b"more"}[sent]
    folder = place_of(inbox[1], 3)
    channel.place.make(folder_of(parcels.DATASET, parcels.GRANT, 3))  # type: ignore[attr-defined]
    temporary = f".{packed.name}.{packed.sha256[:16]}.part"
    spy = _Written(channel)
    spy.place.write(f"{folder.relative_to(inbox[1])}/{temporary}", 0, [begun])
    spy.starts.clear()
    spy.channel.hand_over(parcel)
    assert spy.starts[temporary] == (half if kept else 0)
    complete(folder)


class _Written:
    """A channel that notes from which byte on each file was written."""

    def __init__(self, channel: Any) -> None:
        self.place, self.starts = channel.place, dict[str, int]()
        self.channel = FileChannel(self)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.place, name)

    def write(self, path: str, start: int, blocks: Any) -> None:
        self.starts[path.rpartition("/")[2]] = start
        self.place.write(path, start, blocks)


def test_what_does_not_belong_to_the_delivery_is_gone_when_the_manifest_comes(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 2, 100))
    place: Any = channel.place  # type: ignore[attr-defined]
    folder = folder_of(parcels.DATASET, parcels.GRANT, 2)
    place.write(f"{folder}/.old.part", 0, [b"x"])
    place.write(f"{folder}/rows-9.parquet", 0, [b"y"])
    channel.hand_over(parcels.whole(tmp_path, 2, 101, anew=True))
    assert complete(place_of(inbox[1], 2))["files"][0]["rows"] == len(parcels.rows(2, 101))


def test_changes_follow_what_is_held_or_are_refused(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    with pytest.raises(Outdated):
        channel.hand_over(parcels.change(tmp_path, 1, 2, 100))
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    channel.hand_over(parcels.change(tmp_path, 1, 3, 100))
    manifest = complete(place_of(inbox[1], 3))
    assert (manifest["base"], manifest["content"], len(manifest["files"])) == (1, "changes", 2)


def test_a_grant_that_ends_while_files_travel_leaves_none_of_them(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    def ended() -> None:
        raise DecisionError("the grant is not active")

    with pytest.raises(DecisionError):
        channel.hand_over(replace(parcels.whole(tmp_path, 1, 100), permitted=ended))
    assert list(place_of(inbox[1], 1).iterdir()) == []
    assert channel.held(parcels.GRANT, parcels.DATASET) is None


def test_recall_notices_come_with_their_file_and_once(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path
) -> None:
    notice = parcels.notice(tmp_path, {"r1": ["name"]})
    for _ in range(2):
        channel.tell(parcels.GRANT, parcels.DATASET, [notice])
    folder = inbox[1] / parcels.DATASET / parcels.GRANT / "recalls"
    assert sorted(path.name for path in folder.iterdir()) == ["c0ffee.json", "c0ffee.parquet"]
    assert pq.read_table(folder / "c0ffee.parquet").num_rows == 1


@pytest.mark.parametrize("linked", ["v000001", "v000001/manifest.json"])
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path, linked: str) -> None:
    """Who may write into the folder must not write elsewhere by the hub's hand."""
    outside, inbox = tmp_path / "outside", tmp_path / "inbox"
    outside.mkdir()
    (outside / "precious").write_text("here")
    link = inbox / parcels.DATASET / parcels.GRANT / linked
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "precious" if linked.endswith("json") else outside)
    with (
        pytest.raises(DeliveryError, match="leads out of it"),
        open_channel(department(FileInbox(url=f"file://{inbox}")), Way.FILE) as channel,
    ):
        channel.hand_over(parcels.whole(tmp_path, 1, 100))
    assert [path.read_text() for path in outside.iterdir()] == ["here"]


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "3"])
def test_a_manifest_that_is_none_counts_as_none(
    channel: Channel, inbox: tuple[FileInbox, Path], tmp_path: Path, content: str
) -> None:
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    (place_of(inbox[1], 1) / MANIFEST).unlink()
    (place_of(inbox[1], 1) / MANIFEST).write_text(content)
    assert channel.held(parcels.GRANT, parcels.DATASET) is None
    channel.hand_over(parcels.whole(tmp_path, 1, 100))
    complete(place_of(inbox[1], 1))


def test_a_folder_that_is_not_mounted_is_worth_a_retry(tmp_path: Path) -> None:
    inbox = FileInbox(url=f"file://{tmp_path}/absent")
    with (
        pytest.raises(DeliveryError, match="not there") as raised,
        open_channel(department(inbox), Way.FILE),
    ):
        pass
    assert raised.value.transient


@pytest.mark.server
def test_an_unknown_host_key_is_refused(
    servers: Callable[[str], SshServer], tmp_path: Path
) -> None:
    server = servers("")
    inbox = inbox_of(server, server.root).model_copy(update={"host_key": None})
    with (
        pytest.raises(DeliveryError, match="in the inbox: hostKey") as raised,
        open_channel(department(inbox), Way.FILE),
    ):
        pass
    assert not raised.value.transient


@pytest.mark.server
def test_a_folder_that_may_not_be_written_is_nothing_to_retry(
    servers: Callable[[str], SshServer], tmp_path: Path
) -> None:
    server = servers("")
    closed = server.root / "closed"
    closed.mkdir(exist_ok=True)
    closed.chmod(0o555)
    inbox = inbox_of(server, closed)
    with (
        pytest.raises(DeliveryError, match="may not write") as raised,
        open_channel(department(inbox), Way.FILE) as channel,
    ):
        channel.hand_over(parcels.whole(tmp_path, 1, 100))
    assert not raised.value.transient


@pytest.mark.server
def test_a_write_that_the_server_refuses_is_noticed(
    servers: Callable[[str], SshServer], tmp_path: Path
) -> None:
    """/dev/full takes every open and refuses every write."""
    packed = parcels.packed(tmp_path, "full", list(parcels.rows(1, COUNT).values()), "rows")
    server = servers("")
    with open_channel(department(inbox_of(server, Path("/dev"))), Way.FILE) as channel:
        place = channel.place  # type: ignore[attr-defined]
        assert isinstance(place, SftpPlace)
        with pytest.raises(OSError, match="Failure"):
            place.write("full", 0, [packed.path.read_bytes()])


@pytest.mark.server
def test_the_server_without_posix_rename_does_deny_it(
    servers: Callable[[str], SshServer],
) -> None:
    """Else the fallback would not have been tested."""
    inbox = inbox_of(servers("posix-rename"), servers("posix-rename").root)
    with open_channel(department(inbox), Way.FILE) as channel:
        place: Any = channel.place  # type: ignore[attr-defined]
        place.write("a", 0, [b"a"])
        place.write("b", 0, [b"b"])
        with pytest.raises(OSError):
            place._client.posix_rename(place._at("a"), place._at("b"))
        with pytest.raises(OSError):
            place._client.rename(place._at("a"), place._at("b"))
        place.replace("a", "b")
        assert b"".join(place.read("b", 1)) == b"a"
        assert place.size("a") is None


def test_a_file_that_arrives_short_is_not_renamed(tmp_path: Path) -> None:
    """As when a disk fills up and the server says nothing."""
    packed = parcels.packed(tmp_path, "rows.parquet", list(parcels.rows(1, 100).values()), "rows")
    (tmp_path / "inbox").mkdir()
    with open_channel(department(FileInbox(url=f"file://{tmp_path}/inbox")), Way.FILE) as channel:
        spy = _Short(channel)
        with pytest.raises(DeliveryError, match="bytes arrived instead of"):
            put(spy, "", packed)  # type: ignore[arg-type]
    assert not (tmp_path / "inbox" / packed.name).exists()


class _Short(_Written):
    def write(self, path: str, start: int, blocks: Any) -> None:
        self.place.write(path.lstrip("/"), start, [b"".join(blocks)[:-1]])

    def size(self, path: str) -> int | None:
        return self.place.size(path.lstrip("/"))  # type: ignore[no-any-return]
