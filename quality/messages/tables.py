"""Great Expectations' rules about a whole column or table: figures, sets of values, columns."""

from __future__ import annotations

from quality.messages.message import Message

_FIGURE = (
    "请核对本批数据是否完整、单位是否一致，确认后重新提供。",
    "Check whether the batch is complete and its units agree, then deliver it again.",
)
_ROWS = (
    "请核对导出范围是否完整，确认后重新提供。",
    "Check whether the export is complete, then deliver it again.",
)
_COLUMNS = (
    "请恢复约定的列；如系表结构调整，请先变更数据契约。",
    "Bring the promised columns back; if they changed on purpose, change the contract first.",
)
_VALUES = (
    "请核对该列出现的取值，更正录错的取值。",
    "Look at the values of the column and correct the wrong ones.",
)


def _figure(what_zh: str, what_en: str, name: str) -> tuple[str, Message]:
    return f"expect_column_{name}_to_be_between", Message(
        f"{{field}}：{what_zh}{{bounds}}", f"{{field}}: the {what_en} must be {{bounds}}", *_FIGURE
    )


TABLES: dict[str, Message] = {
    **dict(
        (
            _figure("最小值", "least value", "min"),
            _figure("最大值", "greatest value", "max"),
            _figure("平均值", "mean", "mean"),
            _figure("中位数", "median", "median"),
            _figure("合计", "sum", "sum"),
            _figure("标准差", "standard deviation", "stdev"),
            _figure("不同取值的个数", "number of distinct values", "unique_value_count"),
            _figure("不同取值的占比", "share of distinct values", "proportion_of_unique_values"),
            _figure("非空值的占比", "share of filled values", "proportion_of_non_null_values"),
        )
    ),
    "expect_column_quantile_values_to_be_between": Message(
        "{field}：分位数超出约定的范围", "{field}: a quantile is out of its range", *_FIGURE
    ),
    "expect_column_kl_divergence_to_be_less_than": Message(
        "{field}：取值分布与约定的分布差异过大（阈值 {threshold}）",
        "{field}: the distribution differs too much from the promised one (limit {threshold})",
        *_FIGURE,
    ),
    "expect_column_most_common_value_to_be_in_set": Message(
        "{field}：最常见的取值应为 {value_set} 之一",
        "{field}: the most common value must be one of {value_set}",
        *_VALUES,
    ),
    "expect_column_distinct_values_to_be_in_set": Message(
        "{field}：出现了 {value_set} 以外的取值",
        "{field}: holds values other than {value_set}",
        *_VALUES,
    ),
    "expect_column_distinct_values_to_contain_set": Message(
        "{field}：应包含 {value_set} 的全部取值",
        "{field}: must hold every value of {value_set}",
        *_VALUES,
    ),
    "expect_column_distinct_values_to_equal_set": Message(
        "{field}：出现的取值应恰为 {value_set}",
        "{field}: must hold exactly the values {value_set}",
        *_VALUES,
    ),
    "expect_column_to_exist": Message(
        "{field}：约定的列不存在", "{field}: the promised column is missing", *_COLUMNS
    ),
    "expect_column_type_to_be": Message(
        "{field}：列类型与约定不符", "{field}: the column is not of the promised type", *_COLUMNS
    ),
    "expect_table_column_count_to_be_between": Message(
        "列数{bounds}", "the number of columns must be {bounds}", *_COLUMNS
    ),
    "expect_table_column_count_to_equal": Message(
        "列数应为 {value}", "there must be {value} columns", *_COLUMNS
    ),
    "expect_table_columns_to_match_ordered_list": Message(
        "列名或次序与约定不符", "the columns are not the promised ones in their order", *_COLUMNS
    ),
    "expect_table_columns_to_match_set": Message(
        "列名与约定不符", "the columns are not the promised ones", *_COLUMNS
    ),
    "expect_table_row_count_to_be_between": Message(
        "行数{bounds}", "the number of rows must be {bounds}", *_ROWS
    ),
    "expect_table_row_count_to_equal": Message(
        "行数应为 {value}", "there must be {value} rows", *_ROWS
    ),
    "expect_table_row_count_to_equal_other_table": Message(
        "行数应与 {other_table_name} 相同",
        "there must be as many rows as in {other_table_name}",
        *_ROWS,
    ),
    "expect_query_results_to_match_comparison": Message(
        "两个查询的结果应当一致", "the results of two queries must agree", *_FIGURE
    ),
}
