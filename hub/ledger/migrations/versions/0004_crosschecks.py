"""Cross-checks: runs, findings, and what became of them."""

from alembic import op

from hub.ledger.crosscheck_tables import (
    crosscheck_run,
    finding,
    finding_event,
    policy_run,
    question_fault,
)
from hub.ledger.tables import metadata

revision = "0004"
down_revision = "0003"
TABLES = [crosscheck_run, finding, finding_event, policy_run, question_fault]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
