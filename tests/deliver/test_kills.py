"""SIGKILL at any moment of a push loses nothing and doubles nothing.

Every release is pushed by processes that are killed at random moments, until one is left to end. At
every moment the subscriber has one version whole: the one before, or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy

from hub.channels.files import MANIFEST
from hub.channels.tables import table_of
from hub.ledger import receipts as ledger
from hub.ledger.audit_tables import audit_event
from hub.opened import Hub
from hub.records import Grant
from hub.settings import REPOSITORY
from hub.shares import rows
from schemas.sharing import DatabaseInbox, FileInbox, GrantedField, Inbox, Terms, Way
from tests.deliver.town import FIELDS, people, publish, town
from tests.deliver.worker import INBOX
from tests.servers.slow_line import Line, slow_line
from tests.servers.sshd import sshd
from tests.shares.world import make_grant

pytestmark = [pytest.mark.slow, pytest.mark.server]

KILLS = 17  # per kind of inbox: 51 in all
IN_A_ROW = 9  # then one process is left to end
EARLY = 0.2  # of the kills come by the clock, before anything is sent; the others by bytes sent
EARLY_S = 0.4
COUNT = 2_000
BYTES_PER_S = 2 << 20  # of the line to the subscriber: most of a delivery is sending
Snapshot = dict[str, str]  # digest of a row's content by record id


@dataclass
class Worker:
    """The process that forks deliveries, and the line on which they go."""

    process: subprocess.Popen[str]
    folder: Path
    grant: str
    way: Way
    line: Line
    usual: int = 0  # bytes of the last whole delivery
    kills: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(20261122))

    def run(self) -> None:
        """One delivery that is left to end."""
        begun = self.line.carried
        assert self._deliver(lambda: False) == 0
        self.usual = self.line.carried - begun

    def run_and_kill(self) -> bool:
        """One delivery that is killed somewhere; False when it ended before that."""
        if self.dice.random() < EARLY:
            end = time.monotonic() + self.dice.uniform(0, EARLY_S)
            ended = self._deliver(lambda: time.monotonic() > end)
        else:
            limit = self.line.carried + self.dice.uniform(0, 1) * self.usual
            ended = self._deliver(lambda: self.line.carried > limit)
        assert ended in (0, signal.SIGKILL)
        self.kills += ended == signal.SIGKILL
        return ended == signal.SIGKILL

    def _deliver(self, now: Callable[[], bool]) -> int:
        pid = int(self._ask(f"{self.folder} {self.grant} {self.way.value}"))
        while not _over(pid):
            if now():
                os.kill(pid, signal.SIGKILL)
                break
            time.sleep(0.001)
        return int(self._ask(""))

    def _ask(self, words: str) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


def _over(pid: int) -> bool:
    """Whether a process has ended, and only waits to be asked how."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str, Way, Line], Worker]]:
    """Starts the worker of one grant."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.deliver.worker"], cwd=REPOSITORY, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    yield lambda grant, way, line: Worker(process, tmp_path, grant, way, line)
    assert process.stdin
    process.stdin.close()
    process.wait(30)


def prepare(folder: Path, inbox: Inbox, way: Way) -> tuple[Hub, Grant]:
    hub = town(folder, inbox)
    (folder / INBOX).write_text(inbox.model_dump_json(by_alias=True))
    fields = tuple(GrantedField(name=name) for name in (*FIELDS, "备注"))
    return hub, make_grant(hub, Terms(fields=fields, ways=(way,)))


def release(hub: Hub, version: int) -> None:
    """A release with texts that no compression makes small, so that sending them takes a while."""
    made = people(COUNT, version)
    for row in made:
        seed = f"{row['entity_id']} {row['full_name']}".encode()
        row["备注"] = "".join(hashlib.sha512(seed + bytes([n])).hexdigest() for n in range(4))
    publish(hub, made)


def expected(hub: Hub, grant: Grant, version: int) -> Snapshot:
    files = rows(hub, grant, version).files
    return {
        row["record_id"]: _digest(row["full_name"], row["备注"])
        for file in files
        for row in pq.read_table(hub.store.path(file.uri)).to_pylist()
    }


def _digest(*cells: Any) -> str:
    return hashlib.md5(repr(cells).encode()).hexdigest()


def drive(hub: Hub, grant: Grant, worker: Worker, look: Callable[[], Snapshot | None]) -> None:
    """Release, kill and let end until there were enough kills; look at the inbox all the time."""
    before: Snapshot | None = None
    version = 0
    while worker.kills < KILLS:
        version += 1
        release(hub, version)
        after = expected(hub, grant, version)
        assert after != before
        for _ in range(IN_A_ROW if version > 1 else 0):
            killed = worker.run_and_kill()
            seen = look()
            assert seen in (before, after), "neither the version before nor the new one"
            if not killed:
                break
        worker.run()
        assert look() == after
        before = after
    print(f"{worker.kills} kills over {version} versions, {worker.usual:,} bytes a delivery")
    proved(hub, grant, version)


def proved(hub: Hub, grant: Grant, version: int) -> None:
    """One delivery, one receipt and one event a version."""
    versions = list(range(1, version + 1))
    deliveries = ledger.deliveries_of(hub.ledger, grant.id)
    assert [one.version for one in deliveries] == versions
    assert {one.state for one in deliveries} == {ledger.RECEIVED}
    receipts = ledger.receipts_of(hub.ledger, grant.id)
    assert sorted(one.document["document"]["version"] for one in receipts) == versions
    with hub.ledger.reading() as connection:
        query = audit_event.select().where(audit_event.c.kind == "data_delivered")
        told = [json.loads(row.body)["detail"]["version"] for row in connection.execute(query)]
    assert told == versions


def read_table(url: str, grant: Grant) -> Snapshot | None:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    table = table_of(grant.dataset, grant.id)
    try:
        if not sqlalchemy.inspect(engine).has_table(table):
            return None
        quoted = engine.dialect.identifier_preparer.quote("备注")
        with engine.connect() as connection:
            query = f"SELECT record_id, full_name, {quoted} FROM {table}"
            found = connection.exec_driver_sql(query).all()
    finally:
        engine.dispose()
    assert len({line[0] for line in found}) == len(found)
    return {line[0]: _digest(line[1], line[2]) for line in found}


@pytest.mark.parametrize("database", ["postgres_database", "mariadb_database"])
def test_a_killed_push_into_a_database_loses_and_doubles_nothing(
    database: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    start: Callable[[str, Way, Line], Worker],
) -> None:
    url = request.getfixturevalue(database)
    address = sqlalchemy.make_url(url)
    assert address.port
    with slow_line(address.port, BYTES_PER_S) as line:
        slow = address.set(port=line.port).render_as_string(hide_password=False)
        hub, grant = prepare(tmp_path, Inbox(database=DatabaseInbox(url=slow)), Way.DATABASE)
        drive(hub, grant, start(grant.id, Way.DATABASE, line), lambda: read_table(url, grant))


def test_a_killed_push_over_sftp_loses_and_doubles_nothing(
    tmp_path: Path, start: Callable[[str, Way, Line], Worker]
) -> None:
    with sshd() as server, slow_line(server.port, BYTES_PER_S) as line:
        inbox = FileInbox(
            url=replace(server, port=line.port).url(server.root),
            host_key=server.host_key,
            private_key=str(server.private_key),
        )
        hub, grant = prepare(tmp_path, Inbox(file=inbox), Way.FILE)
        left: list[int] = []

        def look() -> Snapshot | None:
            folder = server.root / grant.dataset / grant.id
            left.append(len(list(folder.glob("v*/.*.part"))))
            return newest(folder)

        drive(hub, grant, start(grant.id, Way.FILE, line), look)
        assert not list((server.root / grant.dataset / grant.id).glob("v*/.*")), "left behind"
        assert any(left), "no kill came while a file was being sent"


def newest(folder: Path) -> Snapshot | None:
    """The newest version that has a manifest; fails unless every such version is whole."""
    found: Snapshot | None = None
    for manifest in sorted(folder.glob(f"v*/{MANIFEST}")):
        told = json.loads(manifest.read_text())
        names = {MANIFEST, *(file["name"] for file in told["files"])}
        assert {path.name for path in manifest.parent.iterdir()} == names
        found = {}
        for file in told["files"]:
            path = manifest.parent / file["name"]
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
            for row in pq.read_table(path).to_pylist():
                found[row["record_id"]] = _digest(row["full_name"], row["备注"])
    return found
