"""Great Expectations' rules about single rows: one cell, a pair of columns, several columns."""

from __future__ import annotations

from quality.messages.message import Message

_FILL = ("请补录空缺的取值。", "Fill in the value.")
_FORM = (
    "请按约定的格式重新填写，注意全角字符和空格。",
    "Write the value again in the promised form; mind full-width characters and blanks.",
)
_RANGE = (
    "请核对数值、单位和小数位是否录错。",
    "Check the figure, its unit and its decimal point.",
)
_SET = (
    "请改为允许的取值。",
    "Use one of the allowed values.",
)
_DOUBLE = (
    "请核对重复的记录，更正录错的取值或删除重复记录。",
    "Compare the doubled rows: correct the wrong one or remove the double.",
)
_TOGETHER = (
    "请核对同一行中的这几项，更正录错的一项。",
    "Compare these fields of the row and correct the one that is wrong.",
)
_LENGTH = (
    "请核对是否漏录、多录字符或夹带空格。",
    "Look for characters that are missing, doubled, or blanks that slipped in.",
)
_TYPE = (
    "请按约定的类型填写。",
    "Write the value in the promised type.",
)

CELLS: dict[str, Message] = {
    "expect_column_values_to_not_be_null": Message(
        "{field}：不应为空", "{field}: must be filled", *_FILL
    ),
    "expect_column_values_to_be_null": Message(
        "{field}：应为空",
        "{field}: must be empty",
        "请清空该项，或核对决定该项是否应填的其他项目。",
        "Empty the field, or check the other field that decides whether it is to be filled.",
    ),
    "expect_column_values_to_be_unique": Message(
        "{field}：不应重复", "{field}: must be unique", *_DOUBLE
    ),
    "expect_compound_columns_to_be_unique": Message(
        "{field}：组合不应重复", "{field}: must be unique together", *_DOUBLE
    ),
    "expect_column_values_to_be_in_set": Message(
        "{field}：不在允许的取值之内（{value_set}）",
        "{field}: is not one of the allowed values ({value_set})",
        *_SET,
    ),
    "expect_column_values_to_not_be_in_set": Message(
        "{field}：是不允许的取值（{value_set}）",
        "{field}: is one of the forbidden values ({value_set})",
        *_SET,
    ),
    "expect_column_values_to_exist_in_supply": Message(
        "{field}：取值在 {supply} 中不存在",
        "{field}: the value is not among those of {supply}",
        "请核对该值；确属对方部门漏报的，请联系平台管理员。",
        "Check the value; if the other department left it out, tell the hub's steward.",
    ),
    "expect_column_values_to_be_division_in_force": Message(
        "{field}：行政区划代码当前无效",
        "{field}: the division is not in force",
        "请改用现行的行政区划代码。",
        "Use the division's code that is in force.",
        "GB/T 2260",
    ),
    "expect_column_pair_values_to_be_division_in_force": Message(
        "{column_A}：该行政区划代码在 {column_B} 当日无效",
        "{column_A}: the division was not in force on the day in {column_B}",
        "请核对日期，或改用当日有效的行政区划代码。",
        "Check the date, or use the code that was in force on that day.",
        "GB/T 2260",
    ),
    "expect_resident_number_to_agree": Message(
        "{field}：公民身份号码与出生日期或性别不一致",
        "{field}: the resident number contradicts the birth date or the sex",
        "请对照证件核对号码、出生日期和性别，更正录错的一项。",
        "Compare number, birth date and sex with the document and correct the wrong one.",
        "GB 11643-1999",
    ),
    "expect_column_values_to_be_in_codelist": Message(
        "{field}：代码不在代码表 {codelist} 内",
        "{field}: the code is not in the list {codelist}",
        "请改用该代码表中的代码；确需新增代码的，请联系平台管理员。",
        "Use a code of that list; if a code is lacking, ask the hub's steward for it.",
    ),
    "expect_column_values_to_be_between": Message(
        "{field}：取值{bounds}", "{field}: the value must be {bounds}", *_RANGE
    ),
    "expect_column_value_lengths_to_be_between": Message(
        "{field}：长度{bounds}", "{field}: the length must be {bounds}", *_LENGTH
    ),
    "expect_column_value_lengths_to_equal": Message(
        "{field}：长度应为 {value}", "{field}: must be {value} characters long", *_LENGTH
    ),
    "expect_column_value_z_scores_to_be_less_than": Message(
        "{field}：偏离平均值超过 {threshold} 个标准差",
        "{field}: lies more than {threshold} standard deviations from the mean",
        *_RANGE,
    ),
    "expect_column_values_to_not_be_outliers": Message(
        "{field}：取值明显偏离其余取值", "{field}: lies far from all other values", *_RANGE
    ),
    "expect_column_values_to_match_regex": Message(
        "{field}：格式不符", "{field}: does not have the expected form", *_FORM
    ),
    "expect_column_values_to_not_match_regex": Message(
        "{field}：含有不允许的内容", "{field}: has a form that is not allowed", *_FORM
    ),
    "expect_column_values_to_match_regex_list": Message(
        "{field}：不符合约定的任何一种格式", "{field}: has none of the promised forms", *_FORM
    ),
    "expect_column_values_to_not_match_regex_list": Message(
        "{field}：含有不允许的内容", "{field}: has one of the forms that are not allowed", *_FORM
    ),
    "expect_column_values_to_match_like_pattern": Message(
        "{field}：格式应为 {like_pattern}", "{field}: must be like {like_pattern}", *_FORM
    ),
    "expect_column_values_to_not_match_like_pattern": Message(
        "{field}：格式不应为 {like_pattern}", "{field}: must not be like {like_pattern}", *_FORM
    ),
    "expect_column_values_to_match_like_pattern_list": Message(
        "{field}：格式应为 {like_pattern_list}", "{field}: must be like {like_pattern_list}", *_FORM
    ),
    "expect_column_values_to_not_match_like_pattern_list": Message(
        "{field}：格式不应为 {like_pattern_list}",
        "{field}: must not be like {like_pattern_list}",
        *_FORM,
    ),
    "expect_column_values_to_match_strftime_format": Message(
        "{field}：日期时间格式应为 {strftime_format}",
        "{field}: must be a date or time written as {strftime_format}",
        *_FORM,
    ),
    "expect_column_values_to_be_dateutil_parseable": Message(
        "{field}：不是可以识别的日期时间", "{field}: cannot be read as a date or time", *_FORM
    ),
    "expect_column_values_to_be_json_parseable": Message(
        "{field}：不是有效的 JSON", "{field}: is not JSON", *_FORM
    ),
    "expect_column_values_to_match_json_schema": Message(
        "{field}：不符合约定的 JSON 结构", "{field}: does not have the promised JSON form", *_FORM
    ),
    "expect_column_values_to_be_of_type": Message(
        "{field}：类型应为 {type_}", "{field}: must be of the type {type_}", *_TYPE
    ),
    "expect_column_values_to_be_in_type_list": Message(
        "{field}：类型应为 {type_list} 之一", "{field}: must be one of {type_list}", *_TYPE
    ),
    "expect_column_values_to_be_increasing": Message(
        "{field}：应逐行递增",
        "{field}: must increase from row to row",
        "请核对记录的先后次序。",
        "Check the order of the rows.",
    ),
    "expect_column_values_to_be_decreasing": Message(
        "{field}：应逐行递减",
        "{field}: must decrease from row to row",
        "请核对记录的先后次序。",
        "Check the order of the rows.",
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Message(
        "{column_A} 应{greater_zh} {column_B}",
        "{column_A} must be {greater_en} {column_B}",
        *_TOGETHER,
    ),
    "expect_column_pair_values_to_be_equal": Message(
        "{column_A} 应等于 {column_B}", "{column_A} must equal {column_B}", *_TOGETHER
    ),
    "expect_column_pair_values_to_be_in_set": Message(
        "{column_A} 与 {column_B} 的组合不允许",
        "{column_A} and {column_B} do not go together",
        *_TOGETHER,
    ),
    "expect_multicolumn_sum_to_equal": Message(
        "{field}：合计应为 {sum_total}", "{field}: must add up to {sum_total}", *_TOGETHER
    ),
    "expect_multicolumn_values_to_be_equal": Message(
        "{field}：应彼此相等", "{field}: must equal each other", *_TOGETHER
    ),
    "expect_select_column_values_to_be_unique_within_record": Message(
        "{field}：同一行内不应相同", "{field}: must differ within a row", *_TOGETHER
    ),
    "unexpected_rows_expectation": Message(
        "查询找出了不应存在的记录",
        "the query finds rows that should not be there",
        "请按规则说明核对查询找出的记录并更正。",
        "Check the rows that the query finds and correct them.",
    ),
}
