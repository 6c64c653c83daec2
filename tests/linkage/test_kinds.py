"""What a field holds follows from its type and from the words of its name, in two languages."""

from __future__ import annotations

import pytest

from hub.linkage.kinds import kind_of
from schemas.contract import Field, FieldType, LogicalType
from schemas.linkage import Kind, Link, Linkage
from schemas.properties import FieldProperties, Reconcile

TEXT = LogicalType.STRING


def kind(entity: str, name: str, title: str, logical: LogicalType, linkage: Linkage) -> Kind:
    given = {"entity": entity, "sources": [{"supply": "d/s", "fields": {}}], "linkage": {}}
    field = Field(name, name, FieldType(logical), title or name)
    return kind_of(field, Reconcile.model_validate(given), linkage)


@pytest.mark.parametrize(
    ("entity", "name", "title", "logical", "expected"),
    [
        ("person", "given_name", "", TEXT, "person_name"),
        ("person", "lname", "", TEXT, "person_name"),
        ("person", "xm", "姓名", TEXT, "person_name"),
        ("person", "dob", "", TEXT, "date"),
        ("person", "csrq", "出生日期", LogicalType.DATE, "date"),
        ("person", "phone_number", "", LogicalType.INTEGER, "phone"),
        ("person", "lxdh", "联系电话", TEXT, "phone"),
        ("person", "street_number", "", TEXT, "code"),
        ("person", "address_1", "", TEXT, "address"),
        ("person", "dz", "家庭住址", TEXT, "address"),
        ("person", "zip_code", "", LogicalType.INTEGER, "code"),
        ("person", "age", "", LogicalType.INTEGER, "number"),
        ("person", "soc_sec_id", "", TEXT, "identifier"),
        ("person", "gzdw", "工作单位", TEXT, "organisation_name"),
        ("restaurant", "name", "", TEXT, "organisation_name"),
        ("enterprise", "mc", "名称", TEXT, "organisation_name"),
        ("enterprise", "fddbr", "法定代表人", TEXT, "person_name"),
        ("company", "company_number", "", TEXT, "identifier"),
        ("publication", "title", "", TEXT, "text"),
        ("publication", "year", "", LogicalType.INTEGER, "number"),
        ("thing", "active", "", LogicalType.BOOLEAN, "code"),
        ("thing", "whatever", "", TEXT, "text"),
    ],
)
def test_kinds_follow_from_types_and_words(
    entity: str, name: str, title: str, logical: LogicalType, expected: Kind
) -> None:
    assert kind(entity, name, title, logical, Linkage()) == expected
    said = Linkage(fields={name: Link(kind="code")})
    assert kind(entity, name, title, logical, said) == "code"


def test_identifiers_and_code_lists_come_before_words() -> None:
    plan = Reconcile.model_validate(
        {"entity": "person", "sources": [{"supply": "d/s", "fields": {}}], "linkage": {}}
    )
    listed = FieldProperties(codelist="places")
    number = FieldProperties(identifier="resident_id")
    fields = [
        Field("address", "address", FieldType(TEXT), "address", properties=properties)
        for properties in (listed, number)
    ]
    assert [kind_of(f, plan, Linkage()) for f in fields] == ["code", "identifier"]
