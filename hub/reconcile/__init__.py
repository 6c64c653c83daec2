"""The reconcile room: departments' rows in, golden records with lineage and discrepancies out.

Order of work (`room`): `rows` reads, `components` joins by shared keys, `evidence` sets apart what
contradicts, `registry` and `identity` give lasting ids, `duplicates` folds, `golden` lets values
survive, `conflicts`, `discrepancies`, `references` and `balance` list what does not agree, `laws`
checks, `writing` writes.
"""

from hub.reconcile.inputs import EntityIndex, InputTable, Previous
from hub.reconcile.room import reconcile

__all__ = ["EntityIndex", "InputTable", "Previous", "reconcile"]
