"""How a front end is read: one protocol, one small module per kind, read-only by construction."""
