"""Rules that a contract's fields imply, and the ODCS metrics of its entries."""

from __future__ import annotations

from quality.messages.message import Message

DERIVED: dict[str, Message] = {
    "type": Message(
        "{field}：内容与约定的类型不符",
        "{field}: the content is not of its type",
        "请按约定的类型和格式改写该单元格，例如数字中不含文字，日期为真实存在的日期。",
        "Write the cell in the promised type and form: no words in numbers, dates that exist.",
    ),
    "required": Message(
        "{field}：必填项为空",
        "{field}: a required value is missing",
        "请在业务系统中补录该项。",
        "Fill in the value in the business system.",
    ),
    "key.present": Message(
        "{field}：主键为空",
        "{field}: the key is missing",
        "请补录主键；没有主键的记录无法归集。",
        "Fill in the key: a row without its key cannot be collected.",
    ),
    "key.unique": Message(
        "{field}：主键重复",
        "{field}: the key stands more than once",
        "请核对主键相同的记录，只保留一条，或更正录错的主键。",
        "Compare the rows of the same key: keep one, or correct the key that was mistyped.",
    ),
    "unique": Message(
        "{field}：取值重复",
        "{field}: the value stands more than once",
        "请核对取值相同的记录，更正录错的取值或删除重复记录。",
        "Compare the rows of the same value: correct the wrong one or remove the double.",
    ),
    "relationship": Message(
        "{field}：取值在 {supply} 中不存在",
        "{field}: the value is not among those of {supply}",
        "请核对该值；确属对方部门漏报的，请联系平台管理员。",
        "Check the value; if the other department left it out, tell the hub's steward.",
    ),
    "codelist": Message(
        "{field}：代码不在代码表 {codelist} 内",
        "{field}: the code is not in the list {codelist}",
        "请改用该代码表中的代码；确需新增代码的，请联系平台管理员。",
        "Use a code of that list; if a code is lacking, ask the hub's steward for it.",
    ),
    "codelist.fixed": Message(
        "{field}：代码已按代码表转换",
        "{field}: codes were read as their canonical codes",
        "平台已能识别，无需逐条修改；建议在业务系统中统一改用标准代码。",
        "The hub understands these; in the long run, use the canonical codes at the source.",
    ),
    "length": Message(
        "{field}：长度{bounds}",
        "{field}: the length must be {bounds}",
        "请核对是否漏录、多录字符或夹带空格。",
        "Look for characters that are missing, doubled, or blanks that slipped in.",
    ),
    "pattern": Message(
        "{field}：格式不符",
        "{field}: the form is not the promised one",
        "请按数据契约约定的格式重新填写。",
        "Write the value again in the form that the contract promises.",
    ),
    "range": Message(
        "{field}：取值{bounds}",
        "{field}: the value must be {bounds}",
        "请核对数值、单位和小数位是否录错。",
        "Check the figure, its unit and its decimal point.",
    ),
}

METRICS: dict[str, Message] = {
    "library.nullValues": Message(
        "{field}：空值数超出约定",
        "{field}: too many null values",
        "请补录空缺的取值。",
        "Fill in the values that are missing.",
    ),
    "library.missingValues": Message(
        "{field}：缺失值数超出约定",
        "{field}: too many missing values",
        "请补录空缺的取值，不要以“无”“-”等字样代替。",
        "Fill in what is missing; a dash or “none” counts as missing.",
    ),
    "library.invalidValues": Message(
        "{field}：无效值数超出约定",
        "{field}: too many invalid values",
        "请将无效取值改为约定的取值。",
        "Replace the invalid values with promised ones.",
    ),
    "library.duplicateValues": Message(
        "{field}：重复值数超出约定",
        "{field}: too many duplicate values",
        "请核对重复的记录，更正录错的取值或删除重复记录。",
        "Compare the doubled rows: correct the wrong one or remove the double.",
    ),
    "library.rowCount": Message(
        "行数不符合约定",
        "the number of rows is not as promised",
        "请核对导出范围是否完整，确认后重新提供全量数据。",
        "Check whether the export is complete, then deliver it again.",
    ),
    "sql": Message(
        "查询结果不符合约定",
        "the query's figure is not as promised",
        "请按规则说明核对相关记录并更正。",
        "Check the rows that the rule's description names, and correct them.",
    ),
}
