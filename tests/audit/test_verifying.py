"""The hub's own log, keys that take over, and the one file that an auditor takes home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub import signing
from hub.opened import Hub
from hub.proof import checkpoint, signer_of
from hub.proof.exporting import export
from hub.proof.rotation import rotate, word
from hub.proof.standalone import standalone
from hub.proof.verifier.chain import check_log
from hub.proof.verifier.documents import Key, read_key, trusted
from hub.proof.verifying import keys_of, verify_log
from hub.signing.keys import FOLDER, drawn
from tests.audit.conftest import GRANT, act, deliver, opened, work

TAMPERING = {
    "a column": ("UPDATE audit_event SET actor = 'nobody' WHERE seq = 9", "changed", 9),
    "a text": (
        "UPDATE audit_event SET body = replace(body, '王芳', '李伟') WHERE seq = 7",
        "changed",
        7,
    ),
    "an event": ("DELETE FROM audit_event WHERE seq = 11", "missing", 11),
    "the last event": ("DELETE FROM audit_event WHERE seq = 24", "cut", 24),
    "two events": (
        "UPDATE audit_event SET seq = seq - 17 WHERE seq IN (8, 9); {}".format(
            "UPDATE audit_event SET seq = -seq WHERE seq < 0"  # in two steps, as it is a key
        ),
        "reordered",
        8,
    ),
    "a receipt": ("UPDATE receipt SET document = replace(document, 'D18', 'D99') WHERE id = 'D18'",
                  "receipt", 18),
    "a receipt that was taken away": ("DELETE FROM receipt WHERE id = 'D6'", "receipt", 6),
    "a checkpoint": ("DELETE FROM audit_checkpoint WHERE seq = 10", "checkpoint", 10),
    "the terms of a grant": ("UPDATE share_grant SET terms = '{\"fields\": []}'", "grant", 2),
    "the end of a grant": ("UPDATE share_grant SET expires_at = '2099-01-01 00:00:00'", "grant", 2),
    "the subscriber": ("UPDATE share_grant SET subscriber = 'other'", "grant", 2),
}  # fmt: skip


def lay_down(hub: Hub) -> None:
    """What somebody does who owns the database: the guards go first."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with hub.ledger.engine.begin() as connection:
        for name in list(connection.execute(text(query)).scalars()):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    with hub.ledger.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_with_the_database_is_found_and_named(office: Hub, what: str) -> None:
    assert verify_log(office).faults == []
    lay_down(office)
    statements, kind, seq = TAMPERING[what]
    with office.ledger.engine.begin() as connection:
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement)
    first = verify_log(office).faults[0]
    assert (first.kind, first.seq) == (kind, seq)


def test_a_grant_that_is_revived_is_named(office: Hub) -> None:
    from hub.ledger.audit import Event, note

    with office.ledger.writing() as connection:
        note(connection, Event.GRANT_ENDED, subject=GRANT, by="王芳", at=office.now())
    first = verify_log(office).faults[0]
    assert first.kind == "grant" and "revived" in first.en


def trust(hub: Hub, number: int) -> list[Key]:
    keys = list(signing.public_keys(hub.settings.home).values())
    return [read_key(keys[number].pem.decode())]


@pytest.mark.slow
@pytest.mark.parametrize("names", [("ed25519",) * 3, ("ed25519", "sm2", "ed25519")])
def test_whoever_trusts_any_of_the_keys_verifies_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HUB_SIGNATURE", names[0])
    with opened(tmp_path) as hub:
        work(hub)
    for n, name in enumerate(names[1:], 30):
        monkeypatch.setenv("HUB_SIGNATURE", name)
        with opened(tmp_path) as hub:
            rotate(hub, "王芳", "yearly")
            deliver(hub, n)
    with opened(tmp_path) as hub:
        out = tmp_path / "log.jsonl"
        export(hub, out, "王芳")
        lines = out.read_text("utf-8").splitlines(keepends=True)
        keys = signing.public_keys(tmp_path)
        assert [key.algorithm for key in keys.values()] == list(names)
        for number in range(3):
            result = check_log(lines, trust(hub, number))
            assert result.faults == [] and result.receipts == 4
        for line in lines:
            if line.startswith('{"receipt"'):
                assert signing.verify(json.loads(line)["receipt"], keys) is None
        assert len(list((tmp_path / FOLDER).glob("*.pem"))) == 1, "old private keys are destroyed"
        assert verify_log(hub).faults == []


def test_a_stolen_old_key_signs_nothing_that_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as hub:
        work(hub)
        stolen = signer_of(hub)
        rotate(hub, "王芳", "it was stolen")
        act(hub, "thing")
        new = trust(hub, -1)
        told, faults = trusted(new, signing.vouches_of(tmp_path))
        forged = signing.sign(
            stolen, {"kind": "receipt", "id": "D7", "event": {"seq": 26, "hash": "0"}}
        )
        from hub.proof.verifier.documents import unsigned

        wrong = unsigned(forged, told)
        assert faults == [] and wrong is not None and "no longer in use" in wrong[1]
        # The thief names a successor, too: nobody can tell which is the true one, and so none is.
        evil = drawn()
        claim = signing.sign(stolen, word(evil.public, None, 5))
        old = [read_key(stolen.public.pem.decode())]
        told, faults = trusted(old, [*signing.vouches_of(tmp_path), claim])
        assert evil.key_id not in told and faults[0].kind == "key"
        told, faults = trusted(new, [*signing.vouches_of(tmp_path), claim])
        assert evil.key_id not in told and faults == [], "whoever has the new key is not fooled"


def test_a_signer_that_was_taken_before_a_rotation_signs_with_the_new_key(office: Hub) -> None:
    before = signer_of(office)
    rotate(office, "王芳", "x")
    assert before.latest().key_id == signer_of(office).key_id != before.key_id
    assert signer_of(office).latest() == signer_of(office)


def test_the_first_key_is_made_once_however_many_ask(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with opened(tmp_path) as hub, ThreadPoolExecutor(4) as pool:
        made = {signer.key_id for signer in pool.map(lambda _: signer_of(hub), range(8))}
        with hub.ledger.reading() as connection:
            count = connection.execute(text("SELECT count(*) FROM audit_event")).scalar()
    assert len(made) == 1 and count == 2, "the catalog and one key"


def test_a_checkpoint_is_made_only_when_something_happened(office: Hub) -> None:
    assert checkpoint(office) is None
    act(office, "x")
    signed = checkpoint(office)
    assert signed is not None and signed["document"]["previous"] == 24
    assert checkpoint(office) is None


# --- The one file ---


@pytest.fixture
def desk(office: Hub, tmp_path: Path) -> Path:
    """An auditor's desk: the verifier, an export, a public key, a receipt."""
    folder = tmp_path / "desk"
    folder.mkdir()
    export(office, folder / "log.jsonl", "王芳")
    (folder / "verify.py").write_text(standalone(), "utf-8")
    key = signer_of(office).public
    (folder / "hub.pub").write_bytes(key.pem)
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    receipt = next(json.loads(line)["receipt"] for line in lines if line.startswith('{"receipt"'))
    (folder / "receipt.json").write_text(json.dumps(receipt, indent=1), "utf-8")
    return folder


def verify(desk: Path, *words: str) -> tuple[int, str]:
    """Run it as an auditor would: no packages, no environment, nothing of the hub."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "verify.py", *words],
        cwd=desk,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


KEY = ("--key", "hub.pub")


def change(desk: Path, old: str, new: str, file: str = "log.jsonl") -> None:
    told = (desk / file).read_text("utf-8")
    assert old in told
    (desk / file).write_text(told.replace(old, new), "utf-8")


def test_the_one_file_verifies_an_export_and_a_receipt(desk: Path) -> None:
    code, said = verify(desk, "log.jsonl", "receipt.json", *KEY)
    assert code == 0 and said.count("sound 核验通过") == 2
    assert '"rows": 7' in said, "what the receipt says is shown"


def test_the_one_file_names_the_event_that_was_changed(desk: Path) -> None:
    change(desk, "thing-9", "thing-8")
    code, said = verify(desk, "log.jsonl", *KEY, "--json")
    told: list[dict[str, Any]] = json.loads(said)
    assert code == 1 and told[0]["sound"] is False
    assert (told[0]["faults"][0]["kind"], told[0]["faults"][0]["seq"]) == ("changed", 9)


def test_the_one_file_names_a_receipt_that_was_changed(desk: Path) -> None:
    change(desk, '"rows": 7', '"rows": 8', "receipt.json")
    code, said = verify(desk, "receipt.json", *KEY)
    assert code == 1 and "the receipt of event 6 was changed" in said


def test_a_receipt_of_a_subscriber_proves_a_cut_tail(desk: Path) -> None:
    lines = (desk / "log.jsonl").read_text("utf-8").splitlines()
    events = [line for line in lines if line.startswith('{"event"')][:4]
    head = {"seq": 4, "hash": json.loads(events[-1])["event"]["hash"]}
    header = json.dumps({"header": {"format": 1, "head": head}}, separators=(",", ":"))
    (desk / "log.jsonl").write_text("\n".join([header, *events]) + "\n", "utf-8")
    code, said = verify(desk, "log.jsonl", "receipt.json", *KEY)
    assert code == 1
    assert "the log ends at event 4, yet receipt.json proves that there is an event 6" in said


def test_a_head_and_an_earlier_export_are_held_against_the_log(desk: Path) -> None:
    lines = (desk / "log.jsonl").read_text("utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines if line.startswith('{"event"')]
    (desk / "earlier.jsonl").write_text("\n".join(lines[:-10]) + "\n", "utf-8")
    good = f"7:{events[6]['hash']}"
    assert verify(desk, "log.jsonl", *KEY, "--head", good, "--earlier", "earlier.jsonl")[0] == 0
    code, said = verify(desk, "log.jsonl", *KEY, "--head", f"7:{'0' * 64}")
    assert code == 1 and "event 7 was changed" in said
    code, said = verify(desk, "log.jsonl", *KEY, "--head", f"700:{'0' * 64}")
    assert code == 1 and "the log ends at event 25" in said


def test_a_key_of_somebody_else_verifies_nothing(desk: Path) -> None:
    (desk / "hub.pub").write_bytes(drawn().public.pem)
    code, said = verify(desk, "log.jsonl", "receipt.json", *KEY)
    assert code == 1 and "signed with a key that is not known" in said


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("receipt.json", b""),
        ("receipt.json", b"not json"),
        ("receipt.json", b"[1, 2]"),
        ("receipt.json", b"\xff\xfe\x00"),
        ("receipt.json", b"[" * 100_000),
        ("hub.pub", b""),
        ("hub.pub", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
        ("hub.pub", "公钥".encode()),
    ],
)
def test_what_cannot_be_read_is_said_so_in_a_sentence(
    desk: Path, file: str, content: bytes
) -> None:
    (desk / file).write_bytes(content)
    code, said = verify(desk, "receipt.json", *KEY)
    assert code == 2 and "cannot be read" in said


def test_what_was_delivered_is_held_against_the_receipt(office: Hub, desk: Path) -> None:
    import hashlib

    (desk / "inbox").mkdir()
    content = b"rows" * 1000
    (desk / "inbox" / "rows-0001.parquet").write_bytes(content)
    file = {"name": "rows-0001.parquet", "sha256": hashlib.sha256(content).hexdigest()}
    told = {"kind": "receipt", "id": "x", "event": {"seq": 6, "hash": "0"}, "files": [file]}
    receipt = signing.sign(signer_of(office), told)
    (desk / "receipt.json").write_text(json.dumps(receipt), "utf-8")
    assert verify(desk, "receipt.json", *KEY, "--delivered", "inbox")[0] == 0
    (desk / "inbox" / "rows-0001.parquet").write_bytes(content[:-1])
    code, said = verify(desk, "receipt.json", *KEY, "--delivered", "inbox")
    assert code == 1 and "rows-0001.parquet is missing, or not as the receipt says" in said


def test_a_file_that_is_not_there_is_said_so(desk: Path) -> None:
    assert verify(desk, "nothing.jsonl", *KEY)[0] == 2
    assert verify(desk, "log.jsonl")[0] == 2, "a key is asked for"
    assert verify(desk, "log.jsonl", *KEY, "--head", "x")[0] == 2


WRONG: list[Callable[[str], str]] = [
    lambda line: "\n",
    lambda line: "{}\n",
    lambda line: '{"event":{"body":"{\\"seq\\":1}","hash":1}}\n',
    lambda line: '{"event":{"body":"' + "[" * 5000 + '","hash":""}}\n',
    lambda line: line[: len(line) // 2],
    lambda line: line.replace('"seq', '"seq\\ud800'),
]


@pytest.mark.parametrize("n", range(len(WRONG)))
def test_a_line_that_is_none_is_an_event_that_is_not_as_it_was(desk: Path, n: int) -> None:
    lines = (desk / "log.jsonl").read_text("utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith('{"event"')) + 4
    lines[at] = WRONG[n](lines[at])
    key = read_key((desk / "hub.pub").read_text())
    first = check_log(lines, [key]).faults[0]
    assert first.seq == 5


def test_the_one_file_is_plain_python_and_names_nothing_twice() -> None:
    import ast

    tree = ast.parse(standalone())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    tops = {name.split(".")[0] for name in imported}
    assert tops <= set(sys.stdlib_module_names) | {"__future__"}
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(names) == len(set(names))
    assert max(len(line) for line in standalone().splitlines()) <= 100


def test_an_export_is_for_its_owner_alone(desk: Path) -> None:
    assert (desk / "log.jsonl").stat().st_mode & 0o077 == 0


def test_the_hub_verifies_with_its_newest_key(office: Hub) -> None:
    assert keys_of(office)[0].id == signer_of(office).key_id


@pytest.mark.server
@pytest.mark.slow
def test_a_log_in_postgresql_is_proved_the_same_way(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_LEDGER_URL", postgres_database)
    with opened(tmp_path) as hub:
        work(hub)
        rotate(hub, "王芳", "yearly")
        deliver(hub, 30)
        out = tmp_path / "log.jsonl"
        assert export(hub, out, "王芳") == 27
        result = check_log(out.read_text("utf-8").splitlines(keepends=True), keys_of(hub))
        assert result.faults == [] and result.receipts == 3
        assert verify_log(hub).faults == []
        with hub.ledger.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
            connection.exec_driver_sql("UPDATE audit_event SET actor = 'nobody' WHERE seq = 9")
            connection.exec_driver_sql("ALTER TABLE share_grant DISABLE TRIGGER ALL")
            connection.exec_driver_sql("UPDATE share_grant SET expires_at = '2099-01-01'")
        assert [(f.kind, f.seq) for f in verify_log(hub).faults] == [("grant", 2), ("changed", 9)]
