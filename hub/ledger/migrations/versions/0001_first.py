"""The first ledger: batches, chunks, supply state, segments, releases."""

from alembic import op

from hub.ledger.tables import batch, chunk, metadata, release, segment, supply_state

revision = "0001"
down_revision = None
TABLES = [batch, chunk, supply_state, segment, release]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
