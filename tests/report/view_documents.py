"""Documents to lay out: one of each kind, small, made by hand; and one of ten thousand rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hub.report.document import (
    Cell,
    Dimension,
    DiscrepancyLine,
    Document,
    Figure,
    Line,
    Point,
    RuleLine,
    Sample,
    Scorecard,
    Words,
)
from quality.messages import clause, says
from quality.scorecard.score import Sum, indicator_score, percent
from quality.scorecard.standard import DIMENSIONS, INDICATORS

BATCH = "police.residents-20261120T180000Z-3f2a91c07d"
RESIDENTS, SEALS = "police/residents", "police/seals"
FIELDS = {
    "resident_id": Words("公民身份号码", "Resident number"),
    "name": Words("姓名", "Name"),
    "sex": Words("性别", "Sex"),
    "birth_date": Words("出生日期", "Date of birth"),
    "division": Words("户籍地行政区划", "Division of residence"),
    "registered_on": Words("登记日期", "Registered on"),
    "phone": Words("联系电话", "Phone"),
}
COUNTED = {  # indicator: (A, B)
    "0102": (1, 1),
    "0105": (199_612, 200_000),
    "0201": (599_311, 600_000),
    "0202": (1, 1),
    "0301": (199_871, 200_000),
    "0302": (799_999, 800_000),
    "0303": (14, 200_000),
    "0304": (199_986, 200_000),
    "0402": (180_004, 200_000),
    "0502": (0, 1),
}
RULES = (  # code, fields, arguments, severity, indicator, evaluated, failed
    ("expect_column_pair_values_a_to_be_greater_than_b", ("registered_on", "birth_date"),
     {"column_A": "registered_on", "column_B": "birth_date"}, "error", "0402", 200_000, 19_996),
    ("required", ("phone",), {}, "warning", "0201", 200_000, 689),
    ("codelist", ("sex",), {"codelist": "sex"}, "error", "0105", 200_000, 388),
    ("resident_id.check_digit", ("resident_id",), {}, "error", "0301", 200_000, 129),
    ("resident_id.division", ("resident_id",), {}, "warning", "0105", 200_000, 41),
    ("key.unique", ("resident_id",), {}, "error", "0304", 200_000, 14),
    ("length", ("name",), {"min_value": 1, "max_value": 50}, "info", "0302", 200_000, 1),
    ("key.present", ("resident_id",), {}, "error", "0201", 200_000, 0),
    ("required", ("name",), {}, "error", "0201", 200_000, 0),
    ("type", ("birth_date",), {}, "error", "0302", 200_000, 0),
    ("resident_id.calendar_date", ("resident_id",), {}, "error", "0301", 200_000, 0),
    ("division.known", ("division",), {}, "error", "0105", 0, 0),
    ("library.rowCount", (), {}, "error", "0202", 1, 0),
)  # fmt: skip


def scorecard(counted: dict[str, tuple[int, int]] = COUNTED, score: str = "96.42") -> Scorecard:
    """A card of the shipped shape. Scores of dimensions are given, not computed: a view prints."""
    dimensions = []
    for code, (zh, en) in DIMENSIONS.items():
        figures = []
        for one in INDICATORS.values():
            if one.dimension != code:
                continue
            sums = Sum(*counted.get(one.code, (0, 0)))
            found = percent(indicator_score(one.code, sums))
            name = Words(one.zh, one.en)
            figures.append(Figure(one.code, name, one.inverted, *sums, found, "1"))
        scores = [Fraction(f.score) for f in figures if f.score]
        mean = percent(sum(scores, Fraction()) / 100 / len(scores)) if scores else None
        dimensions.append(Dimension(code, Words(zh, en), mean, "1", tuple(figures)))
    return Scorecard(
        configuration="gbt36344-2018 1.0.0",
        source=Words(
            "指标取自 GB/T 36344-2018。标准未规定权重与等级：此处各维度、各指标等权。",
            "Indicators of GB/T 36344-2018. The standard prescribes neither weights nor grades.",
        ),
        grades=(
            ("excellent", Words("优", "excellent"), "95"),
            ("good", Words("良", "good"), "80"),
            ("sufficient", Words("合格", "sufficient"), "60"),
            ("insufficient", Words("不合格", "insufficient"), "0"),
        ),
        dimensions=tuple(dimensions),
        score=score if counted else None,
        grade="excellent" if counted else None,
    )


def rules(supply: str = RESIDENTS, batches: int = 1) -> tuple[RuleLine, ...]:
    return tuple(
        RuleLine(
            supply=supply,
            rule_id=f"{'+'.join(fields) or 'table'}.{code}",
            code=code,
            fields=fields,
            severity=severity,
            dimension="conformity",
            indicator=indicator,
            says=Words(says(code, fields, kwargs, "zh"), says(code, fields, kwargs, "en")),
            clause=clause(code, kwargs),
            evaluated=evaluated * batches,
            failed=failed * batches,
            batches=batches,
            success=failed == 0 or code == "resident_id.division",
        )
        for code, fields, kwargs, severity, indicator, evaluated, failed in RULES
    )


def cells(lines: Sequence[RuleLine]) -> tuple[Cell, ...]:
    sums: dict[tuple[str, str | None, str], tuple[int, int]] = {}
    for rule in lines:
        key = (rule.supply, rule.fields[0] if rule.fields else None, rule.indicator or "0104")
        a, b = sums.get(key, (0, 0))
        sums[key] = (a + rule.evaluated - rule.failed, b + rule.evaluated)
    return tuple(
        Cell(
            owner=owner,
            field=field,
            title=FIELDS.get(field or "", Words(owner, owner)),
            indicator=indicator,
            numerator=a,
            denominator=b,
            score=percent(indicator_score(indicator, Sum(a, b))),
        )
        for (owner, field, indicator), (a, b) in sums.items()
    )


def trend(points: int) -> tuple[Point, ...]:
    verdicts = ("accept", "accept", "warn", "accept", "hold", "accept", "reject", "accept")
    return tuple(
        Point(
            at=f"2026-11-{n + 1:02d}T02:10:00+08:00",
            label=f"{0x3F2A91C0 + n * 7919:08x}",
            score=None if n == 6 else f"{97.10 + 0.23 * (n % 7) - (4.2 if n == 4 else 0):.2f}",
            rows=200_000 + 37 * n,
            quarantined=0 if n == 6 else 531 + 40 * (n % 5) + (6_000 if n == 4 else 0),
            verdict=verdicts[n % 8],
        )
        for n in range(points)
    )


EMPTY = Document(
    kind="hub",
    id="hub:2026-11",
    title=Words(
        "全平台数据质量月报（2026 年 11 月）", "Data quality of the whole hub, November 2026"
    ),
    subject={},
    since="2026-11-01T00:00:00+08:00",
    until="2026-12-01T00:00:00+08:00",
    made_at="2026-12-01T06:30:12+08:00",
    hub_version="0.1.0",
    scorecard=scorecard({}),
    heatmap=(),
    rules=(),
    samples=(),
    trend=(),
    parts=(),
    discrepancies=(),
)


def batch() -> Document:
    lines = rules()
    return replace(
        EMPTY,
        kind="batch",
        id=f"batch:{BATCH}",
        title=Words(
            "常住人口登记 批次质量报告", "Register of permanent residents: quality of a batch"
        ),
        subject={
            "batch_id": BATCH,
            "supply": RESIDENTS,
            "department": "police",
            "contract_version": "1.2.0",
            "as_of": "2026-11-20T18:00:00+00:00",
            "verdict": "hold",
        },
        since=None,
        until=None,
        scorecard=scorecard(),
        heatmap=cells(lines),
        rules=lines,
        samples=(
            Sample(RESIDENTS, "resident_id.resident_id.check_digit", "resident_id", "9" * 18, 117),
            Sample(
                RESIDENTS, "resident_id.resident_id.check_digit", "resident_id", "9" * 17 + "a", 12
            ),
            Sample(RESIDENTS, "sex.codelist", "sex", "文", 388),
        ),
        trend=trend(14),
        counts={
            "source": 200_000,
            "landed": 200_000,
            "accepted": 178_772,
            "quarantined": 20_527,
            "unchanged": 701,
            "deleted": 12,
        },
    )


def parts() -> tuple[Line, ...]:
    return (
        Line(RESIDENTS, Words("常住人口登记", "Register of permanent residents"),
             30, 6_012_345, 5_400_211, 611_634, 500, "96.42", "excellent", 3, 1),
        Line(SEALS, Words("单位印章备案", "Registered seals"),
             30, 81_204, 81_001, 203, 0, "99.10", "excellent", 1, 0),
        Line("police/vehicles", Words("机动车登记", "Vehicles"), 0, 0, 0, 0, 0, None, None, 0, 0),
    )  # fmt: skip


def department() -> Document:
    lines = (*rules(batches=30), *rules(SEALS, 4)[7:])
    return replace(
        EMPTY,
        kind="department",
        id="department:police:2026-11",
        title=Words(
            "市公安局数据质量月报（2026 年 11 月）",
            "Public Security Bureau: data quality, November 2026",
        ),
        subject={"department": "police"},
        scorecard=scorecard(),
        heatmap=cells(lines),
        rules=lines,
        trend=trend(21),
        parts=parts(),
        counts={
            "batches": 60,
            "source": 6_093_549,
            "accepted": 5_481_212,
            "quarantined": 611_837,
            "unchanged": 500,
        },
    )


def release() -> Document:
    counted = {"0401": (1_198_220, 1_200_000), "0304": (1_200_000, 1_200_000)}
    address = Words("住址", "Address")
    alone = Words("只有一个部门有此人", "only one department knows this person")
    differ = Words("各部门登记的住址不一致", "departments disagree on the address")
    return replace(
        EMPTY,
        kind="release",
        id="release:population:12",
        title=Words("人口基础数据集 第 12 版质量报告", "Population, release 12: quality"),
        subject={
            "dataset": "population",
            "version": "12",
            "created_at": "2026-11-21T05:02:11+08:00",
        },
        since=None,
        until=None,
        scorecard=scorecard(counted, "99.93"),
        heatmap=(
            Cell("population", "address", address, "0401", 598_220, 600_000, "99.70"),
            Cell("population", "name", Words("姓名", "Name"), "0401", 600_000, 600_000, "100.00"),
        ),
        trend=trend(5),
        parts=parts()[:1],
        discrepancies=(
            DiscrepancyLine("population", "field", "address", RESIDENTS, "warning", differ, 1_702),
            DiscrepancyLine("population", "single", None, "health/patients", "info", alone, 78),
        ),
        counts={"rows": 600_000, "inserted": 1_204, "updated": 880, "removed": 16},
    )  # fmt: skip


def whole() -> Document:
    departments = (
        ("police", "市公安局", "Public Security Bureau", "96.42", "excellent", 4, 1),
        ("market", "市市场监督管理局", "Market Regulation Administration", "91.08", "good", 2, 0),
        ("funeral", "市殡葬管理所", "Funeral Administration Office", "58.20", "insufficient", 7, 7),
        (
            "medical_insurance",
            "市医疗保障局",
            "Healthcare Security Administration",
            None,
            None,
            0,
            0,
        ),
    )
    return replace(
        EMPTY,
        scorecard=scorecard(),
        rules=rules(batches=30)[:6],
        trend=trend(12),
        parts=tuple(
            Line(name, Words(zh, en), 60 - 9 * n, 6_093_549 // (n + 1), 5_000_000 // (n + 1),
                 611_837 // (n + 1), 0, score, grade, waiting, overdue)
            for n, (name, zh, en, score, grade, waiting, overdue) in enumerate(departments)
        ),
        counts={"batches": 186, "source": 12_695_000, "accepted": 11_400_000,
                "quarantined": 1_295_000, "unchanged": 0},
    )  # fmt: skip


KINDS = {"batch": batch, "department": department, "release": release, "hub": whole}


def many(count: int = 10_000, supplies: int = 40, failing: int = 700) -> Document:
    """A hub with so many rules that a page cannot say each of them."""
    template = rules()[1]
    lines = tuple(
        replace(
            template,
            supply=f"department_{n % supplies:02d}/supply_{n % supplies:02d}",
            rule_id=f"field_{n // supplies // 5:03d}.required#{n}",
            fields=(f"field_{n // supplies // 5:03d}",),
            indicator=("0105", "0201", "0301", "0302", "0402")[n // supplies % 5],
            evaluated=1_000_000,
            failed=max(failing - n, 0) * 11,
            success=n >= failing,
        )
        for n in range(count)
    )
    return replace(EMPTY, scorecard=scorecard(), heatmap=cells(lines), rules=lines, trend=trend(28))
