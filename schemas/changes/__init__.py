"""The single changes that `schemas.evolution` puts together."""

from __future__ import annotations

from schemas.changes.codes import code_changes
from schemas.changes.fields import field_changes
from schemas.changes.plans import plan_changes
from schemas.changes.tables import table_changes

__all__ = ["code_changes", "field_changes", "plan_changes", "table_changes"]
