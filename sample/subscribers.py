"""The sample city's subscribers: what they ask for, and what is decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sample.story import DAYS, Act, Story
from schemas.sharing import (
    Application,
    Condition,
    Generalise,
    GrantedField,
    Partial,
    Pseudonym,
    Terms,
    Way,
)


def stories(today: date) -> tuple[Story, ...]:
    """Subscribers of every kind, as of a day."""
    year = today + timedelta(days=365)
    return tuple(_stories(today, year))


def _stories(today: date, year: date) -> Iterator[Story]:
    first = today - timedelta(days=DAYS)
    relief = _asks(
        "civil_affairs", "population", "社会救助对象资格核对", "《社会救助暂行办法》第五十八条",
        _terms("resident_id name sex birth_date division status death_date", "pull download"),
        until=year,
    )  # fmt: skip
    yield Story(
        "granted", relief, (Act(0, "file"), Act(1, "accept"), Act(3, "grant", "职责范围内"))
    )

    register = _asks(
        "tax", "enterprise", "税务登记信息比对", "《中华人民共和国税收征收管理法》第十五条",
        _terms("org_code uscc tax_id name legal_form address division industry established_on "
               "status cancelled_on", "database"),
        until=year,
    )  # fmt: skip
    yield Story("by_rule", register, (Act(0, "file"),))

    wide = _asks(
        "medical_insurance", "population", "参保人员生存状态核验",
        "《中华人民共和国社会保险法》第七十四条",
        _terms("resident_id name address phone status death_date", "file"), until=year,
    )  # fmt: skip
    narrow = Terms(
        fields=(
            GrantedField(name="resident_id"),
            GrantedField(name="name", mask=Partial(first=1)),
            GrantedField(name="status"),
            GrantedField(name="death_date"),
        ),
        ways=(Way.FILE,),
    )
    yield Story(
        "narrowed",
        wide,
        (
            Act(1, "file"),
            Act(2, "accept"),
            Act(6, "narrow", "核验生存状态不需要住址和电话", narrow),
        ),
    )
    yield from _research(year)
    yield from _returned(year)
    yield from _refused(year)

    households = _asks(
        "police", "population", "户籍登记信息补充核对", "《户口登记条例》第三条",
        _terms("resident_id name address phone status death_date", "download"), until=year,
    )  # fmt: skip
    yield Story("own_data", households, (Act(8, "file"), Act(9, "accept"), Act(13, "grant")))

    old = _asks(
        "housing", "enterprise", "房地产开发企业资质年检", "《城市房地产开发经营管理条例》第九条",
        _terms("uscc name status cancelled_on", "download"), until=first + timedelta(days=30),
    )  # fmt: skip
    yield Story("expired", old, (Act(2, "file"),))

    aid = _asks(
        "justice", "population", "法律援助申请人身份核验", "《中华人民共和国法律援助法》第四十一条",
        _terms("resident_id name address", "pull download"), until=year,
    )  # fmt: skip
    revoked = Act(50, "revoke", "用于授权以外的用途，按规定收回")
    yield Story("revoked", aid, (Act(3, "file"), Act(4, "accept"), Act(7, "grant"), revoked))

    spent = _asks(
        "audit", "fund", "财政资金审计", "《中华人民共和国审计法》第三十四条",
        _terms("payment_no line_no line_kind payee_uscc payee_name payee_entity_id amount purpose "
               "fund_type paid_at", "pull download",
               rows=(Condition(field="line_kind", one_of=("social", "capital")),), history=True),
        until=year,
    )  # fmt: skip
    yield Story("history", spent, (Act(4, "file"), Act(5, "accept"), Act(12, "grant")))

    own = (Condition(field="division", one_of=("990102",)),)
    people = _asks(
        "donghu", "population", "辖区人口基础信息回流", "《政务数据共享条例》关于数据回流的规定",
        _terms("resident_id name sex ethnicity birth_date division address status death_date",
               "pull", rows=own, scope="subscriber"),
        until=year,
    )  # fmt: skip
    yield Story("slice", people, (Act(5, "file"), Act(6, "accept"), Act(8, "grant")))
    firms = _asks(
        "donghu", "enterprise", "辖区法人基础信息回流", "《政务数据共享条例》关于数据回流的规定",
        _terms("org_code uscc name legal_form address division industry status", "pull",
               rows=own, scope="subscriber"),
        until=year,
    )  # fmt: skip
    yield Story("slice_of_firms", firms, (Act(5, "file"),))
    yield from _under_way(year)


def _research(year: date) -> Iterator[Story]:
    """One subscriber whose pseudonyms are equal in three datasets."""
    persons = Terms(
        fields=(
            GrantedField(name="resident_id", mask=Pseudonym()),
            GrantedField(name="sex"),
            GrantedField(name="birth_date", mask=Generalise(to="year")),
            GrantedField(name="division"),
        ),
        ways=(Way.PULL,),
        scope="subscriber",
    )
    payments = Terms(
        fields=(
            GrantedField(name="payee_entity_id", mask=Pseudonym()),
            GrantedField(name="amount"),
            GrantedField(name="fund_type"),
            GrantedField(name="paid_at", mask=Generalise(to="month")),
        ),
        ways=(Way.PULL,),
        scope="subscriber",
    )
    law = "《中华人民共和国统计法》第八条"
    people = _asks("statistics", "population", "人口抽样调查推算", law, persons, until=year)
    yield Story("pseudonyms", people, (Act(2, "file"), Act(3, "accept"), Act(9, "grant")))
    money = _asks("statistics", "fund", "民生支出统计", law, payments, until=year)
    yield Story("pseudonyms_of_money", money, (Act(2, "file"), Act(3, "accept"), Act(10, "grant")))


def _returned(year: date) -> Iterator[Story]:
    whole = _asks(
        "education", "population", "学籍信息核验", "《中华人民共和国义务教育法》第九条",
        _terms("resident_id name sex birth_date school division", "file database"), until=year,
    )  # fmt: skip
    part = whole.model_copy(update={"legal_basis": "", "until": None})
    yield Story(
        "returned",
        part,
        (
            Act(3, "file"),
            Act(4, "give_back", "请写明法律依据的条款"),
            Act(8, "resubmit", application=whole),
            Act(9, "accept"),
            Act(13, "grant"),
        ),
    )
    lying = _asks("development", "population", "人口规划", "", _terms("sex birth_date", "pull"))
    yield Story("left_lying", lying, (Act(45, "file"), Act(46, "give_back", "请补齐材料")))


def _refused(year: date) -> Iterator[Story]:
    drivers = _asks(
        "transport", "population", "营运驾驶员宣传短信发送", "《道路运输条例》第二十三条",
        _terms("resident_id name phone", "pull"), until=year,
    )  # fmt: skip
    no = Act(12, "refuse", "发送宣传短信超出所列法律依据的范围")
    yield Story("refused", drivers, (Act(6, "file"), Act(7, "accept"), no))

    homes = _asks(
        "funds", "population", "住房资金账户信息更新", "《住房公积金管理条例》第十五条",
        _terms("resident_id name address phone marital_status", "download"), until=year,
    )  # fmt: skip
    yield Story(
        "upheld",
        homes,
        (
            Act(6, "file"),
            Act(7, "accept"),
            Act(14, "refuse", "可由缴存单位申报取得"),
            Act(16, "dispute", "缴存单位申报不及时"),
            Act(22, "uphold", "驳回理由成立"),
        ),
    )
    soldiers = _asks(
        "veterans", "population", "优抚对象年度确认", "《军人抚恤优待条例》第四条",
        _terms("resident_id name status death_date address", "pull"), until=year,
    )  # fmt: skip
    settled = soldiers.terms.model_copy(update={"fields": soldiers.terms.fields[:4]})
    yield Story(
        "overturned",
        soldiers,
        (
            Act(7, "file"),
            Act(8, "accept"),
            Act(15, "refuse", "未说明逐户核对的必要性"),
            Act(17, "dispute", "年度确认须核对生存状态"),
            Act(24, "overturn", "核对生存状态确有必要；住址不需要", settled),
        ),
    )


def _under_way(year: date) -> Iterator[Story]:
    """Requests that wait for somebody: one in time, one overdue, one extended, one taken back."""
    sick = _asks(
        "health", "population", "慢性病随访人员信息更新",
        "《中华人民共和国基本医疗卫生与健康促进法》第二十条",
        _terms("resident_id name status death_date", "pull"), until=year,
    )  # fmt: skip
    yield Story("waiting", sick, (Act(DAYS - 4, "file"), Act(DAYS - 3, "accept")))
    cards = _asks(
        "disabled_federation", "population", "残疾人证换发核验", "《残疾人保障法》第十五条",
        _terms("resident_id name status", "pull"), until=year,
    )  # fmt: skip
    yield Story("overdue", cards, (Act(20, "file"), Act(21, "accept")))
    jobs = _asks(
        "human_resources", "population", "养老金领取资格认证",
        "《中华人民共和国社会保险法》第八十八条",
        _terms("resident_id name status death_date", "pull download"), until=year,
    )  # fmt: skip
    yield Story(
        "extended",
        jobs,
        (
            Act(10, "file"),
            Act(11, "accept"),
            Act(18, "ask_extension", "须会同殡葬管理部门核实"),
            Act(19, "consent"),
            Act(32, "grant"),
        ),
    )
    farms = _asks(
        "agriculture", "population", "耕地承包人信息更新", "《农村土地承包法》第二十四条",
        _terms("resident_id name division", "pull"), until=year,
    )  # fmt: skip
    yield Story("withdrawn", farms, (Act(30, "file"), Act(33, "withdraw", "改由街道直接采集")))


def _asks(
    subscriber: str, dataset: str, purpose: str, basis: str, terms: Terms, until: date | None = None
) -> Application:
    return Application(
        subscriber=subscriber,
        dataset=dataset,
        purpose=purpose,
        legal_basis=basis,
        scenario=f"{purpose}业务系统" if basis else "",
        terms=terms,
        until=until,
        contact="信息科",
    )


def _terms(fields: str, ways: str, **more: object) -> Terms:
    """Fields as published but for ids of other datasets' entities, which leave as pseudonyms."""
    granted = tuple(
        GrantedField(name=name, mask=Pseudonym()) if name.endswith("_entity_id")
        else GrantedField(name=name)
        for name in fields.split()
    )  # fmt: skip
    plain = Terms(fields=granted, ways=tuple(Way(way) for way in ways.split()))
    return plain.model_copy(update=more)
