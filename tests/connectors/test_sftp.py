"""Drops over a real SSH server: who it is, what is complete, and that every byte arrives."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.drop import open_drop
from connectors.folder import Entry, SourceChanged
from connectors.protocol import SourceMissing, SourceRefused, SourceUnreachable
from connectors.sftp import SftpFolder, open_sftp
from schemas.properties import Node
from tests.connectors.drop_contracts import AS_OF, field, read_all, supply
from tests.servers.process import free_port
from tests.servers.sshd import SshServer

pytestmark = pytest.mark.server
RESIDENTS = supply(field("id"), field("name"), pattern="*.csv")


def changed(node: Node, **values: object) -> Node:
    return node.model_copy(update=values)


def test_files_are_read_oldest_first_with_their_originals(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    for age, name in ((30, "b.csv"), (20, "a.csv")):
        (sftp_folder / name).write_text(f"id,name\n1,{name}\n")
        os.utime(sftp_folder / name, (time.time() - age,) * 2)
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        found = read_all(drop, RESIDENTS)
    assert [(name, rows["name"].to_pylist()) for name, rows, _ in found] == [
        ("b.csv", ["b.csv"]),
        ("a.csv", ["a.csv"]),
    ]
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_gbk_names_and_contents_survive_beside_utf8_names(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    content = "id,name\n990100,李雷\n".encode("gb18030")
    for name in ("居民.csv".encode("gb18030"), "法人.csv".encode()):
        Path(os.fsdecode(os.fsencode(sftp_folder) + b"/" + name)).write_bytes(content)
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        found = read_all(drop, RESIDENTS)
    assert sorted(name for name, _, _ in found) == ["居民.csv", "法人.csv"]
    assert all(rows["name"].to_pylist() == ["李雷"] for _, rows, _ in found)


def test_an_unknown_host_is_refused_with_the_line_to_paste(
    sftp_node: Node, ssh_server: SshServer, tmp_path: Path
) -> None:
    with pytest.raises(SourceRefused) as raised, open_sftp(changed(sftp_node, host_key=None)):
        pass
    assert ssh_server.host_key in str(raised.value)
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", ssh_server.private_key.parent / "host.pub"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.split()[1] in str(raised.value)


def test_another_host_key_is_refused_before_the_login(
    sftp_node: Node, ssh_server: SshServer, tmp_path: Path
) -> None:
    other = ssh_server.private_key.with_suffix(".pub").read_text().strip()
    node = changed(sftp_node, host_key=other, private_key=str(tmp_path / "absent"))
    with pytest.raises(SourceRefused, match="another host key"), open_sftp(node):
        pass


def test_a_known_hosts_file_is_consulted(
    sftp_node: Node, ssh_server: SshServer, tmp_path: Path
) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{ssh_server.port} {ssh_server.host_key}\n")
    with open_sftp(changed(sftp_node, host_key=str(known))) as folder:
        assert list(folder.entries("*")) == []
    known.write_text(f"[elsewhere]:{ssh_server.port} {ssh_server.host_key}\n")
    with (
        pytest.raises(SourceRefused, match="is not known"),
        open_sftp(changed(sftp_node, host_key=str(known))),
    ):
        pass


def test_a_refused_login_and_a_dead_server_are_unreachable(sftp_node: Node, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with (
        pytest.raises(SourceUnreachable) as raised,
        open_sftp(changed(sftp_node, private_key=str(key))),
    ):
        pass
    assert raised.value.transient
    url = f"sftp://reader@127.0.0.1:{free_port()}/"
    with pytest.raises(SourceUnreachable), open_sftp(changed(sftp_node, url=url)):
        pass


def test_a_key_with_a_passphrase_opens_with_the_nodes_password(
    sftp_node: Node, ssh_server: SshServer, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_bytes(ssh_server.private_key.read_bytes())
    key.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "lantern", "-f", key], check=True)
    with open_sftp(changed(sftp_node, private_key=str(key), password="lantern")) as folder:
        assert list(folder.entries("*")) == []
    with (
        pytest.raises(SourceRefused) as raised,
        open_sftp(changed(sftp_node, private_key=str(key), password="wrong-word")),
    ):
        pass
    assert "wrong-word" not in str(raised.value)


def test_nothing_to_log_in_with_is_refused(sftp_node: Node) -> None:
    node = changed(sftp_node, private_key=None)
    with pytest.raises(SourceRefused, match="privateKey"), open_sftp(node):
        pass


def test_a_missing_folder_is_named(sftp_node: Node, tmp_path: Path) -> None:
    node = changed(sftp_node, url=sftp_node.url + "/nowhere")
    with (
        open_drop(node, "civil", tmp_path) as drop,
        pytest.raises(SourceMissing, match="nowhere"),
    ):
        drop.windows(RESIDENTS, None, AS_OF, frozenset())


def test_a_half_written_upload_is_left_alone_until_it_is_whole(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    promised = supply(field("id"), field("name"), pattern="*.csv", settle="PT1S")
    program = (
        "import sys, time\n"
        "f = open(sys.argv[1], 'w', buffering=1)\n"
        "f.write('id,name\\n')\n"
        "for i in range(14):\n"
        "    f.write(f'{i},x\\n')\n"
        "    time.sleep(0.25)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, sftp_folder / "slow.csv"])
    time.sleep(0.5)
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        assert drop.windows(promised, None, AS_OF, frozenset()) == []
        writer.wait()
        time.sleep(1.1)
        ((_, rows, _),) = read_all(drop, promised)
    assert rows.num_rows == 14


def test_a_servers_old_looking_mtime_is_not_believed_at_first_sight(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    (sftp_folder / "a.csv").write_text("id,name\n1,a\n")
    os.utime(sftp_folder / "a.csv", (0, 0))
    promised = supply(field("id"), field("name"), pattern="*.csv", settle="PT1M")
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        assert drop.windows(promised, None, AS_OF, frozenset()) == []


def test_a_file_that_changes_while_it_is_read_ends_the_pull(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    path = sftp_folder / "a.csv"
    path.write_text("id,name\n1,a\n")
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        (window,) = drop.windows(RESIDENTS, None, AS_OF, frozenset())
        with drop.read(RESIDENTS, window) as extract:
            next(extract.chunks)
            with path.open("a") as more:
                more.write("2,b\n")
            with pytest.raises(SourceChanged):
                next(extract.chunks)


def test_a_broken_download_goes_on_where_it_stopped(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = random.Random(7).randbytes(9_000_000)
    (sftp_folder / "a.bin").write_bytes(content)
    target, whole = tmp_path / "copy", SftpFolder._blocks
    starts: list[int] = []

    def breaking(self: SftpFolder, entry: object, start: int) -> object:
        starts.append(start)
        for number, block in enumerate(whole(self, entry, start)):  # type: ignore[arg-type]
            if len(starts) == 1 and number == 100:
                raise SourceUnreachable("the line went dead")
            yield block

    monkeypatch.setattr(SftpFolder, "_blocks", breaking)
    with open_sftp(sftp_node) as folder:
        (entry,) = folder.entries("*")
        with pytest.raises(SourceUnreachable):
            folder.fetch(entry, target)
        assert folder.fetch(entry, target) == hashlib.sha256(content).hexdigest()
    assert target.read_bytes() == content
    assert starts == [0, 100 * 32768]


def test_a_file_cut_short_by_the_server_is_never_taken_for_whole(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    path = sftp_folder / "a.bin"
    path.write_bytes(bytes(5_000_000))
    with open_sftp(sftp_node) as folder:
        (entry,) = folder.entries("*")
        os.truncate(path, 3_000_000)
        with pytest.raises(SourceChanged):
            folder.fetch(entry, tmp_path / "copy")
        path.write_bytes(bytes(6_000_000))
        with pytest.raises(SourceChanged):
            folder.fetch(entry, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path
) -> None:
    with (sftp_folder / "big.csv").open("w") as big:
        big.write("id,name\n")
        line = "x" * 90
        for start in range(0, 1_200_000, 10_000):
            big.write("".join(f"{i},{line}\n" for i in range(start, start + 10_000)))
    (tmp_path / "node.json").write_text(sftp_node.model_dump_json())
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from connectors.drop import open_drop\n"
        "from schemas.properties import Node\n"
        "from tests.connectors.drop_contracts import AS_OF, field, supply\n"
        "node = Node.model_validate_json(Path(sys.argv[1], 'node.json').read_text())\n"
        "promised = supply(field('id'), field('name'), pattern='*.csv')\n"
        "with open_drop(node, 'civil', Path(sys.argv[1])) as drop:\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    (window,) = drop.windows(promised, None, AS_OF, frozenset())\n"
        "    fetched = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    with drop.read(promised, window) as extract:\n"
        "        rows = sum(chunk.rows.num_rows for chunk in extract.chunks)\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(rows, (fetched - before) // 1024, (after - before) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    print(done.stdout)
    rows, fetching_mb, all_mb = map(int, done.stdout.split())
    assert rows == 1_200_000  # 115 MB
    assert fetching_mb < 40
    assert all_mb < 260


def test_a_download_goes_on_in_a_later_session_and_leaves_nothing_behind(
    sftp_node: Node, sftp_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{i},{'x' * 100}\n" for i in range(50_000)]
    (sftp_folder / "a.csv").write_text("id,name\n" + "".join(lines))
    whole, starts = SftpFolder._blocks, list[int]()

    def breaking(self: SftpFolder, entry: Entry, start: int) -> Iterator[bytes]:
        starts.append(start)
        for number, block in enumerate(whole(self, entry, start)):
            if len(starts) == 1 and number == 50:
                raise SourceUnreachable("the line went dead")
            yield block

    monkeypatch.setattr(SftpFolder, "_blocks", breaking)
    with (
        open_drop(sftp_node, "civil", tmp_path) as drop,
        pytest.raises(SourceUnreachable),
    ):
        drop.windows(RESIDENTS, None, AS_OF, frozenset())
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        ((_, rows, _),) = read_all(drop, RESIDENTS)
    assert rows.num_rows == 50_000 and starts == [0, 50 * 32768]
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
    with open_drop(sftp_node, "civil", tmp_path) as drop:
        (window,) = drop.windows(RESIDENTS, None, AS_OF, frozenset())
        seen = frozenset({f"{window.file}@{window.file_digest}"})
        assert drop.windows(RESIDENTS, None, AS_OF, seen) == []
    assert len(starts) == 2  # the digest is remembered: nothing was fetched again
