"""Names in both languages, from today's catalog; a name alone where the catalog has it no more."""

from __future__ import annotations

from hub.report.document import Words
from hub.rule_words import titles
from schemas.contract import Catalog, Dataset, Supply


def department_words(catalog: Catalog, name: str) -> Words:
    found = catalog.departments.get(name)
    return Words(found.title.zh, found.title.en) if found else Words(name, name)


def owner_words(catalog: Catalog, name: str) -> Words:
    """A supply or dataset."""
    found = owner(catalog, name)
    return Words(found.title, found.title_en or found.title) if found else Words(name, name)


def owner(catalog: Catalog, name: str) -> Supply | Dataset | None:
    return catalog.supplies.get(name) or catalog.datasets.get(name)


def field_words(catalog: Catalog, name: str, field: str | None) -> Words:
    """A field of a supply or dataset; None: the table as a whole."""
    if field is None:
        return Words("全表", "whole table")
    found = owner(catalog, name)
    entry = found.by_name.get(field) if found else None
    if entry is None:
        return Words(field, field)
    return Words(*titles(entry))


def field_order(catalog: Catalog, name: str, field: str | None) -> int:
    """Where a field stands in its contract; the table as a whole comes first, unknown ones last."""
    found = owner(catalog, name)
    names = [entry.name for entry in found.fields] if found else []
    if field is None:
        return -1
    return names.index(field) if field in names else len(names)
