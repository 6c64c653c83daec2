"""The words of the report of findings in Chinese and English."""

from __future__ import annotations

from hub.report.view.words import table

FINDING_WORDS = table("""
    report            | 比对报告 | Cross-checks
    kind.crosschecks  | 跨部门比对 | Across departments
    lead              | 截至{end}，{checks} 个比对模型共命中 {found} 条，涉及 {amount} 元；{unanswered} 条待办，其中 {overdue} 条逾期；已追回 {recovered} 元。 | By {end}, {checks} cross-checks had found {found} cases with {amount} yuan at stake; {unanswered} wait for an answer, {overdue} of them past their day; {recovered} yuan have been recovered.
    lead_none         | 截至{end}，{checks} 个比对模型没有命中。 | By {end}, {checks} cross-checks had found nothing.
    lead_month        | 本期新增 {new} 条，消除 {cleared} 条，追回 {back} 元。 | In this month {new} were new, {cleared} were cleared, and {back} yuan came back.
    contents          | 目录 | Contents
    period            | 统计期间 | Period
    made_at           | 生成时间 | Made at
    hub_version       | 平台版本 | Hub version
    report_id         | 报告编号 | Report
    department        | 责任部门 | Responsible
    month             | 月份 | Month
    time_zone         | 时区 | Time zone
    total             | 合计 | Total

    checks            | 各比对模型 | Cross-checks
    check             | 比对模型 | Cross-check
    question          | 问题 | Question
    legal_basis       | 依据 | Legal basis
    found             | 命中 | Found
    unanswered        | 待办 | Unanswered
    overdue           | 逾期 | Overdue
    amount            | 涉及金额（元） | At stake (yuan)
    recovered_money   | 已追回（元） | Recovered (yuan)
    states            | 状态分布 | By state
    none_found        | 没有命中 | nothing found
    state.open        | 待核实 | open
    state.confirmed   | 已确认 | confirmed
    state.recovering  | 追回中 | recovering
    state.recovered   | 已追回 | recovered
    state.dismissed   | 已排除 | dismissed
    state.cleared     | 已消除 | cleared
    severity          | 级别 | Severity
    severity.error    | 错误 | error
    severity.warning  | 警告 | warning
    severity.info     | 提示 | info
    sums              | 命中 = 待核实 + 已确认 + 追回中 + 已追回 + 已排除 + 已消除，件数与金额均如此；已追回金额为历次追回之和。 | Found = open + confirmed + recovering + recovered + dismissed + cleared, in findings and in money; recovered money is the sum of its parts.
    amounts           | 各状态的件数与金额 | Findings and money by state
    findings_of       | 件 | findings
    yuan              | 元 | yuan

    departments       | 各责任部门 | Departments
    new               | 本期新增 | New
    cleared_month     | 本期消除 | Cleared
    dismissed_month   | 本期排除 | Dismissed
    back_month        | 本期追回（元） | Back this month (yuan)
    by_department     | 比对模型 × 责任部门 | Cross-check by department

    months            | 各月变化 | Month by month
    months_note       | 上图：各月新增（含重现）与了结（消除、排除）件数；下图：各月追回金额。 | Above: findings that were new or came back, and those that ended (cleared, dismissed). Below: money recovered in the month.
    came              | 新增与重现 | New and back again
    ended             | 消除与排除 | Cleared and dismissed
    outstanding       | 月末未追回（元） | Outstanding at its end (yuan)
    unanswered_end    | 月末待办 | Unanswered at its end

    policies          | 政策匹配 | Policies
    policy            | 政策 | Policy
    dataset           | 数据集 | Dataset
    as_of             | 数据时点 | As of
    eligible          | 符合 | Eligible
    not_eligible      | 不符合 | Not eligible
    unknown           | 无法判断 | Unknown
    asked             | 本次计算 | Asked
    carried           | 沿用上次 | Carried over

    recompute         | 如何复核 | How to recompute
    recompute_note    | 本报告的每个数字都由平台台账中的事件累计得出。在平台上运行以下命令，可由台账重新计算并逐项比对： | Every figure is added up from events in the hub's ledger. This command adds them up again and compares each:
    privacy           | 本报告只含数量与金额，不含任何个人信息；证据由 hub crosscheck export 交责任部门。 | This report holds counts and sums, nothing personal; the evidence goes to the department by hub crosscheck export.
    overview          | 概览 | Overview
    item              | 项目 | Item
    value             | 内容 | Value
    conclusion        | 结论 | Conclusion
    name              | 代号 | Id
""")  # noqa: E501  a sentence stays on one line, beside its translation
