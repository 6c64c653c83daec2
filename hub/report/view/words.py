"""The report's own words in Chinese and English: one catalog, one place to choose from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.report.document import Scorecard, Words
from quality.messages import Language

TAGS = {"zh": "zh-CN", "en": "en"}


def table(lines: str) -> dict[str, Words]:
    """Lines of `key | Chinese | English`."""
    found: dict[str, Words] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        key, zh, en = (part.strip() for part in line.split("|"))
        if key in found:
            raise ValueError(f"the word {key} stands here twice")
        found[key] = Words(zh, en)
    return found


WORDS = table("""
    report            | 数据质量报告 | Data quality report
    kind.batch        | 批次 | Batch
    kind.department   | 部门月报 | Department, monthly
    kind.release      | 发布版本 | Release
    kind.hub          | 平台总览 | Whole hub
    contents          | 目录 | Contents
    period            | 统计期间 | Period
    made_at           | 生成时间 | Made at
    hub_version       | 平台版本 | Hub version
    report_id         | 报告编号 | Report
    configuration     | 评分配置 | Scorecard
    verdict           | 批次结论 | Verdict
    conclusion        | 结论 | Conclusion
    facts             | 报告信息 | About this report
    figures           | 主要数字 | Key figures

    scorecard         | 质量评分 | Scorecard
    score             | 得分 | Score
    score_percent     | 得分 (%) | Score (%)
    grade             | 等级 | Grade
    grades            | 等级划分 | Grades
    dimension         | 维度 | Dimension
    dimensions        | 各维度得分 | Score per dimension
    indicator         | 指标 | Indicator
    weight            | 权重 | Weight
    not_assessed      | 未评估 | not assessed
    counts_wrong      | 逆向 | inverted
    numerator         | A 分子 | A
    denominator       | B 分母 | B
    how_scored        | 得分 = 100 × A ÷ B；标“逆向”的指标按有问题的数量计，得分 = 100 × (1 − A ÷ B)。B 为 0 的指标未评估，不计入加权平均。 | Score = 100 × A ÷ B. Inverted indicators count what is wrong: score = 100 × (1 − A ÷ B). Where B is 0 the indicator is not assessed and takes no part in the weighted means.
    weights_from      | 指标、权重与等级的来源 | Where indicators, weights and grades come from
    total             | 合计 | Total

    trend             | 得分趋势 | Score over time
    trend_capped      | 图中为最近 {shown} 次，共 {total} 次；其余见 Excel 与 JSON 文件。 | The newest {shown} of {total} are drawn; the others are in the Excel and JSON files.
    trend_axis        | 纵轴不从 0 开始 | the axis does not begin at 0
    quarantined_share | 隔离占比 | Share of rows quarantined
    at                | 时间 | At
    label             | 批次或版本 | Batch or release
    rows              | 行数 | Rows
    as_table          | 以表格查看 | The same as a table

    pareto            | 问题最多的规则 | Rules with the most failures
    pareto_note       | 条形为单条规则的不合格数占全部不合格数的比例，折线为累计比例；一行可同时违反多条规则。 | A bar is one rule's share of all failures, the line their running total. One row may break several rules.
    pareto_of         | 图中 {shown} 条，共 {total} 条规则有不合格；它们占全部 {failures} 个不合格的 {share}。 | {shown} of {total} rules with failures; they make {share} of all {failures} failures.

    pareto_without    | 提示级规则未计入。 | Rules that only inform are left out.
    rules             | 检查规则 | Rules
    failing           | 未满足的规则 | Failing rules
    passing           | 已满足的规则 | Rules that hold
    none_failing      | 全部规则均已满足。 | Every rule holds.
    rule              | 规则 | Rule
    field             | 字段 | Field
    fields            | 字段 | Fields
    severity          | 级别 | Severity
    severity.error    | 错误 | error
    severity.warning  | 警告 | warning
    severity.info     | 提示 | info
    clause            | 依据 | Basis
    evaluated         | 检查数 | Checked
    failed            | 不合格数 | Failed
    failed_share      | 不合格率 | Share
    batches           | 批次数 | Batches
    informing_of      | 另有提示 {count} 条 | {count} that only inform
    tolerated_of      | 另有 {count} 条在容许范围内 | {count} within tolerance
    tolerated         | 在容许范围内 | within tolerance
    mend              | 整改 | To mend
    whole_table       | 全表 | whole table
    whole_row         | 整行 | whole row
    supply            | 归集资源 | Supply
    supplies          | 归集资源 | Supplies
    passing_of        | {rules} 条规则，检查 {evaluated} 次 | {rules} rules, {evaluated} checks
    passing_note      | 按归集资源和字段汇总；逐条明细见 Excel 与 JSON 文件。 | Added up per supply and field; each single rule is in the Excel and JSON files.
    nothing_to_check  | 其中无数据可查 | of them without data
    more              | 另有 {count} 项，见 Excel 或 JSON 文件。 | And {count} more, see the Excel or JSON file.

    heatmap           | 字段 × 指标 | Fields by indicator
    heatmap_note      | 数字为得分，底色越深得分越低；“—”表示未评估，空白表示该字段无此指标的规则。得分最低的排在最前。 | The figure is the score; the darker the cell, the lower. A dash: not assessed; blank: no rule of that indicator on the field. Lowest scores first.
    heatmap_totals    | 各归集资源合计 | Totals per supply
    fields_of         | {fields} 个字段，最低 {least} | {fields} fields, lowest {least}
    fields_of_none    | {fields} 个字段 | {fields} fields
    shades            | 底色 | Shades

    parts             | 组成部分 | Parts
    parts.department  | 各归集资源 | Supplies
    parts.hub         | 各部门 | Departments
    parts.release     | 数据来源 | Where the data came from
    key               | 代号 | Id
    name              | 名称 | Name
    source            | 源端行数 | Rows at source
    landed            | 落地行数 | Landed
    accepted          | 接收 | Accepted
    quarantined       | 隔离 | Quarantined
    unchanged         | 未变 | Unchanged
    deleted           | 删除 | Deleted
    orders_open       | 未结工单 | Open orders
    orders_overdue    | 逾期工单 | Overdue

    discrepancies     | 部门间差异 | Discrepancies
    dataset           | 基础数据集 | Dataset
    kind              | 类型 | Kind
    says              | 说明 | What

    samples           | 不合格取值的形状 | Shapes of failing values
    samples_note      | 仅显示形状，不显示取值：9 为数字，A、a 为大小写字母，文 为汉字，9{18} 为连续 18 位，∅ 为空；行数过少的形状合并为“…”。 | The shape only, never the value: 9 is a digit, A and a are letters, 文 a Han character, 9{18} eighteen of them, ∅ nothing; shapes of very few rows are counted together under ….
    shape             | 形状 | Shape

    recompute         | 如何复核 | How to recompute
    recompute_note    | 本报告的每个数字都由平台台账中保存的分子与分母得出。在平台上运行以下命令，可由台账重新计算并逐项比对： | Every figure follows from numerators and denominators kept in the hub's ledger. This command computes them again and compares each:
    recompute_by_hand | 也可按上表的 A、B 与权重手工复核：指标得分保留两位小数（四舍六入五成双），维度得分与总分为已评估部分的加权平均。 | By hand: from A, B and the weights above. Scores are rounded half to even to two places; dimensions and the total are weighted means of what was assessed, from unrounded scores.
    fields_sheet      | 字段×指标 | Fields by indicator
    samples_sheet     | 取值形状 | Shapes
    rule_id           | 规则编号 | Rule id
    code              | 规则代码 | Code
    held              | 是否满足 | Holds
    yes               | 是 | yes
    no                | 否 | no
    overview          | 概览 | Overview
    item              | 项目 | Item
    value             | 内容 | Value
    privacy           | 本报告只含数量与形状，不含任何个人信息。 | This report holds counts and shapes, nothing personal.

    verdict.accept    | 接收 | accept
    verdict.warn      | 接收，有警告 | accept with warnings
    verdict.hold      | 暂缓，待人工裁定 | hold: a person decides
    verdict.reject    | 退回 | reject
    verdict.fault     | 未能检查（平台故障） | fault: a check could not run

    short.accept      | 接收 | Accept
    short.warn        | 警告接收 | Warn
    short.hold        | 暂缓 | Hold
    short.reject      | 退回 | Reject
    short.fault       | 故障 | Fault

    batch_id          | 批次编号 | Batch
    department        | 部门 | Department
    contract          | 数据契约 | Contract
    contract_version  | 契约版本 | Contract version
    as_of             | 数据时点 | As of
    version           | 版本 | Version
    landing_sha256    | 落地数据 SHA-256 | SHA-256 of the landing
    mode              | 归集方式 | Mode
    mode.snapshot     | 全量 | snapshot
    mode.increment    | 增量 | increment
    mode.file         | 文件 | file
    closed_at         | 检查完成 | Checked at
    created_at        | 发布时间 | Released at
    month             | 月份 | Month
    time_zone         | 时区 | Time zone
    reconciliation    | 比对编号 | Reconciliation
    inserted          | 新增 | New rows
    updated           | 更新 | Changed rows
    removed           | 移除 | Removed rows
    moved_on          | 通过的批次 | Batches that moved on
    attempts          | 归集次数 | Attempts to pull
    attempts_failed   | 归集失败 | Failed attempts
    file              | 文件 | File
    rules_failing     | 未满足的规则 | Rules failing
""")  # noqa: E501  a sentence stays on one line, beside its translation


@dataclass(frozen=True)
class Speaker:
    """A catalog of words in one language."""

    language: Language
    catalog: Mapping[str, Words] = field(default_factory=lambda: WORDS)

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return TAGS[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """A word of the catalog, its `{names}` filled. KeyError for a word that is not in it."""
        words = self.of(self.catalog[key])
        return words.format(**values) if values else words

    def of(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def known(self, key: str) -> str:
        """A word of the catalog, or the key itself: facts may have names that are not in it."""
        return self.of(self.catalog[key]) if key in self.catalog else key

    def verdict(self, verdict: str) -> str:
        return self.known(f"verdict.{verdict}") if f"verdict.{verdict}" in self.catalog else verdict

    def severity(self, severity: str) -> str:
        return (
            self.known(f"severity.{severity}")
            if f"severity.{severity}" in self.catalog
            else severity
        )

    def grade(self, card: Scorecard) -> str | None:
        """The name of the grade that was reached."""
        names = {code: self.of(name) for code, name, _ in card.grades}
        return names.get(card.grade or "", card.grade)
