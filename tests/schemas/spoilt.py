"""One way to break each rule of the catalog: code -> edits of the small city's files."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Files = dict[str, Any]
Spoil = Callable[[Files], object]

RESIDENTS = "contracts/supply/police/residents.odcs.yaml"
MARRIAGES = "contracts/supply/civil/marriages.odcs.yaml"
PAYMENTS = "contracts/supply/treasury/payments.odcs.yaml"
POPULATION = "contracts/dataset/population.odcs.yaml"
FUND = "contracts/dataset/fund.odcs.yaml"
POLICE = "departments/police.yaml"
SEX = "codelists/sex.csv"
HEADER = "code,canonical,label,label_en,kind,valid_from,valid_to\n"


def custom(files: Files, path: str, name: str) -> dict[str, Any]:
    """The value of one contract-level custom property, made when absent."""
    entries = files[path]["customProperties"]
    for entry in entries:
        if entry["property"] == name:
            return entry["value"]
    entries.append({"property": name, "value": {}})
    return entries[-1]["value"]


def field(files: Files, path: str, number: int) -> dict[str, Any]:
    return files[path]["schema"][0]["properties"][number]


def give(files: Files, path: str, number: int, **properties: Any) -> None:
    """Set custom properties of one field."""
    entries = field(files, path, number)["customProperties"]
    for name, value in properties.items():
        entries[:] = [e for e in entries if e["property"] != name]
        entries.append({"property": name, "value": value})


def rule(files: Files, **entry: Any) -> None:
    files[RESIDENTS]["schema"][0].setdefault("quality", []).append(entry)


def expectation(files: Files, implementation: Any, engine: str = "greatExpectations") -> None:
    rule(files, type="custom", engine=engine, implementation=implementation)


def plan(files: Files, path: str = POPULATION) -> dict[str, Any]:
    return custom(files, path, "reconcile")


def directory(files: Files, **values: Any) -> None:
    custom(files, RESIDENTS, "directory").update(values)


def text(files: Files, path: str, content: str | bytes) -> None:
    files[path] = content


def legacy(files: Files) -> None:
    files[RESIDENTS]["apiVersion"] = "v3.0.2"
    field(files, RESIDENTS, 4)["logicalType"] = "date"
    rule(files, type="library", rule="countCheck")


def circle(files: Files) -> None:
    plan(files)["resolve"] = [
        {"field": "sex", "using": {"fund": "resident_id"}, "key": {"fund": "payment_no"}}
    ]


SPOILT: dict[str, Spoil] = {
    # YAML
    "no_catalog": lambda f: f.clear(),
    "file_ignored": lambda f: text(f, "contracts/supply/police/draft.yaml", "a: 1\n"),
    "yaml_encoding": lambda f: text(f, POLICE, "name: 公安".encode("gb18030")),
    "yaml_syntax": lambda f: text(f, POLICE, "name: [police\n"),
    "yaml_tab": lambda f: text(f, POLICE, "name: police\ntitle:\n\tzh: 公安局\n"),
    "yaml_not_mapping": lambda f: text(f, POLICE, "- police\n"),
    "yaml_key": lambda f: text(f, POLICE, "? [a, b]\n: c\n"),
    "yaml_duplicate_key": lambda f: text(f, POLICE, "name: police\nname: police\n"),
    "yaml_anchor": lambda f: text(f, POLICE, "name: &a police\ntitle: &b {zh: x}\nnode: *b\n"),
    "yaml_tag": lambda f: text(f, POLICE, "name: !python/name:os.system\n"),
    "yaml_ambiguous": lambda f: text(
        f,
        POLICE,
        "name: police\ntitle: {zh: 公安局, en: no}\ncode: 11990100MB00010038\n"
        "node: {url: 'sqlite:///x.db'}\n",
    ),
    # ODCS
    "odcs_version": lambda f: f[RESIDENTS].update(apiVersion="v2.2.2"),
    "odcs_unknown_key": lambda f: field(f, RESIDENTS, 1).update(requierd=True),
    "odcs_missing_key": lambda f: f[RESIDENTS].pop("status"),
    "odcs_type": lambda f: field(f, RESIDENTS, 1).update(required="yes"),
    "odcs_value": lambda f: field(f, RESIDENTS, 1).update(logicalType="varchar"),
    "odcs_operator": lambda f: rule(f, type="library", metric="rowCount"),
    "odcs_invalid": lambda f: f[RESIDENTS]["schema"][0].update(id="not a stable id"),
    # custom properties
    "custom_foreign": lambda f: give(f, RESIDENTS, 1, owner="HR"),
    "custom_unknown": lambda f: give(f, RESIDENTS, 1, sensitiv=True),
    "custom_duplicate": lambda f: field(f, RESIDENTS, 1)["customProperties"].append(
        {"property": "sensitive", "value": True}
    ),
    "custom_missing": lambda f: plan(f).pop("entity"),
    "custom_value": lambda f: directory(f, shareType="sometimes"),
    # fields
    "schema_count": lambda f: f[RESIDENTS]["schema"].append(deepcopy(f[RESIDENTS]["schema"][0])),
    "schema_empty": lambda f: f[RESIDENTS]["schema"][0].pop("properties"),
    "version_semver": lambda f: f[RESIDENTS].update(version="1.0"),
    "status_unknown": lambda f: f[RESIDENTS].update(status="living"),
    "id_duplicate": lambda f: f[PAYMENTS].update(id="police.residents"),
    "field_duplicate": lambda f: field(f, RESIDENTS, 1).update(name="SEX"),
    "field_name": lambda f: field(f, RESIDENTS, 1).update(name="_name"),
    "column_duplicate": lambda f: field(f, RESIDENTS, 1).update(physicalName="c_sex"),
    "alias_duplicate": lambda f: give(f, RESIDENTS, 1, aliases=["c_sex"]),
    "type_missing": lambda f: [
        field(f, RESIDENTS, 2).pop(key) for key in ("logicalType", "physicalType")
    ],
    "type_mismatch": lambda f: field(f, PAYMENTS, 3).update(physicalType="date"),
    "precision_range": lambda f: field(f, PAYMENTS, 3).update(physicalType="decimal(40,2)"),
    "length_range": lambda f: field(f, RESIDENTS, 1).update(physicalType="varchar(70000)"),
    "length_order": lambda f: field(f, RESIDENTS, 0).update(
        logicalTypeOptions={"minLength": 18, "maxLength": 15}
    ),
    "length_mismatch": lambda f: field(f, RESIDENTS, 1).update(
        logicalTypeOptions={"maxLength": 65}
    ),
    "pattern_invalid": lambda f: field(f, RESIDENTS, 1).update(
        logicalTypeOptions={"pattern": "([a-z"}
    ),
    "limit_invalid": lambda f: field(f, RESIDENTS, 3).update(
        logicalTypeOptions={"minimum": "1900-02-30"}
    ),
    "limit_order": lambda f: field(f, PAYMENTS, 3).update(
        logicalTypeOptions={"minimum": 2, "maximum": 1}
    ),
    "option_unchecked": lambda f: field(f, PAYMENTS, 3).update(
        logicalTypeOptions={"multipleOf": 2}
    ),
    "key_position": lambda f: field(f, RESIDENTS, 0).update(primaryKeyPosition=2),
    "key_position_without_key": lambda f: field(f, RESIDENTS, 1).update(primaryKeyPosition=2),
    "format_invalid": lambda f: give(f, RESIDENTS, 3, formats=["%Y%m"]),
    "format_unused": lambda f: give(f, RESIDENTS, 1, formats=["%Y%m%d"]),
    "timezone_unknown": lambda f: give(f, RESIDENTS, 4, timezone="Asia/Bejing"),
    "timezone_unused": lambda f: give(f, RESIDENTS, 1, timezone="Asia/Shanghai"),
    "codelist_unknown": lambda f: give(f, RESIDENTS, 2, codelist="sexes"),
    "identifier_unknown": lambda f: give(f, RESIDENTS, 0, identifier="residentid"),
    "verdict_unknown": lambda f: give(
        f, RESIDENTS, 0, identifierSeverity={"check_digits": "warning"}
    ),
    "sensitive_missing": lambda f: give(f, RESIDENTS, 0, sensitive=False),
    "sla_element": lambda f: f[RESIDENTS]["slaProperties"][0].update(element="residents.changed"),
    "sla_value": lambda f: f[RESIDENTS]["slaProperties"][0].update(value="soon"),
    # quality
    "quality_engine": lambda f: expectation(f, {"type": "x", "kwargs": {}}, "soda"),
    "quality_implementation": lambda f: expectation(f, "just: text"),
    "quality_column": lambda f: expectation(
        f, {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "naem"}}
    ),
    "quality_severity": lambda f: rule(f, metric="rowCount", mustBeGreaterThan=0, severity="fatal"),
    "quality_unchecked": lambda f: rule(f, type="text", description="looks right"),
    "quality_broken": lambda f: field(f, RESIDENTS, 1).update(
        quality=[{"type": "sql", "query": "SELECT count(*) FROM elsewhere", "mustBe": 0}]
    ),
    "quality_rule": legacy,
    # departments
    "department_unknown": lambda f: f.pop(POLICE),
    "department_name": lambda f: f[POLICE].update(name="polcie"),
    "department_code_missing": lambda f: f[POLICE].pop("code"),
    "department_code_invalid": lambda f: f[POLICE].update(code="11990100MB00010039"),
    "department_code_duplicate": lambda f: f[POLICE].update(code="11990100MB0002033J"),
    "variable_unset": lambda f: f[POLICE]["node"].update(url="sqlite:///${NOWHERE_SET}"),
    "node_missing": lambda f: f[POLICE].pop("node"),
    "node_url": lambda f: f[POLICE]["node"].update(url="ftp://front/x"),
    "node_hours": lambda f: f[POLICE]["node"].update(allowedHours="01:00-25:00"),
    "password_literal": lambda f: f[POLICE]["node"].update(password="secret"),
    "host_key_missing": lambda f: f["departments/civil.yaml"]["node"].update(
        url="sftp://hub@front:22/drop"
    ),
    # code lists
    "codelist_encoding": lambda f: text(f, SEX, "code,名".encode("gb18030")),
    "codelist_header": lambda f: text(f, SEX, "code,name\n1,男\n"),
    "codelist_row": lambda f: text(f, SEX, f[SEX] + "3,3\n"),
    "codelist_empty": lambda f: text(f, SEX, HEADER),
    "code_missing": lambda f: text(f, SEX, f[SEX] + ",,x,X,canonical,,\n"),
    "code_kind": lambda f: text(f, SEX, f[SEX] + "3,3,x,X,cannonical,,\n"),
    "code_duplicate": lambda f: text(f, SEX, f[SEX] + "1,1,男,Male,canonical,2020-01-01,\n"),
    "code_canonical": lambda f: text(f, SEX, f[SEX] + "M,3,男,Male,fixable,,\n"),
    "code_canonical_self": lambda f: text(f, SEX, f[SEX] + "?,1,未知,Unknown,ignorable,,\n"),
    "code_date": lambda f: text(f, SEX, f[SEX] + "3,3,x,X,canonical,2020-1-1,\n"),
    "code_date_order": lambda f: text(f, SEX, f[SEX] + "3,3,x,X,canonical,2021-01-01,2020-01-01\n"),
    "code_label": lambda f: text(f, SEX, f[SEX] + "3,3,,,canonical,,\n"),
    # 目录
    "title_missing": lambda f: f[RESIDENTS].pop("name"),
    "title_length": lambda f: f[RESIDENTS].update(name="常" * 129),
    "title_charset": lambda f: f[RESIDENTS].update(name="常住人口（全市）"),
    "title_duplicate": lambda f: f[RESIDENTS].update(name="婚姻登记"),
    "summary_missing": lambda f: f[RESIDENTS].pop("description"),
    "resource_code": lambda f: directory(f, resourceCode="30A001/000001"),
    "resource_code_missing": lambda f: custom(f, RESIDENTS, "directory").pop("resourceCode"),
    "resource_code_duplicate": lambda f: directory(f, resourceCode="302001/000001"),
    "related_resource": lambda f: directory(f, relatedResources=["399999/000001"]),
    "share_condition_missing": lambda f: directory(f, shareCondition=""),
    "share_condition_void": lambda f: directory(f, shareCondition="无条件"),
    "share_basis_missing": lambda f: directory(f, shareType="denied", shareCondition=""),
    "share_condition_contradicts": lambda f: directory(f, shareType="unconditional"),
    "open_condition_missing": lambda f: directory(f, openType="conditional"),
    "denied_open": lambda f: give(
        f, RESIDENTS, 1, shareType="denied", shareCondition="《某法》第一条", openType="open"
    ),
    "item_share_wider": lambda f: give(f, RESIDENTS, 1, shareType="unconditional"),
    "cycle_slower": lambda f: f[RESIDENTS]["slaProperties"].append(
        {"property": "frequency", "value": 7, "unit": "d"}
    ),
    # pull
    "watermark_unknown": lambda f: custom(f, RESIDENTS, "pull").update(watermark="updated"),
    "watermark_type": lambda f: field(f, RESIDENTS, 4).update(
        logicalType="boolean", physicalType="boolean"
    ),
    "watermark_nullable": lambda f: field(f, RESIDENTS, 4).update(required=False),
    "overlap_type": lambda f: field(f, RESIDENTS, 4).update(
        logicalType="integer", physicalType="bigint"
    ),
    "increment_without_key": lambda f: [
        field(f, RESIDENTS, 0).pop(key) for key in ("primaryKey", "primaryKeyPosition")
    ],
    "deletes_unseen": lambda f: custom(f, RESIDENTS, "pull").pop("reconcileKeysEvery"),
    "files_missing": lambda f: f[MARRIAGES]["customProperties"].pop(),
    "files_unused": lambda f: custom(f, RESIDENTS, "files").update(pattern="*.csv"),
    "files_increment": lambda f: custom(f, MARRIAGES, "pull").update(
        mode="increment", watermark="certificate_no", deletes="none"
    ),
    "sharing_increment": lambda f: f[POLICE]["node"].update(
        url="delta-sharing+https://hub.example/delta-sharing"
    ),
    "files_upsert_key": lambda f: [
        custom(f, MARRIAGES, "files").update(content="upsert"),
        field(f, MARRIAGES, 0).pop("primaryKey"),
        field(f, MARRIAGES, 0).pop("primaryKeyPosition"),
    ],
    "files_encoding": lambda f: custom(f, MARRIAGES, "files").update(encodings=["gb-18030-x"]),
    "files_character": lambda f: custom(f, MARRIAGES, "files").update(delimiter="||"),
    "thresholds_order": lambda f: custom(f, RESIDENTS, "verdict").update(hold=0.5, reject=0.3),
    "drift_field_unknown": lambda f: f[RESIDENTS]["customProperties"].append(
        {"property": "drift", "value": {"nullRate": {"fields": ["nmae"]}}}
    ),
    # reconcile
    "supply_unknown": lambda f: plan(f)["sources"][1].update(supply="civil/mariages"),
    "supply_retired": lambda f: f[MARRIAGES].update(status="retired"),
    "source_duplicate": lambda f: plan(f)["sources"].append(deepcopy(plan(f)["sources"][0])),
    "source_field_unknown": lambda f: plan(f)["sources"][0]["fields"].update(name="nmae"),
    "golden_field_unknown": lambda f: plan(f)["sources"][0]["fields"].update(nmae="name"),
    "golden_field_unfed": lambda f: plan(f)["sources"][0]["fields"].pop("sex"),
    "source_type": lambda f: plan(f)["sources"][0]["fields"].update(birth_date="name"),
    "key_space_unknown": lambda f: plan(f)["sources"][0].update(keys={"resident": "resident_id"}),
    "key_space_duplicate": lambda f: plan(f)["keys"].append({"name": "resident_id"}),
    "normaliser_unknown": lambda f: plan(f)["keys"][0].update(normaliser="txt"),
    "survivor_unsourced": lambda f: plan(f)["survivorship"].update(
        sex={"order": ["civil/marriages"]}
    ),
    "recency_type": lambda f: plan(f)["sources"][0].update(recency="name"),
    "recency_missing": lambda f: plan(f)["survivorship"]["name"].update(rule="recency"),
    "dataset_unknown": lambda f: plan(f, FUND)["resolve"][0].update(
        using={"people": "payee_id"}, key={"people": "resident_id"}
    ),
    "dataset_cycle": circle,
    "resolve_pairs": lambda f: plan(f, FUND)["resolve"][0].update(key={}),
    "balance_amount": lambda f: field(f, PAYMENTS, 3).update(physicalType="double"),
    "linkage_blind": lambda f: plan(f, FUND).update(
        linkage={"ignore": [field["name"] for field in f[FUND]["schema"][0]["properties"]]}
    ),
    "linkage_kind": lambda f: plan(f, FUND).update(
        linkage={"fields": {"amount": {"kind": "date"}}}
    ),
    "linkage_unspoken": lambda f: plan(f, FUND).update(linkage={"fields": {"payee": {}}}),
    "linkage_blocking_empty": lambda f: plan(f, FUND).update(linkage={"blocking": [[]]}),
    "sql_invalid": lambda f: plan(f, FUND)["sources"][0].update(where="amount > (0"),
}
