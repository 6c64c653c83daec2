"""Cases by hand, (arguments, table), for mutants that drawn arguments seldom tell."""

from __future__ import annotations

from typing import Any

from tests.quality.arguments import WORDS

Cases = list[tuple[dict[str, Any], str]]

_PLAIN = [word for word in WORDS if word == word.strip()]
_IF_A = {"row_condition": 'b == "a"', "condition_parser": "pandas"}
_NM = {"column_list": ["n", "m"]}

CASES: dict[str, Cases] = {
    "expect_column_distinct_values_to_be_in_set": [
        ({"column": "b", "value_set": ["a", "b", "ab", "aab", "张三"]}, "gaps"),
        ({"column": "a", "value_set": _PLAIN}, "gaps"),
    ],
    "expect_column_distinct_values_to_contain_set": [
        ({"column": "b", "value_set": ["A"]}, "gaps"),
        ({"column": "b", "value_set": ["A"]}, "full"),
        ({"column": "a", "value_set": ["a\n"]}, "gaps"),
        ({"column": "a", "value_set": [" "]}, "gaps"),
        ({"column": "a", "value_set": ["a\n"]}, "full"),
        ({"column": "b", "value_set": ["b"], **_IF_A}, "gaps"),
    ],
    "expect_column_distinct_values_to_equal_set": [
        ({"column": "b", "value_set": ["a"], **_IF_A}, "gaps")
    ],
    "expect_column_most_common_value_to_be_in_set": [
        ({"column": "b", "value_set": ["a"], **_IF_A}, "gaps"),
        ({"column": "b", "value_set": ["a"], **_IF_A}, "full"),
        ({"column": "code", "value_set": ["990101"], "row_condition": 'code == "990101"'}, "gaps"),
        ({"column": "code", "value_set": ["990999"], "row_condition": 'code == "990999"'}, "gaps"),
        ({"column": "code", "value_set": ["990108"], "row_condition": 'code == "990108"'}, "full"),
    ],
    "expect_column_pair_values_to_be_division_in_force": [
        ({"column_A": "code", "column_B": "d", "ignore_row_if": ignored}, "gaps")
        for ignored in ("neither", "both_values_are_missing")
    ]
    + [({"column_A": "code", "column_B": "d"}, "numbers")],
    "expect_column_pair_values_to_be_in_set": [
        (
            {"column_A": "a", "column_B": "n", "value_pairs_set": [["a", 1], ["A", 2]], **more},
            table,
        )
        for more in ({}, _IF_A)
        for table in ("gaps", "full", "numbers")
    ]
    + [
        ({"column_A": "a", "column_B": "n", "value_pairs_set": pairs}, "numbers")
        for pairs in ([["a", 0], ["b", 1]], [["A", 2]], [["ab", 0]])
    ],
    "expect_column_value_lengths_to_be_between": [
        ({"column": "a", "min_value": 1, "max_value": 2}, "gaps")
    ],
    "expect_column_values_to_be_in_set": [({"column": "a", "value_set": ["a", "ab"]}, "numbers")],
    "expect_column_values_to_not_be_in_set": [
        ({"column": "a", "value_set": ["a", "ab"]}, "numbers")
    ],
    "expect_column_values_to_be_valid_tax_id": [
        ({"column": "number", "verdict": "check_digit"}, "numbers")
    ],
    "expect_resident_number_to_agree": [
        ({"column": "number", "birth_date": "born", "sex": "sex"}, "numbers"),
        ({"column": "number", "birth_date": "born"}, "numbers"),
    ],
    "expect_multicolumn_sum_to_equal": [
        ({**_NM, "sum_total": 1, "ignore_row_if": ignored}, "gaps")
        for ignored in ("all_values_are_missing", "any_value_is_missing", "never")
    ]
    + [({**_NM, "sum_total": 1}, "gaps")],
    "expect_multicolumn_values_to_be_equal": [
        ({"column_list": ["a", "b"], "ignore_row_if": "never"}, "null")
    ],
    "expect_select_column_values_to_be_unique_within_record": [(dict(_NM), "gaps")],
    "expect_column_values_to_match_like_pattern_list": [
        ({"column": "a", "like_pattern_list": [" "], "match_on": "any"}, "numbers")
    ],
    "expect_column_values_to_not_match_like_pattern_list": [
        ({"column": "a", "like_pattern_list": [" "]}, "numbers")
    ],
    "expect_column_values_to_match_regex": [({"column": "a", "regex": r"\s"}, "numbers")],
    "expect_column_values_to_not_match_regex": [({"column": "a", "regex": r"\s"}, "numbers")],
    "expect_column_values_to_match_regex_list": [
        ({"column": "a", "regex_list": [r"\s"]}, "numbers")
    ],
    "expect_column_values_to_not_match_regex_list": [
        ({"column": "a", "regex_list": [r"\s"]}, "numbers")
    ],
}

FIGURES: dict[str, dict[str, Any]] = {
    "expect_column_max_to_be_between": {"column": "n"},
    "expect_column_mean_to_be_between": {"column": "n"},
    "expect_column_min_to_be_between": {"column": "n"},
    "expect_column_sum_to_be_between": {"column": "n"},
    "expect_column_unique_value_count_to_be_between": {"column": "b"},
    "expect_column_proportion_of_unique_values_to_be_between": {"column": "b"},
    "expect_column_proportion_of_non_null_values_to_be_between": {"column": "b"},
    "expect_table_row_count_to_be_between": {},
}
"""Types whose bounds are tried on the figure itself."""
