"""Sharing: the audit log, requests, clocks, grants, deliveries, receipts, objections, recalls."""

from alembic import op

from hub.ledger import audit_tables, guards, sharing_tables
from hub.ledger.tables import metadata

revision = "0005"
down_revision = "0004"
TABLES = [
    audit_tables.audit_event,
    audit_tables.audit_checkpoint,
    sharing_tables.request,
    sharing_tables.request_event,
    sharing_tables.clock,
    sharing_tables.share_grant,
    sharing_tables.credential,
    sharing_tables.share,
    sharing_tables.delivery,
    sharing_tables.receipt,
    sharing_tables.objection,
    sharing_tables.objection_event,
    sharing_tables.correction,
    sharing_tables.recall_look,
    sharing_tables.recall,
]


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=TABLES)
    guards.put_up(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), tables=TABLES)
    guards.take_down(op.get_bind())
