"""Exports: each is valid by its own standard, and says what the contract says."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import duckdb
import jsonschema
import openpyxl
import pyarrow as pa
import pytest
import sqlalchemy
import sqlglot

from hub.exporting import FORMATS, export_catalog
from schemas.arrow import arrow_schema
from schemas.catalog import load_catalog
from schemas.contract import Catalog
from schemas.exports.dcat import CONTEXT, dcat
from schemas.exports.ddl import DIALECTS, ddl, script
from schemas.exports.dictionary import dictionary
from schemas.exports.directory_sheet import read_sheet, write_sheet
from schemas.exports.json_schema import json_schemas
from schemas.exports.names import PEERS, share_code, share_type
from schemas.exports.resources import resources
from schemas.properties import ShareType
from tests.schemas.small_city import documents, write
from tests.schemas.spoilt import RESIDENTS, directory, field, give

DEFAULT = Path(__file__).resolve().parent.parent.parent / "schemas"
GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    root = tmp_path_factory.mktemp("catalog")
    return load_catalog(write(documents(), root), environ={})


@pytest.fixture(scope="module")
def default() -> Catalog:
    return load_catalog(DEFAULT, environ={})


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("ddl", "ddl/postgresql/police.sql"),
        ("jsonschema", "jsonschema/police/residents.schema.json"),
        ("dcat", "catalog.dcat.jsonld"),
    ],
)
def test_export_is_as_approved(form: str, name: str, city: Catalog, tmp_path: Path) -> None:
    export_catalog(city, form, tmp_path)
    approved = GOLDEN / Path(name).name
    assert (tmp_path / name).read_text("utf-8") == approved.read_text("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_catalog_gives_the_same_bytes(form: str, city: Catalog, tmp_path: Path) -> None:
    first = export_catalog(city, form, tmp_path / "first")
    second = export_catalog(city, form, tmp_path / "second")
    assert first
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


# --- DDL


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ddl_is_of_its_dialect(dialect: str, default: Catalog) -> None:
    name = {"postgresql": "postgres"}.get(dialect, dialect)
    for text in ddl(default, dialect).values():
        assert all(sqlglot.parse(text, read=name))


def test_ddl_makes_the_tables_in_sqlite(default: Catalog) -> None:
    connection = sqlite3.connect(":memory:")
    for text in ddl(default, "sqlite").values():
        connection.executescript(text)
    supply = default.supplies["police/residents"]
    rows = connection.execute(f"PRAGMA table_info({supply.physical_name})").fetchall()
    assert [row[1] for row in rows] == [field.column for field in supply.fields]
    assert [bool(row[3]) for row in rows] == [field.required for field in supply.fields]


def test_money_in_sqlite_stays_exact(default: Catalog) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(ddl(default, "sqlite")["datasets.sql"])
    connection.execute("INSERT INTO fund (payment_no, amount) VALUES ('1', '0.10')")
    assert connection.execute("SELECT amount FROM fund").fetchone() == ("0.10",)


def test_ddl_makes_the_tables_in_duckdb_with_comments(default: Catalog) -> None:
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    for text in ddl(default, "duckdb").values():
        connection.execute(text)
    columns = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'population'"
    ).fetchall()
    assert dict(columns)["resident_id"].startswith("公民身份号码")


@pytest.mark.server
def test_ddl_makes_the_tables_in_postgresql(postgres_database: str, default: Catalog) -> None:
    check_server(postgres_database, "postgresql", default)


@pytest.mark.server
def test_ddl_makes_the_tables_in_mariadb(mariadb_database: str, default: Catalog) -> None:
    check_server(mariadb_database, "mysql", default)


def check_server(url: str, dialect: str, catalog: Catalog) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for text in ddl(catalog, dialect).values():
            for statement in text.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("%", "%%"))
    inspector = sqlalchemy.inspect(engine)
    for table in (catalog.supplies["police/residents"], catalog.datasets["population"]):
        columns = inspector.get_columns(table.physical_name)
        assert [column["name"] for column in columns] == [field.column for field in table.fields]
        assert columns[0]["comment"].startswith(table.fields[0].title)
        key = inspector.get_pk_constraint(table.physical_name)["constrained_columns"]
        assert key == [field.column for field in table.key]
    engine.dispose()


def test_names_and_comments_cannot_break_out_of_the_sql(tmp_path: Path) -> None:
    files = documents()
    field(files, RESIDENTS, 1).update(
        physicalName='x"; DROP TABLE y; --`', businessName="it's \\ a 'name'\nDROP TABLE y;"
    )
    catalog = load_catalog(write(files, tmp_path), environ={})
    supply = catalog.supplies["police/residents"]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE y (a)")
    connection.executescript(script([supply], "sqlite"))
    assert connection.execute("SELECT * FROM y").fetchall() == []
    for dialect in ("postgresql", "mysql", "duckdb"):
        name = {"postgresql": "postgres"}.get(dialect, dialect)
        kinds = {type(s).__name__ for s in sqlglot.parse(script([supply], dialect), read=name)}
        assert "Drop" not in kinds


# --- JSON Schema


def test_json_schemas_are_valid_and_hold_rows(city: Catalog) -> None:
    schemas = json_schemas(city)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schemas["population.schema.json"])
    row = {"resident_id": "990101199001010017", "name": "甲", "sex": "1", "birth_date": None}
    assert validator.is_valid(row)
    assert not validator.is_valid(row | {"sex": "男"})
    assert not validator.is_valid(row | {"resident_id": None})
    assert not validator.is_valid(row | {"more": 1})


def test_a_supply_may_write_codes_that_can_be_mended(city: Catalog) -> None:
    schema = json_schemas(city)["police/residents.schema.json"]
    assert schema["properties"]["sex"]["enum"] == ["1", "2", "男", None]


def test_money_is_text_in_json(city: Catalog) -> None:
    schema = json_schemas(city)["treasury/payments.schema.json"]["properties"]["amount"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid("9999999999999999.99")
    assert not validator.is_valid("0.001")
    assert not validator.is_valid(0.1)


# --- Arrow


def test_arrow_files_hold_the_schema(city: Catalog, tmp_path: Path) -> None:
    export_catalog(city, "arrow", tmp_path)
    with pa.OSFile(str(tmp_path / "arrow" / "police" / "residents.arrow")) as file:
        assert pa.ipc.open_file(file).schema == arrow_schema(city.supplies["police/residents"])


# --- DCAT


def test_every_link_of_dcat_leads_somewhere(default: Catalog) -> None:
    document = dcat(default)
    graph = document["@graph"]
    ids = {node["@id"] for node in graph}
    assert len(ids) == len(graph)

    def links(value: object) -> set[str]:
        if isinstance(value, dict):
            own = {value["@id"]} if set(value) == {"@id"} else set()
            return own.union(*map(links, value.values()))
        return set().union(*map(links, value)) if isinstance(value, list) else set()

    inside = {link for link in links(graph) if link.startswith("hub:")}
    assert inside <= ids
    prefixes = {key.partition(":")[0] for node in graph for key in node if not key.startswith("@")}
    assert prefixes <= CONTEXT.keys()
    assert "http" not in str(document["@context"].get("@import", ""))


def test_dcat_datasets_have_what_the_profile_demands(default: Catalog) -> None:
    nodes = [n for n in dcat(default)["@graph"] if n["@type"] == "dcat:Dataset"]
    assert len(nodes) == len(default.supplies) + len(default.datasets)
    for node in nodes:
        assert {t["@language"] for t in node["dct:title"]} == {"zh", "en"}
        assert node["dct:description"] and node["dct:publisher"] and node["dct:accessRights"]
        assert node["dct:accrualPeriodicity"]["@id"].rpartition("/")[2].isupper()


# --- 目录 spreadsheet


@pytest.mark.parametrize("peer", PEERS)
def test_the_sheet_is_read_back_as_written(peer: str, default: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "directory.xlsx"
    write_sheet(resources(default), path, peer)
    assert read_sheet(path, peer) == resources(default)


def test_one_digit_means_different_things_to_different_peers() -> None:
    assert share_type("1", "digits123") is ShareType.UNCONDITIONAL
    assert share_type("0", "digits102") is ShareType.CONDITIONAL
    assert share_type("2", "digits123") is ShareType.CONDITIONAL
    assert share_type("2", "digits102") is ShareType.DENIED
    for peer in PEERS:
        for value in ShareType:
            assert share_type(share_code(value, peer), peer) is value


def test_a_sheet_of_an_unnamed_peer_is_never_guessed(city: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "directory.xlsx"
    write_sheet(resources(city), path, "digits102")
    with pytest.raises(ValueError, match="信息项 row 2, 共享类型: '0' is not allowed"):
        read_sheet(path, "digits123")
    with pytest.raises(KeyError):
        read_sheet(path, "neighbour")


def test_the_sheet_writes_what_the_guide_wants(tmp_path: Path) -> None:
    files = documents()
    directory(files, shareType="unconditional", shareCondition=None)
    give(files, RESIDENTS, 1, shareType="denied", shareCondition="《某法》第一条")
    catalog = load_catalog(write(files, tmp_path / "catalog"), environ={})
    write_sheet(resources(catalog), tmp_path / "directory.xlsx")
    book = openpyxl.load_workbook(tmp_path / "directory.xlsx")
    heading, *rows = book["信息资源"].iter_rows(values_only=True)
    residents = next(
        dict(zip(heading, row, strict=True)) for row in rows if row[20] == "police/residents"
    )
    assert [residents[part] for part in ("类", "项", "目")] == ["3", "01", "001"]
    assert residents["提供方代码"] == "11990100MB00010038"
    assert (residents["共享类型"], residents["共享条件"]) == ("无条件共享", "无条件")
    heading, *rows = book["信息项"].iter_rows(values_only=True)
    items = [dict(zip(heading, row, strict=True)) for row in rows]
    mine = {i["信息项标识"]: i for i in items if i["数据契约"] == "police/residents"}
    assert mine["name"]["共享条件"] == "《某法》第一条"
    assert mine["name"]["数据类型"] == "字符型C"
    assert mine["resident_id"]["数据长度"] == 18 * 4
    assert [i["时间戳"] for i in mine.values()].count("是") == 1
    sheet = book["信息资源"]
    assert sheet.freeze_panes == "F2"
    assert any("有条件共享" in rule.formula1 for rule in sheet.data_validations.dataValidation)


# --- dictionary


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_dictionary_stands_alone(language: str, default: Catalog) -> None:
    page = dictionary(default, language)
    for asset in ("http://", "https://", "<script", "src=", "@import", "url("):
        assert asset not in page
    for table in [*default.supplies.values(), *default.datasets.values()]:
        anchor = table.name.replace("/", ".")
        assert page.count(f'id="{anchor}"') == 1
        assert f'href="#{anchor}"' in page
        for entry in table.fields:
            assert f"<code>{entry.name}</code>" in page


def test_the_dictionary_escapes_what_stewards_write(tmp_path: Path) -> None:
    files = documents()
    files[RESIDENTS]["description"] = {"purpose": "<script>alert(1)</script>"}
    page = dictionary(load_catalog(write(files, tmp_path), environ={}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_suites_are_json(city: Catalog, tmp_path: Path) -> None:
    written = export_catalog(city, "suite", tmp_path)
    assert len(written) == len(city.supplies)
    assert all(json.loads(path.read_text("utf-8"))["expectations"] for path in written)
