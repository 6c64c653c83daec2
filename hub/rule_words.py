"""What a rule says of the fields of one supply or dataset, by the titles that people know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quality.messages import Language, says
from schemas.contract import Catalog, Field


def titles(entry: Field) -> tuple[str, str]:
    """A field's title in Chinese and English; its name where the contract gives none."""
    return entry.title or entry.name, entry.properties.title_en or entry.title or entry.name


def said(
    catalog: Catalog,
    owner: str,
    code: str,
    fields: Sequence[str],
    kwargs: Mapping[str, Any],
    kind: str,
) -> tuple[str, str]:
    """The rule's sentences in Chinese and English, with the fields' titles as of today."""
    table = catalog.supplies.get(owner) or catalog.datasets.get(owner)

    def in_words(language: Language) -> str:
        def title(name: str) -> str:
            entry = table.by_name.get(name) if table else None
            return titles(entry)[language == "en"] if entry else name

        pair = {key: title(str(kwargs[key])) for key in ("column_A", "column_B") if key in kwargs}
        return says(code, [title(name) for name in fields], {**kwargs, **pair}, language, kind)

    return in_words("zh"), in_words("en")
