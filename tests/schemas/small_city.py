"""A small sound catalog as documents, to be spoilt one place at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def prop(name: str, logical: str, physical: str, **more: Any) -> Document:
    """One ODCS property; `custom` becomes customProperties."""
    custom = more.pop("custom", {})
    entry: Document = {
        "name": name,
        "physicalName": f"c_{name}",
        "businessName": f"字段{name}",
        "logicalType": logical,
        "physicalType": physical,
        **more,
    }
    given = {"titleEn": name.replace("_", " ").capitalize(), **custom}
    entry["customProperties"] = [{"property": k, "value": v} for k, v in given.items()]
    return entry


def contract(name: str, title: str, code: str, fields: list[Document], **custom: Any) -> Document:
    """One contract whose 目录 fields are complete."""
    directory = {
        "resourceCode": code,
        "shareType": "conditional",
        "shareCondition": "法定职责范围内的核验",
        "updateCycle": "daily",
        "publishedOn": "2026-01-05",
        "keywords": ["样例"],
    }
    given = {"titleEn": name, "directory": directory, **custom}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name.replace("/", "."),
        "name": title,
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": f"{title}的样例。"},
        "schema": [
            {
                "name": name.rpartition("/")[2],
                "physicalName": f"t_{name.rpartition('/')[2]}",
                "physicalType": "table",
                "properties": fields,
            }
        ],
        "slaProperties": [{"property": "latency", "value": 24, "unit": "h"}],
        "customProperties": [{"property": k, "value": v} for k, v in given.items()],
    }


RESIDENT = {"identifier": "resident_id", "sensitive": True}
KEY = {"required": True, "primaryKey": True, "primaryKeyPosition": 1}


def documents() -> dict[str, Any]:
    """Every file of the catalog by its path: YAML as a mapping, CSV as text."""
    residents = contract(
        "police/residents",
        "常住人口",
        "301001/000001",
        [
            prop(
                "resident_id",
                "string",
                "varchar(18)",
                custom=RESIDENT,
                logicalTypeOptions={"minLength": 15, "maxLength": 18},
                **KEY,
            ),
            prop("name", "string", "varchar(64)", required=True, custom={"sensitive": True}),
            prop("sex", "string", "varchar(4)", custom={"codelist": "sex"}),
            prop("birth_date", "date", "varchar(8)", custom={"formats": ["%Y%m%d"]}),
            prop("updated_at", "timestamp", "timestamp", required=True),
        ],
        pull={
            "mode": "increment",
            "watermark": "updated_at",
            "overlap": "PT1H",
            "reconcileKeysEvery": "P7D",
        },
        verdict={"warn": 0.0, "hold": 0.1, "reject": 0.3},
    )
    marriages = contract(
        "civil/marriages",
        "婚姻登记",
        "302001/000001",
        [
            prop("certificate_no", "string", "varchar(20)", **KEY),
            prop("resident_id", "string", "varchar(18)", custom=RESIDENT),
            prop("name", "string", "varchar(64)", custom={"aliases": ["姓名"], "sensitive": True}),
        ],
        files={"pattern": "marriages_*.csv"},
    )
    payments = contract(
        "treasury/payments",
        "国库支付",
        "303001/000001",
        [
            prop("payment_no", "string", "varchar(32)", **KEY),
            prop("line_no", "string", "varchar(24)", required=True),
            prop("payee_id", "string", "varchar(18)", custom=RESIDENT),
            prop("amount", "number", "decimal(18,2)", required=True, custom={"unit": "CNY"}),
        ],
    )
    allocations = contract(
        "treasury/allocations",
        "预算下达",
        "303001/000002",
        [
            prop("line_no", "string", "varchar(24)", **KEY),
            prop("amount", "number", "decimal(18,2)", required=True, custom={"unit": "CNY"}),
        ],
    )
    return {
        "departments/police.yaml": department("police", "公安局", "11990100MB00010038"),
        "departments/civil.yaml": department(
            "civil", "民政局", "11990100MB0002033J", "file://${HUB_HOME}/drop"
        ),
        "departments/treasury.yaml": department("treasury", "国库", "11990100MB00030363"),
        "contracts/supply/police/residents.odcs.yaml": residents,
        "contracts/supply/civil/marriages.odcs.yaml": marriages,
        "contracts/supply/treasury/payments.odcs.yaml": payments,
        "contracts/supply/treasury/allocations.odcs.yaml": allocations,
        "contracts/dataset/population.odcs.yaml": _population(),
        "contracts/dataset/fund.odcs.yaml": _fund(),
        "codelists/sex.csv": (
            "code,canonical,label,label_en,kind,valid_from,valid_to\n"
            "1,1,男,Male,canonical,,\n"
            "2,2,女,Female,canonical,,\n"
            "男,1,男,Male,fixable,,\n"
            "-,,未填,Not given,ignorable,,\n"
        ),
    }


def department(name: str, title: str, code: str, url: str | None = None) -> Document:
    return {
        "name": name,
        "title": {"zh": title, "en": name.capitalize()},
        "code": code,
        "division": "990100",
        "node": {"url": url or f"sqlite:///${{HUB_HOME}}/{name}.db"},
    }


def _population() -> Document:
    return contract(
        "population",
        "人口基础数据集",
        "101001/000001",
        [
            prop("resident_id", "string", "varchar(18)", custom=RESIDENT, **KEY),
            prop("name", "string", "varchar(64)", custom={"sensitive": True}),
            prop("sex", "string", "varchar(1)", custom={"codelist": "sex"}),
            prop("birth_date", "date", "date"),
        ],
        reconcile={
            "entity": "person",
            "keys": [{"name": "resident_id", "normaliser": "text"}],
            "sources": [
                {
                    "supply": "police/residents",
                    "keys": {"resident_id": "resident_id"},
                    "fields": {"name": "name", "sex": "sex", "birth_date": "birth_date"},
                    "recency": "updated_at",
                },
                {
                    "supply": "civil/marriages",
                    "keys": {"resident_id": "resident_id"},
                    "fields": {"name": "name"},
                },
            ],
            "survivorship": {"name": {"rule": "authority", "order": ["police/residents"]}},
            "compare": {"name": {"how": "name"}},
            "evidence": {"compare": {"name": {"how": "name"}}, "conflictWhen": 1},
            "duplicates": [["name", "birth_date"]],
        },
    )


def _fund() -> Document:
    return contract(
        "fund",
        "资金基础数据集",
        "103001/000001",
        [
            prop("payment_no", "string", "varchar(32)", **KEY),
            prop("payee_id", "string", "varchar(18)", custom=RESIDENT),
            prop("payee", "string", "varchar(64)"),
            prop("amount", "number", "decimal(18,2)", custom={"unit": "CNY"}),
        ],
        reconcile={
            "entity": "payment",
            "keys": [{"name": "payment_no"}],
            "sources": [
                {
                    "supply": "treasury/payments",
                    "keys": {"payment_no": "payment_no"},
                    "fields": {"payee_id": "payee_id", "amount": "amount"},
                    "where": "amount > 0",
                }
            ],
            "resolve": [
                {
                    "field": "payee",
                    "using": {"population": "payee_id"},
                    "key": {"population": "resident_id"},
                }
            ],
            "balance": [
                {
                    "name": "budget",
                    "into": [
                        {"supply": "treasury/allocations", "line": "line_no", "amount": "amount"}
                    ],
                    "out": [{"supply": "treasury/payments", "line": "line_no", "amount": "amount"}],
                }
            ],
        },
    )


def write(files: dict[str, Any], root: Path) -> Path:
    """Write the files below `root`; text and bytes go as they are, mappings as YAML."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            dumped = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
            path.write_text(dumped, encoding="utf-8")
    return root
