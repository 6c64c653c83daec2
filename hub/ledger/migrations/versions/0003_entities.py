"""Entities: decisions of stewards, models of linkage."""

from alembic import op

from hub.ledger.entity_tables import link_decision, link_model
from hub.ledger.tables import metadata

revision = "0003"
down_revision = "0002"
TABLES = [link_decision, link_model]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
