"""Findings about one contract's table, fields and quality rules."""

from __future__ import annotations

from schemas.messages.message import Message, warning

FIELDS = {
    "schema_count": Message(
        "a contract describes exactly one table, this one {count}",
        "一份契约只描述一张表，此处有 {count} 张",
    ),
    "schema_empty": Message("the table has no fields", "表没有任何字段"),
    "version_semver": Message(
        "version {found!r} is not of the form 1.2.3", "版本号 {found!r} 不是 1.2.3 的形式"
    ),
    "status_unknown": warning(
        "status {found!r} is none of proposed, draft, active, deprecated, retired",
        "状态 {found!r} 不是 proposed、draft、active、deprecated、retired 之一",
    ),
    "id_duplicate": Message(
        "the id {id!r} is already that of {other}", "标识 {id!r} 已被 {other} 使用"
    ),
    "field_duplicate": Message(
        "the field {name!r} stands here twice (upper and lower case are not told apart)",
        "字段 {name!r} 重复（不区分大小写）",
    ),
    "field_name": Message(
        "the field name {name!r} is not allowed: letters, digits and _, and no _ in front",
        "字段名 {name!r} 不允许：只能用字母、数字与下划线，且不得以下划线开头",
    ),
    "column_duplicate": Message(
        "the column {column!r} is already read as field {other!r}",
        "源列 {column!r} 已对应字段 {other!r}",
    ),
    "alias_duplicate": Message(
        "the alias {alias!r} is also a name of field {other!r}",
        "别名 {alias!r} 同时也是字段 {other!r} 的名称",
    ),
    "type_missing": Message(
        "neither logicalType nor a known physicalType says what the field holds",
        "logicalType 与 physicalType 都没有说明字段的类型",
    ),
    "type_mismatch": Message(
        "physicalType {physical!r} is {actual}, logicalType says {logical}",
        "physicalType {physical!r} 属于 {actual}，而 logicalType 写的是 {logical}",
    ),
    "precision_range": Message(
        "precision must be 1 to 38 and scale no more than precision, found {physical!r}",
        "精度须为 1 至 38，小数位不得多于精度，实为 {physical!r}",
    ),
    "length_range": Message(
        "a text is 1 to 65535 long, found {found}", "字符型长度须为 1 至 65535，实为 {found}"
    ),
    "length_order": Message(
        "minLength {low} is more than maxLength {high}", "minLength {low} 大于 maxLength {high}"
    ),
    "length_mismatch": warning(
        "maxLength {found} is more than {physical!r} can hold",
        "maxLength {found} 超过 {physical!r} 所能存放的长度",
    ),
    "pattern_invalid": Message(
        "the pattern is not a regular expression: {detail}", "正则表达式有误：{detail}"
    ),
    "limit_invalid": Message(
        "{found!r} is not a value of type {logical}", "{found!r} 不是 {logical} 类型的值"
    ),
    "limit_order": Message(
        "minimum {low} is above maximum {high}", "最小值 {low} 大于最大值 {high}"
    ),
    "option_unchecked": warning(
        "the hub does not check the option {option!r}", "平台不检查选项 {option!r}"
    ),
    "key_position": Message(
        "the key's positions must be 1 to {count}, each once, found {found}",
        "主键次序须为 1 至 {count} 且各出现一次，实为 {found}",
    ),
    "key_position_without_key": Message(
        "primaryKeyPosition without primaryKey: true",
        "有 primaryKeyPosition 而没有 primaryKey: true",
    ),
    "format_invalid": Message(
        "{found!r} is not a strptime format with year, month and day",
        "{found!r} 不是包含年月日的 strptime 格式",
    ),
    "format_unused": Message(
        "formats are for dates and times, this field is {logical}",
        "formats 只用于日期与时间，此字段为 {logical}",
    ),
    "timezone_unknown": Message("no time zone is called {found!r}", "没有名为 {found!r} 的时区"),
    "timezone_unused": warning(
        "a time zone is for timestamps, this field is {logical}",
        "时区只用于时间戳，此字段为 {logical}",
    ),
    "codelist_unknown": Message(
        "there is no codelists/{name}.csv{hint_en}", "没有 codelists/{name}.csv{hint_zh}"
    ),
    "verdict_unknown": Message(
        "the field's identifier has no verdict {name!r}{hint_en}",
        "该标识类型没有判定项 {name!r}{hint_zh}",
    ),
    "identifier_unknown": Message(
        "the hub knows no identifier {name!r}{hint_en}", "平台没有标识类型 {name!r}{hint_zh}"
    ),
    "sensitive_missing": warning(
        "the field holds resident numbers and is not marked sensitive",
        "字段存放公民身份号码，却没有标为 sensitive（敏感）",
    ),
    "sla_element": Message(
        "slaProperties speak of {element!r}, which is no field{hint_en}",
        "slaProperties 提到的 {element!r} 不是字段{hint_zh}",
    ),
    "sla_value": Message(
        "{property} needs a number and a unit of time, found {found!r}",
        "{property} 须写数字与时间单位，实为 {found!r}",
    ),
}

QUALITY = {
    "quality_engine": Message(
        "the hub runs custom rules of greatExpectations only, found {found!r}",
        "平台只运行 greatExpectations 的自定义规则，实为 {found!r}",
    ),
    "quality_implementation": Message(
        "implementation must name an expectation: type and kwargs ({detail})",
        "implementation 须写明期望：type 与 kwargs（{detail}）",
    ),
    "quality_column": Message(
        "the rule speaks of {name!r}, which is no field{hint_en}",
        "规则提到的 {name!r} 不是字段{hint_zh}",
    ),
    "quality_severity": Message(
        "severity is info, warning or error, found {found!r}",
        "severity 须为 info、warning 或 error，实为 {found!r}",
    ),
    "quality_unchecked": warning(
        "a rule of type {kind!r} is documentation: the hub does not run it",
        "类型为 {kind!r} 的规则只作说明，平台不运行",
    ),
    "quality_broken": Message("the rule cannot be run: {detail}", "规则无法运行：{detail}"),
    "quality_rule": warning(
        "the rule {rule!r} has no metric in ODCS 3.1, so the hub does not run it",
        "规则 {rule!r} 在 ODCS 3.1 没有对应的 metric，平台不运行",
    ),
}
