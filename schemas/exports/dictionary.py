"""The data dictionary: one HTML page for each language, with no asset from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.contract import Catalog, CodeList, Dataset, Field, Supply, Table
from schemas.exports.dictionary_words import WORDS
from schemas.exports.names import CYCLE, LEVEL, MODE, OPEN, SHARE
from schemas.rules.types import physical_kind

_TEMPLATE = Path(__file__).with_name("dictionary.html.j2")
MOST_CODES = 200  # a longer list is named and counted, not printed


@dataclass(frozen=True)
class Group:
    """One heading of the contents: the datasets, or the supplies of one department."""

    title: str
    note: str
    tables: tuple[Supply | Dataset, ...]


def dictionary(catalog: Catalog, language: str = "zh") -> str:
    """The page as HTML; `language` is zh or en. Sensitive fields are marked; no value is shown."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    zh = language == "zh"
    used = {
        f.properties.codelist
        for group in _groups(catalog, zh)
        for t in group.tables
        for f in t.fields
        if f.properties.codelist
    }
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        language=language,
        zh=zh,
        w=WORDS[language],
        groups=list(_groups(catalog, zh)),
        codelists=[catalog.codelists[name] for name in sorted(used & catalog.codelists.keys())],
        most_codes=MOST_CODES,
        codes_of=_canonical,
        title_of=lambda t: t.title if zh else t.title_en,
        other_title_of=lambda t: t.title_en if zh else t.title,
        name_of=lambda f: f.title if zh else f.properties.title_en or f.title,
        anchor=_anchor,
        promises=lambda t, f: list(_promises(t, f, WORDS[language])),
        facts=lambda t: list(_facts(t, catalog, 0 if zh else 1, WORDS[language])),
        type_of=_type,
        is_sensitive=lambda f: f.sensitive,
    )


def _groups(catalog: Catalog, zh: bool) -> Iterator[Group]:
    words = WORDS["zh" if zh else "en"]
    if catalog.datasets:
        yield Group(words["datasets"], words["datasets_note"], tuple(catalog.datasets.values()))
    for department in catalog.departments.values():
        supplies = tuple(
            s for s in catalog.supplies.values() if s.department.name == department.name
        )
        if supplies:
            title = department.title.zh if zh else department.title.en
            note = f"{words['code']} {department.code}" if department.code else ""
            yield Group(title, note, supplies)


def _anchor(name: str) -> str:
    return name.replace("/", ".")


def _canonical(codelist: CodeList) -> list[tuple[str, str, str]]:
    return [(c.code, c.label, c.label_en) for c in codelist.codes if c.kind == "canonical"]


def _facts(
    table: Supply | Dataset, catalog: Catalog, word: int, words: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The 目录 fields of one table as label and text."""
    directory = table.properties.directory
    yield words["contract"], f"{table.name} {table.version}"
    if directory.resource_code:
        yield words["resource_code"], directory.resource_code
    condition = f"：{directory.share_condition}" if directory.share_condition else ""
    yield (
        words["sharing"],
        SHARE[directory.share_type][word]
        + (condition if word == 0 else condition.replace("：", ": ")),
    )
    yield words["mode"], MODE[directory.share_mode][word]
    yield words["opening"], OPEN[directory.open_type][word]
    yield words["cycle"], CYCLE[directory.update_cycle][word]
    yield words["level"], LEVEL[directory.data_level][word]
    if isinstance(table, Supply):
        yield words["source_table"], table.physical_name
        yield words["pull"], words[table.pull.mode]
    else:
        supplies = [catalog.supplies[s] for s in table.supplies if s in catalog.supplies]
        names = [s.title if word == 0 else s.title_en for s in supplies]
        yield words["sources"], ("、" if word == 0 else ", ").join(names)
    for sla in table.sla:
        yield words.get(sla.property, sla.property), f"{sla.value} {sla.unit or ''}".strip()


def _type(field: Field) -> str:
    """The column's type, with the logical one in front where the column does not show it."""
    kind, _ = physical_kind(field.physical_type)
    logical = str(field.type.logical)
    if field.physical_type is None:
        return logical
    hidden = kind == "text" and logical != "string"
    return f"{logical} · {field.physical_type}" if hidden else field.physical_type


def _promises(table: Table, field: Field, words: dict[str, str]) -> Iterator[str]:
    """What the contract promises of one field, in short phrases."""
    if field.key_position:
        yield words["key"] if len(table.key) == 1 else f"{words['key']} {field.key_position}"
    if field.required:
        yield words["required"]
    if field.unique:
        yield words["unique"]
    own = field.properties
    if own.identifier:
        yield f"{words['identifier']} {own.identifier}"
    if field.pattern:
        yield f"{words['pattern']} {field.pattern}"
    low, high = field.min_length, field.max_length
    if low is not None or (high is not None and high != physical_kind(field.physical_type)[1]):
        yield f"{words['length']} {low or 0}–{'' if high is None else high}"
    if field.minimum is not None or field.maximum is not None:
        low_text = "" if field.minimum is None else field.minimum
        yield f"{words['range']} {low_text}–{'' if field.maximum is None else field.maximum}"
    if own.unit:
        yield f"{words['unit']} {own.unit}"
    if own.share_type:
        yield SHARE[own.share_type][0 if words is WORDS["zh"] else 1]
