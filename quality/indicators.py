"""Indicators of GB/T 36344-2018 and dimensions of ODCS, by rule code: a first guess.

A contract's own `dimension` wins; the score card prints the indicator that was used.
"""

from __future__ import annotations

BY_CODE: dict[str, tuple[str | None, str | None]] = {
    "required": ("completeness", "0201"),
    "key.present": ("completeness", "0201"),
    "type": ("conformity", "0302"),
    "length": ("conformity", "0302"),
    "pattern": ("conformity", "0302"),
    "range": ("accuracy", "0302"),
    "unique": ("uniqueness", "0304"),
    "key.unique": ("uniqueness", "0304"),
    "relationship": ("consistency", "0402"),
    "codelist": ("conformity", "0105"),
    "codelist.fixed": ("conformity", "0105"),
    "resident_id.check_digit": ("conformity", "0101"),
    "resident_id.division": ("conformity", "0105"),
    "uscc.check_digit": ("conformity", "0101"),
    "uscc.inner": ("conformity", "0101"),
    "uscc.division": ("conformity", "0105"),
    "org_code.check_digit": ("conformity", "0101"),
    "tax_id.check_digit": ("conformity", "0101"),
    "registration_no.check_digit": ("conformity", "0101"),
    "division.known": ("conformity", "0105"),
    "library.nullValues": ("completeness", "0201"),
    "library.missingValues": ("completeness", "0201"),
    "library.invalidValues": ("conformity", "0302"),
    "library.duplicateValues": ("uniqueness", "0304"),
    "library.rowCount": ("completeness", "0202"),
    "batch.empty": ("completeness", "0202"),
    "batch.late": ("timeliness", "0502"),
    "batch.missing": ("timeliness", "0501"),
    "drift.row_count": ("timeliness", "0501"),
    "drift.null_rate": ("completeness", None),
    "drift.distribution": ("accuracy", None),
    "drift.column_missing": ("conformity", "0102"),
    "drift.column_unknown": ("conformity", "0103"),
    "drift.file_unreadable": ("conformity", "0302"),
    "drift.type_changed": ("conformity", "0102"),
}

BY_DIMENSION = {
    "accuracy": "0301",
    "completeness": "0201",
    "conformity": "0104",
    "consistency": "0402",
    "coverage": "0202",
    "timeliness": "0502",
    "uniqueness": "0304",
}

BY_EXPECTATION = (
    ("expect_column_values_to_not_be_null", "completeness", "0201"),
    ("expect_table_row_count", "completeness", "0202"),
    ("expect_table_column", "conformity", "0102"),
    ("expect_column_to_exist", "conformity", "0102"),
    ("unique", "uniqueness", "0304"),
    ("_in_set", "conformity", "0105"),
    ("in_codelist", "conformity", "0105"),
    ("exist_in_supply", "consistency", "0402"),
    ("resident_number_to_agree", "consistency", "0402"),
    ("division_in_force", "conformity", "0105"),
    ("other_table", "consistency", "0402"),
    ("query_results", "consistency", "0402"),
    ("expect_column_pair", "consistency", "0402"),
    ("multicolumn", "consistency", "0402"),
    ("select_column", "consistency", "0402"),
    ("regex", "conformity", "0302"),
    ("like_pattern", "conformity", "0302"),
    ("length", "conformity", "0302"),
    ("of_type", "conformity", "0302"),
    ("type_list", "conformity", "0302"),
    ("parseable", "conformity", "0302"),
    ("strftime", "conformity", "0302"),
    ("valid_", "accuracy", "0301"),
    ("between", "accuracy", "0302"),
)


def of(code: str, expectation: str, dimension: str | None) -> tuple[str | None, str | None]:
    """(dimension, indicator) of a rule; the contract's dimension, when given, decides."""
    guess: tuple[str | None, str | None] = BY_CODE.get(code, (None, None))
    if guess == (None, None):
        for part, dim, indicator in BY_EXPECTATION:
            if part in expectation:
                guess = (dim, indicator)
                break
    if dimension is None or dimension == guess[0]:
        return guess
    return dimension, BY_DIMENSION.get(dimension)
