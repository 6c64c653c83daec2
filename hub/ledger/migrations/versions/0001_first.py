"""The first ledger: batches, chunks, supply state, segments, releases."""

from alembic import op

from hub.ledger.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    # The first migration may follow the tables' definitions, since no older ledger exists.
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
