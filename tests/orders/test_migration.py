"""A ledger of the first release is migrated: its batches stay, and become rounds of work orders."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy

from hub.ledger import open_ledger
from hub.ledger.batches import batch_of
from hub.ledger.tables import HEAD, metadata

# As the hub of revision 0001 had made them.
FIRST = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE batch (
  id VARCHAR(160) NOT NULL PRIMARY KEY, supply VARCHAR(120) NOT NULL,
  contract_version VARCHAR(40) NOT NULL, mode VARCHAR(12) NOT NULL, as_of DATETIME NOT NULL,
  low VARCHAR(64), high VARCHAR(64), file VARCHAR(500), file_digest VARCHAR(64),
  content_at DATETIME, state VARCHAR(12) NOT NULL, verdict VARCHAR(12), counts JSON, landing JSON,
  checked JSON, decision JSON, opened_at DATETIME NOT NULL, closed_at DATETIME);
CREATE INDEX batch_by_supply ON batch (supply, opened_at);
CREATE TABLE chunk (
  batch_id VARCHAR(160) NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  position INTEGER NOT NULL, uri VARCHAR(500) NOT NULL, rows BIGINT NOT NULL,
  sha256 VARCHAR(64) NOT NULL, after JSON, PRIMARY KEY (batch_id, position));
CREATE TABLE supply_state (
  supply VARCHAR(120) NOT NULL PRIMARY KEY, watermark VARCHAR(64),
  batch_id VARCHAR(160) NOT NULL REFERENCES batch (id), keys_compared_at DATETIME);
CREATE TABLE segment (
  id INTEGER NOT NULL PRIMARY KEY, supply VARCHAR(120) NOT NULL,
  batch_id VARCHAR(160) REFERENCES batch (id), last_batch_id VARCHAR(160) NOT NULL,
  uri VARCHAR(500) NOT NULL, rows BIGINT NOT NULL, active BOOLEAN NOT NULL,
  CONSTRAINT segment_once_per_batch UNIQUE (batch_id));
CREATE INDEX segment_by_supply ON segment (supply, active);
CREATE TABLE release (
  dataset VARCHAR(120) NOT NULL, version INTEGER NOT NULL, delta_version INTEGER NOT NULL,
  reconciliation VARCHAR(64) NOT NULL, manifest VARCHAR(500) NOT NULL, rows BIGINT NOT NULL,
  inserted BIGINT NOT NULL, updated BIGINT NOT NULL, deleted BIGINT NOT NULL,
  created_at DATETIME NOT NULL, PRIMARY KEY (dataset, version),
  CONSTRAINT release_once_per_reconciliation UNIQUE (dataset, reconciliation));
INSERT INTO batch (id, supply, contract_version, mode, as_of, state, opened_at, closed_at, verdict,
  counts, landing) VALUES ('office.things-1', 'office/things', '1.0.0', 'snapshot',
  '2026-01-01 00:00:00.000000', 'checked', '2026-01-01 00:00:00.000000',
  '2026-01-01 00:00:01.000000', 'accept',
  '{"source": 1, "landed": 1, "accepted": 1, "quarantined": 0, "unchanged": 0, "deleted": 0}',
  '{"parts": [], "rows": 1}');
"""


def test_a_ledger_of_revision_0001_becomes_one_of_today(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(FIRST)
    ledger = open_ledger(f"sqlite:///{path}", tmp_path)
    fresh = open_ledger(f"sqlite:///{tmp_path}/fresh.db", tmp_path)
    try:
        old = batch_of(ledger, "office.things-1")
        assert old.origin is None and old.counts is not None and old.counts.accepted == 1
        assert _columns(ledger.engine) == _columns(fresh.engine)
        assert set(metadata.tables) <= set(_columns(ledger.engine))
        with ledger.reading() as connection:
            found = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version"))
            assert found.scalar() == HEAD
    finally:
        ledger.engine.dispose()
        fresh.engine.dispose()


def _columns(engine: sqlalchemy.Engine) -> dict[str, set[str]]:
    found = sqlalchemy.inspect(engine)
    return {
        table: {column["name"] for column in found.get_columns(table)}
        for table in found.get_table_names()
    }
