"""What kind of value a golden field holds, from its properties and from the words of its name."""

from __future__ import annotations

import re

from schemas.contract import Field, LogicalType
from schemas.linkage import Kind, Linkage
from schemas.reconciliation import Reconcile

_WORDS: tuple[tuple[Kind, str, str], ...] = (
    # kind, words of Latin names, parts of Chinese names; the first row that fits counts
    (
        "phone",
        "phone telephone tel mobile cell cellphone fax phones phonenumber",
        "电话 手机 联系方式 传真",
    ),
    (
        "identifier",
        (
            "id identifier ssn nhs passport licence license isbn ean gtin sku vin iban uscc tin "
            "vat doi email mail website url homepage domain"
        ),
        "身份证 证件号 证号 证照号 统一社会信用代码 信用代码 注册号 税号 编号 号码 护照 邮箱 网址",
    ),
    (
        "code",
        (
            "postcode zip zipcode postal plz state province county country nationality gender sex "
            "code type status category ethnicity race suffix currency language"
        ),
        "邮编 邮政编码 性别 民族 国籍 省份 状态 类型 类别 行业 代码 区划",
    ),
    (
        "address",
        (
            "address addr street road suburb town village district city locality place location "
            "neighbourhood neighborhood house apartment flat residence"
        ),
        "地址 住址 住所 街道 居住地 户籍地 经营场所 城市 市区 小区 村 社区 门牌 所在地 户籍 籍贯",
    ),
    (
        "organisation_name",
        (
            "company organisation organization firm enterprise employer business corporation org "
            "restaurant hotel shop supplier vendor brand publisher bank school hospital"
        ),
        "企业 公司 单位 机构名 机构 商户 法人名称 字号 酒店 餐厅 学校 医院",
    ),
    (
        "person_name",
        (
            "surname forename firstname lastname givenname fname lname middlename maiden nickname "
            "fullname person given first last middle family"
        ),
        "姓名 姓 名字 曾用名 法定代表人 法人代表 负责人 联系人 户主",
    ),
)
_DATE = re.compile(r"\b(date|dob|birthday|birthdate)\b|日期|出生")
_PERSON_ROLES = re.compile(r"\b(representative|legal rep|owner|contact|principal|director)\b")
_DOOR = re.compile(
    r"\b(street|house|flat|unit|apartment|building|door) (number|num|no|nr)\b|门牌号"
)
_NUMBER_OF = re.compile(
    r"\b(company|organi[sz]ation|business|registration|licen[cs]e|tax|account|member|customer"
    r"|patient|person|employee|student) (number|num|no|nr|id)\b"
)
_TITLE = re.compile(r"\b(title|description|abstract|notes?|comment|summary|text)\b|标题|描述|备注")
_NAME = re.compile(r"\bname\b|名称|姓名|名$")
_ORGANISATIONS = re.compile(
    r"organi[sz]ation|enterprise|company|firm|business|restaurant|hotel|legal|企业|法人|单位|机构"
)
_PERSONS = re.compile(
    r"person|resident|people|population|citizen|patient|customer|client|employee|voter|student"
    r"|人口|居民|人员|患者|客户"
)


def kind_of(field: Field, plan: Reconcile, linkage: Linkage) -> Kind:
    """The kind of a golden field: as the contract says, else by type, identifier and name."""
    link = linkage.fields.get(field.name)
    if link is not None and link.kind is not None:
        return link.kind
    if field.properties.identifier or field.name in {k.field or k.name for k in plan.keys}:
        return "identifier"
    if field.properties.codelist:
        return "code"
    if field.type.logical in (LogicalType.DATE, LogicalType.TIMESTAMP):
        return "date"
    if field.type.logical is LogicalType.BOOLEAN:
        return "code"
    named = _by_name(_words_of(field), field, plan)
    if field.type.logical in (LogicalType.NUMBER, LogicalType.INTEGER):
        # Numbers that name something (a phone, a postcode) are compared as what they name.
        return named if named in ("phone", "identifier", "code") else "number"
    comparison = plan.compare.get(field.name)
    if comparison is not None and comparison.how == "name" and named in (None, "text"):
        return "organisation_name" if _ORGANISATIONS.search(plan.entity) else "person_name"
    if comparison is not None and comparison.how == "date":
        return "date"
    return named or "text"


def _words_of(field: Field) -> str:
    """The words of name and titles, in small letters, apart from each other by spaces."""
    texts = (field.name, field.title, field.properties.title_en or "")
    parted = (re.sub(r"([a-z])([A-Z])", r"\1 \2", text) for text in texts)
    return " ".join(re.sub(r"[\W_0-9]+", " ", text).lower() for text in parted)


def _by_name(words: str, field: Field, plan: Reconcile) -> Kind | None:
    if _TITLE.search(words):
        return "text"
    if _DATE.search(words):
        return "date"
    if _DOOR.search(words):
        return "code"
    if _NUMBER_OF.search(words):
        return "identifier"
    if _PERSON_ROLES.search(words) and not re.search(r"\b(id|number|phone|address)\b", words):
        return "person_name"
    single = words.split()
    for kind, latin, chinese in _WORDS:
        wanted = set(latin.split())
        if any(word in wanted for word in single) or any(c in words for c in chinese.split()):
            return kind
    if re.search(r"\b(number|no|num|nr)\b", words):
        return "identifier"
    if _NAME.search(words):
        about = f"{plan.entity} {field.name}".lower()
        if _PERSONS.search(about):
            return "person_name"
        return "organisation_name" if _ORGANISATIONS.search(about) else None
    return None
