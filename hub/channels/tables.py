"""Pushes rows into a subscriber's database: the rows and the delivered version in one transaction.

Per grant one table `<dataset>_<grant>`, and for all grants `hub_delivery` (which version each table
holds), `hub_recall` and `hub_receipt`. Tables are made before the transaction begins, since a
database may commit at each of them; within it there are only DELETE and INSERT.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.channels.face import Face, create_table, misfit, rows, run
from hub.channels.protocol import CHANGE, RECORD, Content, Handed, Notice, Outdated, Parcel, Proof
from hub.errors import DeliveryError

DELIVERY, RECALL, RECEIPT = "hub_delivery", "hub_recall", "hub_receipt"
LEDGER = {
    DELIVERY: "grant_id {id} NOT NULL PRIMARY KEY, dataset {text}, table_name {text}, "
    "version {number}, row_count {number}, delivery_id {id}, delivered_at {moment}",
    RECALL: "recall_id {id} NOT NULL, grant_id {id} NOT NULL, record_id {id} NOT NULL, "
    "field {id} NOT NULL, first_version {number}, mended_in {number}, {change} {id}, "
    "now_record {id}, PRIMARY KEY (recall_id, record_id, field)",
    RECEIPT: "receipt_id {id} NOT NULL PRIMARY KEY, grant_id {id} NOT NULL, version {number}, "
    "document {long}",
}
RECALLED = (
    "recall_id", "grant_id", "record_id", "field", "first_version", "mended_in", "change",
    "now_record",
)  # fmt: skip
AT_ONCE = 5_000  # rows in memory, and between two statements
BYTES_AT_ONCE = 8 << 20
IDS_AT_ONCE = 500  # values of one statement
LEAVING = ("delete", "update_postimage")
COMING = ("insert", "update_postimage")


def table_of(dataset: str, grant: str) -> str:
    """The table of a grant, a name that every database takes as it is."""
    return f"{dataset[:40]}_{grant.lower().replace('-', '_')}"


@dataclass(frozen=True)
class TableChannel:
    """A `Channel` into one open database."""

    connection: Any
    face: Face
    department: str
    schema: str | None

    def held(self, grant: str, dataset: str) -> str | None:
        with self._heard(grant):
            found = self._state(grant) if self._columns(DELIVERY) else None
            self.connection.rollback()
        return found[0] if found else None

    def hand_over(self, parcel: Parcel) -> Handed:
        table = table_of(parcel.dataset, parcel.grant)
        with self._heard(parcel.grant):
            self._prepare(parcel, table)
            self.face.begin(self.connection)
            held, count = self._state(parcel.grant, self.face.locking) or (None, 0)
            if held == parcel.delivery and not parcel.anew:
                self.connection.rollback()
                return Handed(table, already=True)
            if parcel.base is not None and held != parcel.follows:
                raise Outdated
            total = self._apply(parcel, self._name(table), count)
            self._note(parcel, total)
            parcel.permitted()
            self.connection.commit()
        return Handed(table)

    def tell(self, grant: str, dataset: str, notices: Sequence[Notice]) -> None:
        with self._heard(grant):
            self._make_ledger()
            for notice in notices:
                self._tell(grant, dataset, notice)

    def prove(self, grant: str, dataset: str, proofs: Sequence[Proof]) -> None:
        name, mark = self._name(RECEIPT), self.face.mark
        with self._heard(grant):
            self._make_ledger()
            self.face.begin(self.connection)
            query = f"SELECT receipt_id FROM {name} WHERE grant_id = {mark}"
            there = {line[0] for line in rows(self.connection, query, [grant])}
            for proof in proofs:
                if proof.id not in there:
                    text = json.dumps(proof.envelope, ensure_ascii=False, sort_keys=True)
                    run(
                        self.connection,
                        f"INSERT INTO {name} (receipt_id, grant_id, version, document) "
                        f"VALUES ({mark}, {mark}, {mark}, {mark})",
                        [proof.id, grant, proof.version, text],
                    )
            self.connection.commit()

    def _prepare(self, parcel: Parcel, table: str) -> None:
        """Make what is not there; refuse what the subscriber has made of it."""
        self._make_ledger()
        self._enter(parcel.grant, parcel.dataset, table)
        found = self._columns(table)
        held, _ = self._state(parcel.grant) or (None, 0)
        self.connection.rollback()
        wrong = misfit(self.face, found, parcel.schema) if found else "the table is not there"
        if wrong is None:
            return
        if parcel.anew or (held is None and not found):
            self._renew(parcel, table, bool(found))
            return
        raise DeliveryError(
            f"grant {parcel.grant}: table {table} of {self.department} is not as the hub made it: "
            f"{wrong}. Nothing was changed. Put it back, or have it made anew with "
            f"`hub deliver run --grant {parcel.grant} --way database --whole`"
        )

    def _renew(self, parcel: Parcel, table: str, stands: bool) -> None:
        # First of all nothing is held any more: a kill in between must not leave a claim.
        run(
            self.connection,
            f"UPDATE {self._name(DELIVERY)} SET version = NULL, delivery_id = NULL "
            f"WHERE grant_id = {self.face.mark}",
            [parcel.grant],
        )
        self.connection.commit()
        if stands:
            run(self.connection, f"DROP TABLE {self._name(table)}")
        run(self.connection, create_table(self.face, self._name(table), parcel.schema))
        self.connection.commit()

    def _make_ledger(self) -> None:
        words = {**self.face.types, "change": self.face.quote("change")}
        for name, columns in LEDGER.items():
            made = f"CREATE TABLE {self._name(name)} ({columns.format(**words)})"
            self._once(partial(self._stands, name), made + self.face.ending)

    def _enter(self, grant: str, dataset: str, table: str) -> None:
        """The grant's line, which deliveries lock; no version: nothing delivered yet."""
        mark = self.face.mark
        self._once(
            lambda: self._state(grant) is not None,
            f"INSERT INTO {self._name(DELIVERY)} (grant_id, dataset, table_name) "
            f"VALUES ({mark}, {mark}, {mark})",
            [grant, dataset, table],
        )

    def _once(
        self, there: Callable[[], bool], statement: str, values: Sequence[object] = ()
    ) -> None:
        """Run a statement unless its work is done; another grant's delivery may be doing it now."""
        if not there():
            try:
                run(self.connection, statement, values)
            except self.face.errors:
                self.connection.rollback()
                if not there():
                    raise
        self.connection.commit()

    def _state(self, grant: str, locking: str = "") -> tuple[str | None, int] | None:
        """The delivery that the grant's table holds, and its number of rows."""
        query = (
            f"SELECT delivery_id, row_count FROM {self._name(DELIVERY)} "
            f"WHERE grant_id = {self.face.mark}{locking}"
        )
        found = rows(self.connection, query, [grant])
        return (found[0][0], found[0][1] or 0) if found else None

    def _apply(self, parcel: Parcel, name: str, held: int) -> int:
        """Put the rows in place; raises `Outdated` when others stood there than were delivered."""
        total = held
        if parcel.base is None:
            run(self.connection, f"DELETE FROM {name}")
            total = 0
        for content in parcel.contents:
            for batch in _batches(content, parcel.schema):
                total += self._replace(name, batch, content.kind == "rows")
        if rows(self.connection, f"SELECT count(*) FROM {name}")[0][0] != total:
            raise Outdated
        return total

    def _replace(self, name: str, batch: pa.RecordBatch, all_new: bool) -> int:
        if all_new:
            self.face.insert(self.connection, name, batch)
            return int(batch.num_rows)
        kinds = batch.column(CHANGE)
        leaving = _of(batch, kinds, LEAVING)
        coming = _of(batch, kinds, COMING).drop_columns([CHANGE])
        if self._delete(name, leaving.column(RECORD).to_pylist()) != leaving.num_rows:
            raise Outdated
        if coming.num_rows:
            self.face.insert(self.connection, name, coming)
        return int(coming.num_rows - leaving.num_rows)

    def _delete(self, name: str, ids: Sequence[str]) -> int:
        gone = 0
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ids[start : start + IDS_AT_ONCE]
            marks = ", ".join([self.face.mark] * len(some))
            key = self.face.quote(RECORD)
            gone += run(self.connection, f"DELETE FROM {name} WHERE {key} IN ({marks})", some)
        return gone

    def _note(self, parcel: Parcel, total: int) -> None:
        mark = self.face.mark
        run(
            self.connection,
            f"UPDATE {self._name(DELIVERY)} SET version = {mark}, row_count = {mark}, "
            f"delivery_id = {mark}, delivered_at = {mark} WHERE grant_id = {mark}",
            [parcel.version, total, parcel.delivery, _now(), parcel.grant],
        )

    def _tell(self, grant: str, dataset: str, notice: Notice) -> None:
        name = self._name(RECALL)
        self.face.begin(self.connection)
        query = f"SELECT count(*) FROM {name} WHERE recall_id = {self.face.mark}"
        if not rows(self.connection, query, [notice.id])[0][0]:
            with pq.ParquetFile(notice.file.path) as file:
                for batch in file.iter_batches(AT_ONCE, columns=list(RECALLED)):
                    self.face.insert(self.connection, name, batch.select(list(RECALLED)))
        self.connection.commit()

    def _stands(self, table: str) -> bool:
        return bool(self._columns(table))

    def _columns(self, table: str) -> dict[str, Any]:
        return dict(self.face.columns(self.connection, self.schema, table))

    def _name(self, table: str) -> str:
        named = self.face.quote(table)
        return f"{self.face.quote(self.schema)}.{named}" if self.schema else named

    @contextmanager
    def _heard(self, grant: str) -> Iterator[None]:
        """Turns what the database says into `DeliveryError`; whatever was begun is undone."""
        try:
            yield
        except BaseException as error:
            with suppress(*self.face.errors):  # or it is gone, and the transaction with it
                self.connection.rollback()
            if isinstance(error, self.face.errors):
                raise DeliveryError(
                    f"grant {grant}: the database of {self.department} refused: "
                    f"{self.face.kind(error)}",
                    self.face.passes(error),
                ) from None
            raise


def _batches(content: Content, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of all files, a few thousand in memory at a time, columns in the table's order."""
    names = [*schema.names, *([CHANGE] if content.kind == "changes" else [])]
    for packed in content.files:
        with pq.ParquetFile(packed.path, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(AT_ONCE, columns=names):
                yield from _narrow(batch.select(names))


def _narrow(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in pieces of some megabytes, should its rows be very wide."""
    count = max(1, min(batch.num_rows, batch.num_rows * BYTES_AT_ONCE // (batch.nbytes + 1)))
    for start in range(0, batch.num_rows, count):
        yield batch.slice(start, count)


def _of(batch: pa.RecordBatch, kinds: pa.Array, wanted: Sequence[str]) -> pa.RecordBatch:
    return batch.filter(pc.is_in(kinds, pa.array(wanted)))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
