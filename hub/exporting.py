"""Writes what `hub catalog export` offers: each format one function in one visible table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from schemas.contract import Catalog, Table

Writer = Callable[[Catalog, Path, str, str], list[Path]]


def export_catalog(
    catalog: Catalog, form: str, out: Path, dialect: str = "postgresql", peer: str = "words"
) -> list[Path]:
    """Write one format below `out`; raises KeyError for an unknown format, dialect or peer."""
    return FORMATS[form](catalog, out, dialect, peer)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _json(path: Path, value: Any) -> Path:
    return _write(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _ddl(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from schemas.exports.ddl import ddl

    scripts = ddl(catalog, dialect)
    return [_write(out / "ddl" / dialect / name, text) for name, text in scripts.items()]


def _json_schema(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from schemas.exports.json_schema import json_schemas

    schemas = json_schemas(catalog)
    return [_json(out / "jsonschema" / name, schema) for name, schema in schemas.items()]


def _dcat(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from schemas.exports.dcat import dcat

    return [_json(out / "catalog.dcat.jsonld", dcat(catalog))]


def _sheet(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from schemas.exports.directory_sheet import write_sheet
    from schemas.exports.resources import resources

    out.mkdir(parents=True, exist_ok=True)
    path = out / "directory.xlsx"
    write_sheet(resources(catalog), path, peer)
    return [path]


def _dictionary(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from schemas.exports.dictionary import dictionary

    return [
        _write(out / f"dictionary.{language}.html", dictionary(catalog, language))
        for language in ("zh", "en")
    ]


def _suite(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    from quality.suite import suite_of

    return [
        _json(out / "suite" / f"{supply.name}.json", suite_of(supply, catalog))
        for supply in catalog.supplies.values()
    ]


def _arrow(catalog: Catalog, out: Path, dialect: str, peer: str) -> list[Path]:
    import pyarrow as pa

    from schemas.arrow import arrow_schema

    written = []
    for name, table in _tables(catalog).items():
        path = out / "arrow" / f"{name}.arrow"
        path.parent.mkdir(parents=True, exist_ok=True)
        # An empty IPC file: every Arrow library reads the schema from it.
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, arrow_schema(table)):
            pass
        written.append(path)
    return written


def _tables(catalog: Catalog) -> Mapping[str, Table]:
    return {**catalog.datasets, **catalog.supplies}


FORMATS: dict[str, Writer] = {
    "ddl": _ddl,
    "jsonschema": _json_schema,
    "dcat": _dcat,
    "sheet": _sheet,
    "dictionary": _dictionary,
    "suite": _suite,
    "arrow": _arrow,
}
