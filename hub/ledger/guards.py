"""Triggers of the database: what is proof is only ever added to, also by who has a client at hand.

They stop mistakes and plain tampering. Who owns the database can drop them: then the hash chain,
the signed checkpoints and the receipts outside tell.
"""

from __future__ import annotations

from sqlalchemy import Connection

ONLY_ADDED = ("audit_event", "audit_checkpoint", "request_event", "objection_event")
"""Tables of which no row is ever changed or taken away."""

FIXED = {
    "receipt": ("id", "delivery_id", "grant_id", "document", "made_at"),
    "share_grant": (
        "id",
        "request_id",
        "subscriber",
        "dataset",
        "terms",
        "purpose",
        "legal_basis",
        "scenario",
        "since_version",
        "granted_by",
        "granted_at",
        "expires_at",
    ),
}
"""Tables of which no row is taken away, with the columns that never change."""


def put_up(connection: Connection) -> None:
    """Create the guards; the tables are there."""
    statements = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """Drop what does not go with the tables."""
    if connection.dialect.name == "postgresql":
        for function in ("hub_refuse", "hub_chain"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")


def _sqlite() -> list[str]:
    refusal = "BEGIN SELECT RAISE(ABORT, '{} is only added to'); END"
    found = []
    for table in (*ONLY_ADDED, *FIXED):
        refused = refusal.format(table)
        columns = f" OF {', '.join(FIXED[table])}" if table in FIXED else ""
        found += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{columns} ON {table} {refused}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refused}",
        ]
    found.append(
        "CREATE TRIGGER audit_event_chain BEFORE INSERT ON audit_event "
        f"WHEN {_OUT_OF_CHAIN} BEGIN SELECT RAISE(ABORT, 'audit_event is a chain'); END"
    )
    # INSERT OR REPLACE takes the old row away without asking the trigger above.
    found.append(
        "CREATE TRIGGER audit_checkpoint_no_replace BEFORE INSERT ON audit_checkpoint "
        "WHEN NEW.seq <= (SELECT max(seq) FROM audit_checkpoint) "
        f"{refusal.format('audit_checkpoint')}"
    )
    return found


_OUT_OF_CHAIN = (
    "NEW.seq <> coalesce((SELECT max(seq) FROM audit_event), 0) + 1 OR NEW.previous <> "
    "coalesce((SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1), '" + "0" * 64 + "')"
)


def _postgresql() -> list[str]:
    refuse = "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is only added to';"
    chain = f"IF {_OUT_OF_CHAIN} THEN RAISE EXCEPTION 'audit_event is a chain'; END IF; RETURN NEW;"
    makes = "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
    when = "BEFORE INSERT ON audit_event FOR EACH ROW"
    found = [
        makes.format("hub_refuse", refuse),
        makes.format("hub_chain", chain),
        f"CREATE TRIGGER audit_event_chain {when} EXECUTE FUNCTION hub_chain()",
    ]
    for table in (*ONLY_ADDED, *FIXED):
        columns = f" OF {', '.join(FIXED[table])}" if table in FIXED else ""
        for name, event, each in (
            ("update", f"UPDATE{columns}", "ROW"),
            ("delete", "DELETE", "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        ):
            found.append(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION hub_refuse()"
            )
    return found
