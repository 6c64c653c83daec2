"""Quality: attempts, measures, reports, work orders; the origin of batches not pulled."""

import sqlalchemy as sa
from alembic import op

from hub.ledger.tables import (
    attempt,
    measure,
    metadata,
    report,
    work_event,
    work_item,
    work_order,
    work_round,
)

revision = "0002"
down_revision = "0001"
TABLES = [attempt, measure, report, work_order, work_item, work_round, work_event]


def upgrade() -> None:
    # A new ledger has the column already: the first migration makes the tables as they are today.
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("batch")}
    if "origin" not in present:
        op.add_column("batch", sa.Column("origin", sa.JSON))
    metadata.create_all(op.get_bind(), tables=TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
    op.drop_column("batch", "origin")
