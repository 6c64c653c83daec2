"""What a grant lets out of each release: masked files at rest, made once; nothing else leaves."""

from __future__ import annotations

from hub.shares.comparing import differences
from hub.shares.forms import write_csv, write_excel, write_form, write_parquet
from hub.shares.looking import entity_of, is_there, record_ids, versions
from hub.shares.making import alone, changes, rows
from hub.shares.pruning import prune
from hub.shares.views import CHANGE, Masked, form_of, masked

__all__ = [
    "CHANGE",
    "Masked",
    "alone",
    "changes",
    "differences",
    "entity_of",
    "form_of",
    "is_there",
    "masked",
    "prune",
    "record_ids",
    "rows",
    "versions",
    "write_csv",
    "write_excel",
    "write_form",
    "write_parquet",
]
