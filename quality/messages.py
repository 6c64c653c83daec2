"""What every rule says, in Chinese and English, by rule code or expectation type.

`{field}` stands for the fields' names; further names are the rule's arguments.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from quality.rule import Rule

Language = Literal["zh", "en"]


class Message(NamedTuple):
    zh: str
    en: str


MESSAGES: dict[str, Message] = {
    "type": Message("{field}：内容与约定的类型不符", "{field}: the content is not of its type"),
    "required": Message("{field}：必填项为空", "{field}: a required value is missing"),
    "key.present": Message("{field}：主键为空", "{field}: the key is missing"),
    "key.unique": Message("{field}：主键重复", "{field}: the key stands more than once"),
    "unique": Message("{field}：取值重复", "{field}: the value stands more than once"),
    "codelist": Message(
        "{field}：代码不在代码表 {codelist} 内", "{field}: the code is not in the list {codelist}"
    ),
    "codelist.fixed": Message(
        "{field}：代码已按代码表转换", "{field}: codes were read as their canonical codes"
    ),
    "length": Message(
        "{field}：长度不在 {min_value} 至 {max_value} 之间",
        "{field}: the length is not between {min_value} and {max_value}",
    ),
    "pattern": Message("{field}：格式不符", "{field}: the form is not the promised one"),
    "range": Message(
        "{field}：取值不在 {min_value} 至 {max_value} 之间",
        "{field}: the value is not between {min_value} and {max_value}",
    ),
    "resident_id.check_digit": Message(
        "{field}：公民身份号码校验码错误（GB 11643）",
        "{field}: the check character of the resident number is wrong (GB 11643)",
    ),
    "resident_id.calendar_date": Message(
        "{field}：公民身份号码中的出生日期不存在或晚于当日",
        "{field}: the birth date in the resident number does not exist or lies ahead",
    ),
    "resident_id.division": Message(
        "{field}：公民身份号码中的行政区划代码未知（GB/T 2260）",
        "{field}: the division in the resident number is unknown (GB/T 2260)",
    ),
    "uscc.check_digit": Message(
        "{field}：统一社会信用代码校验码错误（GB 32100）",
        "{field}: the check character of the social credit code is wrong (GB 32100)",
    ),
    "uscc.inner": Message(
        "{field}：统一社会信用代码中的主体标识码校验不符（GB 11714）",
        "{field}: the organisation code inside the social credit code breaks its check (GB 11714)",
    ),
    "uscc.division": Message(
        "{field}：统一社会信用代码中的登记机关行政区划码未知",
        "{field}: the division in the social credit code is unknown",
    ),
    "org_code.check_digit": Message(
        "{field}：组织机构代码校验码错误（GB 11714）",
        "{field}: the check character of the organisation code is wrong (GB 11714)",
    ),
    "tax_id.check_digit": Message(
        "{field}：纳税人识别号校验码错误", "{field}: the check character of the tax number is wrong"
    ),
    "registration_no.check_digit": Message(
        "{field}：工商注册号校验码错误（GS 15）",
        "{field}: the check digit of the registration number is wrong (GS 15)",
    ),
    "division.known": Message(
        "{field}：行政区划代码未知（GB/T 2260）", "{field}: the division is unknown (GB/T 2260)"
    ),
    "library.nullValues": Message("{field}：空值数超出约定", "{field}: too many null values"),
    "library.missingValues": Message(
        "{field}：缺失值数超出约定", "{field}: too many missing values"
    ),
    "library.invalidValues": Message(
        "{field}：无效值数超出约定", "{field}: too many invalid values"
    ),
    "library.duplicateValues": Message(
        "{field}：重复值数超出约定", "{field}: too many duplicate values"
    ),
    "library.rowCount": Message("行数不符合约定", "the number of rows is not as promised"),
    "sql": Message("查询结果不符合约定", "the query's figure is not as promised"),
    "batch.empty": Message(
        "全量批次为空，而现有数据不为空", "the snapshot is empty although the supply had rows"
    ),
    "batch.late": Message(
        "文件晚于约定的时限送达", "the file came later than its contract promises"
    ),
    "drift.column_missing": Message(
        "源表缺少约定的列", "a promised column is missing at the source"
    ),
    "drift.column_unknown": Message(
        "源表出现契约之外的列", "the source has a column that the contract does not know"
    ),
    "drift.column_alias": Message(
        "源表的列使用了别名", "the source names a column by one of its aliases"
    ),
    "drift.file_unreadable": Message(
        "送达的文件无法读取，请重新送达", "the delivered file cannot be read: deliver it again"
    ),
    "drift.type_changed": Message("源表的列类型已改变", "a column has another type at the source"),
    "expect_column_values_to_not_be_null": Message("{field}：不应为空", "{field}: must be filled"),
    "expect_column_values_to_be_null": Message("{field}：应为空", "{field}: must be empty"),
    "expect_column_values_to_be_unique": Message("{field}：不应重复", "{field}: must be unique"),
    "expect_compound_columns_to_be_unique": Message(
        "{field}：组合不应重复", "{field}: must be unique together"
    ),
    "expect_column_values_to_be_in_set": Message(
        "{field}：不在允许的取值之内", "{field}: is not one of the allowed values"
    ),
    "expect_column_values_to_not_be_in_set": Message(
        "{field}：是不允许的取值", "{field}: is one of the forbidden values"
    ),
    "expect_column_values_to_be_between": Message(
        "{field}：取值超出范围", "{field}: lies outside of its range"
    ),
    "expect_column_value_lengths_to_be_between": Message(
        "{field}：长度超出范围", "{field}: is too short or too long"
    ),
    "expect_column_value_lengths_to_equal": Message(
        "{field}：长度应为 {value}", "{field}: must be {value} characters long"
    ),
    "expect_column_values_to_match_regex": Message(
        "{field}：格式不符", "{field}: does not have the expected form"
    ),
    "expect_column_values_to_be_in_codelist": Message(
        "{field}：代码不在代码表内", "{field}: the code is not in its list"
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Message(
        "{column_A} 应大于 {column_B}", "{column_A} must be greater than {column_B}"
    ),
    "expect_column_pair_values_to_be_equal": Message(
        "{column_A} 应等于 {column_B}", "{column_A} must equal {column_B}"
    ),
    "expect_column_pair_values_to_be_in_set": Message(
        "{column_A} 与 {column_B} 的组合不允许", "{column_A} and {column_B} do not go together"
    ),
    "expect_multicolumn_sum_to_equal": Message(
        "{field}：合计应为 {sum_total}", "{field}: must add up to {sum_total}"
    ),
    "expect_multicolumn_values_to_be_equal": Message(
        "{field}：应彼此相等", "{field}: must equal each other"
    ),
    "expect_select_column_values_to_be_unique_within_record": Message(
        "{field}：同一行内不应相同", "{field}: must differ within a row"
    ),
    "expect_table_row_count_to_be_between": Message(
        "行数超出范围", "the number of rows is out of range"
    ),
    "expect_table_row_count_to_equal": Message("行数应为 {value}", "there must be {value} rows"),
}
OTHER = Message("{field}：不满足规则 {type}", "{field}: does not meet {type}")


class _Lenient(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


def message(code: str) -> Message:
    """The two sentences of a code; a general one where the catalog has none."""
    return MESSAGES.get(code, OTHER)


def title(rule: Rule, language: Language) -> str:
    """The rule's sentence: the contract's own words where it has them."""
    if rule.title and language == "zh":
        return rule.title
    values = _Lenient({k: "…" if v is None else v for k, v in rule.kwargs.items()})
    values |= {"field": ", ".join(rule.fields) or "table", "type": rule.type}
    sentences = message(rule.code)
    template = sentences.zh if language == "zh" else sentences.en
    return template.format_map(values)
