"""Findings about cross-checks and policies."""

from __future__ import annotations

from schemas.messages.message import Message, warning

QUESTIONS = {
    "question_name": Message(
        "the file is {file}.yaml, the name in it {name!r}",
        "文件名为 {file}.yaml，其中的 name 却是 {name!r}",
    ),
    "question_ignored": warning(
        "this file is not read: it must be {folder}/<name>.yaml",
        "此文件不会被读取：应为 {folder}/<名称>.yaml",
    ),
    "question_department": Message(
        "there is no department {name!r}{hint_en}", "没有部门 {name!r}{hint_zh}"
    ),
    "question_dataset": Message(
        "{name!r} is not among the datasets that are read here{hint_en}",
        "{name!r} 不在此处读取的数据集之内{hint_zh}",
    ),
    "question_source": Message(
        "{name!r} is no <supply or dataset>.<field> that is read here{hint_en}",
        "{name!r} 不是此处读取的“资源或数据集.字段”{hint_zh}",
    ),
    "relation_twice": Message(
        "two of the tables read here would be the relation {name!r}",
        "此处读取的两张表都会成为关系 {name!r}",
    ),
    "relation_undeclared": Message(
        "the SQL reads {name!r}, which datasets, supplies, codelists and catalog do not name"
        "{hint_en}",
        "SQL 读取了 {name!r}，而 datasets、supplies、codelists 与 catalog 均未声明它{hint_zh}",
    ),
    "relation_unused": warning(
        "the SQL does not read {name!r}: the check would wait and run for nothing",
        "SQL 没有读取 {name!r}：会白白等待与运行",
    ),
    "select_invalid": Message("not one SELECT: {detail}", "不是单条 SELECT：{detail}"),
    "select_function": Message(
        "the SQL may not call {name}: it reads files, the network or the engine",
        "SQL 不得调用 {name}：它会读取文件、网络或数据库引擎本身",
    ),
    "select_clock": Message(
        "{name} differs from run to run: write $as_of",
        "{name} 每次运行结果不同：请使用 $as_of",
    ),
    "select_binding": Message(
        "the SQL does not fit the tables: {detail}", "SQL 与各表不符：{detail}"
    ),
    "select_column": Message(
        "the SELECT gives no column {name!r}{hint_en}", "SELECT 没有列 {name!r}{hint_zh}"
    ),
    "amount_type": Message(
        "an amount is a whole number of fen (BIGINT): {name!r} is {found}",
        "金额须为以分为单位的整数（BIGINT）：{name!r} 为 {found}",
    ),
    "condition_type": Message(
        "a condition is true, false or null: {name!r} is {found}",
        "条件的结果须为真、假或空：{name!r} 为 {found}",
    ),
    "parameter_unknown": Message(
        "the SQL names ${name}, which parameters do not{hint_en}",
        "SQL 用到 ${name}，而 parameters 中没有{hint_zh}",
    ),
    "parameter_unused": warning("no SQL names the parameter ${name}", "没有 SQL 用到参数 ${name}"),
    "parameter_reserved": Message(
        "as_of is the hub's own parameter", "as_of 是平台自带的参数，不得另行定义"
    ),
    "fact_by": Message(
        "say in `by` which column of {name!r} names the entity{hint_en}",
        "请用 by 写明 {name!r} 中指明实体的列{hint_zh}",
    ),
    "fact_unused": warning("no condition names the fact {name!r}", "没有条件用到事实 {name!r}"),
}
