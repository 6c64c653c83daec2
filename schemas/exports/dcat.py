"""DCAT 3 / DCAT-AP 3 in JSON-LD: the catalog as data portals harvest it.

The context stands in the document, so that nothing is fetched to read it.
"""

from __future__ import annotations

from typing import Any

from schemas.contract import Catalog, Dataset, Supply
from schemas.exports.names import SHARE
from schemas.properties import Department, ShareType, UpdateCycle

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "adms": "http://www.w3.org/ns/adms#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "hub": "urn:exchange-hub:",
}
_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_FREQUENCIES = {
    UpdateCycle.REALTIME: "CONT",
    UpdateCycle.DAILY: "DAILY",
    UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.TEN_DAYS: "MONTHLY_3",
    UpdateCycle.MONTHLY: "MONTHLY",
    UpdateCycle.QUARTERLY: "QUARTERLY",
    UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL",
    UpdateCycle.IRREGULAR: "IRREG",
    UpdateCycle.NEVER: "NEVER",
    UpdateCycle.OTHER: "OTHER",
}
_STATUS = "http://publications.europa.eu/resource/authority/dataset-status/"
_STATUSES = {"active": "COMPLETED", "deprecated": "DEPRECATED", "retired": "WITHDRAWN"}


def dcat(catalog: Catalog) -> dict[str, Any]:
    """The whole catalog: datasets and supplies, their publishers, the scheme of 共享类型."""
    publishers = {s.department.name: s.department for s in catalog.supplies.values()}
    tables: list[Supply | Dataset] = [*catalog.datasets.values(), *catalog.supplies.values()]
    graph: list[dict[str, Any]] = [
        {
            "@id": "hub:catalog",
            "@type": "dcat:Catalog",
            "dct:title": _both("政务数据目录", "Government data catalog"),
            "dct:description": _both(
                "各部门归集资源与基础数据集", "Supplies of all departments, and the base datasets"
            ),
            "dct:publisher": {"@id": "hub:hub"},
            "dcat:dataset": [{"@id": _id(table)} for table in tables],
            "dcat:themeTaxonomy": {"@id": "hub:share-type"},
        },
        _agent("hub:hub", "数据共享交换平台", "Exchange hub", None),
    ]
    graph += [_department(department) for department in publishers.values()]
    graph += _share_types()
    for table in tables:
        graph.append(_dataset(table, catalog))
        graph.append(_distribution(table))
    return {"@context": CONTEXT, "@graph": graph}


def _id(table: Supply | Dataset) -> str:
    kind = "supply" if isinstance(table, Supply) else "dataset"
    return f"hub:{kind}:{table.name.replace('/', ':')}"


def _both(zh: str, en: str) -> list[dict[str, str]]:
    return [{"@value": zh, "@language": "zh"}, {"@value": en, "@language": "en"}]


def _agent(node: str, zh: str, en: str, code: str | None) -> dict[str, Any]:
    agent = {"@id": node, "@type": "foaf:Agent", "foaf:name": _both(zh, en)}
    return agent | ({"dct:identifier": code} if code else {})


def _department(department: Department) -> dict[str, Any]:
    title = department.title
    return _agent(f"hub:department:{department.name}", title.zh, title.en, department.code)


def _share_types() -> list[dict[str, Any]]:
    scheme = {
        "@id": "hub:share-type",
        "@type": "skos:ConceptScheme",
        "dct:title": _both("共享类型", "Share type"),
    }
    concepts = [
        {
            "@id": f"hub:share-type:{value}",
            "@type": ["skos:Concept", "dct:RightsStatement"],
            "skos:inScheme": {"@id": "hub:share-type"},
            "skos:prefLabel": _both(*SHARE[value]),
        }
        for value in ShareType
    ]
    return [scheme, *concepts]


def _dataset(table: Supply | Dataset, catalog: Catalog) -> dict[str, Any]:
    directory = table.properties.directory
    publisher = f"department:{table.department.name}" if isinstance(table, Supply) else "hub"
    node: dict[str, Any] = {
        "@id": _id(table),
        "@type": "dcat:Dataset",
        "dct:title": _both(table.title, table.title_en),
        "dct:description": _both(table.description or table.title, table.title_en),
        "dct:identifier": directory.resource_code or table.name,
        "dct:publisher": {"@id": f"hub:{publisher}"},
        "dct:accrualPeriodicity": {"@id": _FREQUENCY + _FREQUENCIES[directory.update_cycle]},
        "dct:accessRights": {"@id": f"hub:share-type:{directory.share_type}"},
        "dcat:version": table.version,
        "dcat:distribution": {"@id": f"{_id(table)}:table"},
    }
    if table.status in _STATUSES:
        node["adms:status"] = {"@id": _STATUS + _STATUSES[table.status]}
    if directory.share_condition:
        node["dct:rights"] = {"@value": directory.share_condition, "@language": "zh"}
    if directory.keywords:
        node["dcat:keyword"] = [{"@value": k, "@language": "zh"} for k in directory.keywords]
    if directory.published_on:
        issued = directory.published_on.isoformat()
        node["dct:issued"] = {"@value": issued, "@type": "xsd:date"}
    others: list[Supply | Dataset] = [*catalog.supplies.values(), *catalog.datasets.values()]
    by_code = {other.properties.directory.resource_code: other for other in others}
    related = [by_code[code] for code in directory.related_resources if code in by_code]
    if related:
        node["dct:relation"] = [{"@id": _id(other)} for other in related]
    if isinstance(table, Dataset):
        sources = [catalog.supplies[s] for s in table.supplies if s in catalog.supplies]
        node["prov:wasDerivedFrom"] = [{"@id": _id(source)} for source in sources]
    return node


def _distribution(table: Supply | Dataset) -> dict[str, Any]:
    directory = table.properties.directory
    return {
        "@id": f"{_id(table)}:table",
        "@type": "dcat:Distribution",
        "dct:title": _both(table.title, table.title_en),
        "dct:format": directory.resource_format,
        "dcat:accessURL": {"@id": _id(table)},
        "dct:conformsTo": {
            "@id": f"urn:exchange-hub:contract:{table.name.replace('/', ':')}:{table.version}"
        },
    }
