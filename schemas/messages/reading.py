"""Findings about files: YAML, the ODCS schema, custom properties."""

from __future__ import annotations

from schemas.messages.message import Message, warning

READING = {
    "no_catalog": Message(
        "there is no folder contracts/ here, so this is not a catalog",
        "此处没有 contracts/ 文件夹，不是政务数据目录",
    ),
    "file_ignored": warning(
        "this file is not read: contracts end in .odcs.yaml and lie in "
        "contracts/supply/<department>/ or contracts/dataset/",
        "此文件不会被读取：契约文件须以 .odcs.yaml 结尾，并放在 "
        "contracts/supply/<部门>/ 或 contracts/dataset/",
    ),
    "yaml_encoding": Message(
        "the file is not UTF-8 from this line on", "文件自此行起不是 UTF-8 编码"
    ),
    "yaml_syntax": Message("not valid YAML: {detail}", "YAML 语法错误：{detail}"),
    "yaml_tab": Message(
        "a tab stands here; YAML indents with spaces", "此行含制表符；YAML 只能用空格缩进"
    ),
    "yaml_not_mapping": Message("the file must be a mapping of keys", "文件内容必须是键值映射"),
    "yaml_key": Message("a key must be plain text", "键必须是纯文本"),
    "yaml_duplicate_key": Message("the key {key!r} stands here twice", "键 {key!r} 重复出现"),
    "yaml_anchor": Message(
        "anchors, aliases and merge keys are not allowed: write the value out",
        "不允许使用锚点、别名与合并键：请写出完整的值",
    ),
    "yaml_tag": Message("the tag {tag!r} is not allowed", "不允许使用标签 {tag!r}"),
    "yaml_ambiguous": warning(
        "{text!r} is read as text here and otherwise elsewhere: put it in quotes",
        "{text!r} 在此按文本读取，其他工具可能读作别的值：请加引号",
    ),
}

ODCS = {
    "odcs_version": Message(
        "apiVersion {found!r} is not supported; write v3.1.0 (3.0.x is accepted)",
        "不支持 apiVersion {found!r}；请写 v3.1.0（也接受 3.0.x）",
    ),
    "odcs_unknown_key": Message(
        "ODCS {version} has no key {key!r} here{hint_en}",
        "ODCS {version} 此处没有键 {key!r}{hint_zh}",
    ),
    "odcs_missing_key": Message("the key {key!r} is missing here", "此处缺少键 {key!r}"),
    "odcs_type": Message("expected {expected}, found {found}", "应为 {expected}，实为 {found}"),
    "odcs_value": Message(
        "{found!r} is not one of: {expected}", "{found!r} 不在允许的取值之内：{expected}"
    ),
    "odcs_operator": Message(
        "exactly one operator is needed here (mustBe, mustBeLessThan, …)",
        "此处须有且只有一个比较算子（mustBe、mustBeLessThan 等）",
    ),
    "odcs_invalid": Message(
        "ODCS {version} does not allow this: {detail}", "不符合 ODCS {version}：{detail}"
    ),
}

PROPERTIES = {
    "custom_unknown": Message(
        "the hub knows no property {key!r} here{hint_en}", "平台没有属性 {key!r}{hint_zh}"
    ),
    "custom_foreign": warning(
        "the hub knows no property {key!r} and leaves it to whoever does",
        "平台没有属性 {key!r}，不予处理",
    ),
    "custom_duplicate": Message("the property {key!r} stands here twice", "属性 {key!r} 重复出现"),
    "custom_missing": Message("the property {key!r} is missing", "缺少属性 {key!r}"),
    "custom_value": Message("the value is not allowed: {detail}", "取值不允许：{detail}"),
}
