"""`hub catalog` as a steward uses it: sentences, exit codes, JSON."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from typer.testing import CliRunner, Result

from connectors.protocol import LiveColumn
from hub.cli.app import app
from hub.probe import findings, probe
from schemas.catalog import load_catalog
from schemas.exports.ddl import ddl
from tests.schemas.small_city import documents, write
from tests.schemas.spoilt import MARRIAGES, POLICE, RESIDENTS, field, give


def hub(root: Path, home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "--catalog", str(root), *words])


@pytest.fixture
def files() -> dict[str, Any]:
    return documents()


def test_lint_of_a_sound_catalog(files: dict[str, Any], tmp_path: Path) -> None:
    result = hub(write(files, tmp_path / "c"), tmp_path / "h", "catalog", "lint")
    assert result.exit_code == 0
    assert result.stdout == "The catalog is sound. 数据目录没有问题。\n"


def test_lint_names_file_line_and_place_in_both_languages(
    files: dict[str, Any], tmp_path: Path
) -> None:
    give(files, RESIDENTS, 2, codelist="sexes")
    root = write(files, tmp_path / "c")
    result = hub(root, tmp_path / "h", "catalog", "lint")
    assert result.exit_code == 3
    assert f"error: {root / RESIDENTS}:" in result.stdout
    assert "there is no codelists/sexes.csv; did you mean 'sex'?" in result.stdout
    assert "没有 codelists/sexes.csv；是否应为 'sex'？" in result.stdout
    assert "1 errors, 0 warnings." in result.stdout
    only = hub(root, tmp_path / "h", "catalog", "lint", "--contract", str(root / MARRIAGES))
    assert only.exit_code == 0


def test_warnings_pass_unless_strict(files: dict[str, Any], tmp_path: Path) -> None:
    files[RESIDENTS]["status"] = "living"
    root = write(files, tmp_path / "c")
    assert hub(root, tmp_path / "h", "catalog", "lint").exit_code == 0
    assert hub(root, tmp_path / "h", "catalog", "lint", "--strict").exit_code == 3


def test_lint_speaks_json(files: dict[str, Any], tmp_path: Path) -> None:
    give(files, RESIDENTS, 2, codelist="sexes")
    result = hub(write(files, tmp_path / "c"), tmp_path / "h", "--json", "catalog", "lint")
    [problem] = json.loads(result.stdout)
    assert problem["code"] == "codelist_unknown"
    assert problem["line"] > 0


@pytest.mark.parametrize("name", ["police/residents", "population", "sex", "police"])
def test_show_knows_everything_by_name(name: str, files: dict[str, Any], tmp_path: Path) -> None:
    result = hub(write(files, tmp_path / "c"), tmp_path / "h", "--json", "catalog", "show", name)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["rows"]


def test_show_hides_the_address_of_a_node(files: dict[str, Any], tmp_path: Path) -> None:
    files[POLICE]["node"]["url"] = "postgresql://reader@10.1.2.3/front"
    result = hub(write(files, tmp_path / "c"), tmp_path / "h", "catalog", "show", "police")
    assert "postgresql" in result.stdout
    assert "reader" not in result.stdout and "10.1.2.3" not in result.stdout


def test_diff_tells_compatible_breaking_and_unraised_apart(
    files: dict[str, Any], tmp_path: Path
) -> None:
    old = write(files, tmp_path / "old")
    home = tmp_path / "h"
    assert hub(old, home, "catalog", "diff", str(old), str(old)).exit_code == 0
    field(files, RESIDENTS, 2)["required"] = True
    new = write(files, tmp_path / "new")
    unraised = hub(old, home, "catalog", "diff", str(old), str(new))
    assert unraised.exit_code == 3
    assert "BREAKING 不兼容 field sex is now required" in unraised.stdout
    assert "字段 sex 改为必填" in unraised.stdout
    files[RESIDENTS]["version"] = "2.0.0"
    write(files, tmp_path / "new")
    assert hub(old, home, "catalog", "diff", str(old), str(new)).exit_code == 11
    field(files, RESIDENTS, 2).pop("required")
    field(files, RESIDENTS, 2)["businessName"] = "性别"
    files[RESIDENTS]["version"] = "1.0.1"
    write(files, tmp_path / "new")
    assert hub(old, home, "catalog", "diff", str(old), str(new)).exit_code == 0


@pytest.mark.parametrize("words", [["--format", "word"], ["--format", "ddl", "--dialect", "dm"]])
def test_an_unknown_format_is_wrong_usage(
    words: list[str], files: dict[str, Any], tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "out")]
    root = write(files, tmp_path / "c")
    assert hub(root, tmp_path / "h", "catalog", "export", *words, *out).exit_code == 2


def test_probe_is_content_with_tables_made_from_the_contract(
    files: dict[str, Any], tmp_path: Path
) -> None:
    root, home = write(files, tmp_path / "c"), tmp_path / "h"
    made(root, home)
    result = hub(root, home, "catalog", "probe", "--department", "police")
    assert (result.exit_code, result.stdout) == (0, "0 findings. 0 处差异。\n")


def made(root: Path, home: Path) -> Path:
    """A police front end made from the contracts' own DDL."""
    home.mkdir(exist_ok=True)
    catalog = load_catalog(root, home, {})
    path = home / "police.db"
    connection = sqlite3.connect(path)
    connection.executescript(ddl(catalog, "sqlite")["police.sql"])
    connection.close()
    return path


def test_probe_says_what_a_department_changed(files: dict[str, Any], tmp_path: Path) -> None:
    give(files, RESIDENTS, 1, aliases=["xm"])
    root, home = write(files, tmp_path / "c"), tmp_path / "h"
    connection = sqlite3.connect(made(root, home))
    for change in ("DROP COLUMN c_sex", "ADD COLUMN phone text", "RENAME COLUMN c_name TO xm"):
        connection.execute(f"ALTER TABLE t_residents {change}")
    connection.close()
    result = hub(root, home, "--json", "catalog", "probe", "--department", "police")
    assert result.exit_code == 12
    found = {(f["code"], f["column"], f["severity"]) for f in json.loads(result.stdout)}
    assert found == {
        ("column_missing", "c_sex", "error"),
        ("column_unknown", "phone", "error"),
        ("column_alias", "c_name", "info"),
    }


def test_probe_goes_on_when_one_department_cannot_be_read(
    files: dict[str, Any], tmp_path: Path
) -> None:
    root, home = write(files, tmp_path / "c"), tmp_path / "h"
    made(root, home)
    (home / "drop").mkdir()
    (home / "drop" / "marriages_1.csv").write_text("c_certificate_no,c_resident_id,姓名\n")
    result = hub(root, home, "--json", "catalog", "probe")
    assert result.exit_code == 4
    found = [(f["supply"], f["code"]) for f in json.loads(result.stdout)]
    assert ("treasury/payments", "unreadable") in found
    assert ("treasury/allocations", "unreadable") in found
    assert not [f for f in found if f[0] == "police/residents"]


def test_probe_sees_types_nulls_and_keys(files: dict[str, Any], tmp_path: Path) -> None:
    supply = load_catalog(write(files, tmp_path), environ={}).supplies["treasury/payments"]
    live = [
        LiveColumn("c_payment_no", "varchar(32)", nullable=False),
        LiveColumn("c_line_no", "varchar(24)", nullable=True),
        LiveColumn("c_payee_id", "varchar(18)", nullable=True, key=True),
        LiveColumn("c_amount", "double precision", nullable=False),
    ]
    codes = [
        (finding.code, finding.severity) for finding in findings(supply, live, "postgresql://")
    ]
    assert codes == [("type_changed", "error"), ("nullable", "warning"), ("key", "warning")]


@pytest.mark.server
def test_probe_of_postgresql_and_its_own_ddl_agree(
    files: dict[str, Any], tmp_path: Path, postgres_database: str
) -> None:
    files[POLICE]["node"]["url"] = "${FRONT}"
    url = sqlalchemy.make_url(postgres_database)
    environ = {"FRONT": url.set(drivername="postgresql").render_as_string(hide_password=False)}
    catalog = load_catalog(write(files, tmp_path / "c"), tmp_path / "h", environ)
    engine = sqlalchemy.create_engine(postgres_database)
    with engine.begin() as connection:
        for statement in ddl(catalog, "postgresql")["police.sql"].split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    assert list(probe(catalog, tmp_path / "h", "police")) == []
    engine.dispose()


def test_files_are_probed_by_their_header(files: dict[str, Any], tmp_path: Path) -> None:
    supply = load_catalog(write(files, tmp_path), environ={}).supplies["civil/marriages"]
    live = [LiveColumn("c_certificate_no", "text"), LiveColumn("姓名", "text")]
    codes = [finding.code for finding in findings(supply, live, "file:///drop")]
    assert codes == ["column_missing", "column_alias"]
