"""The arguments of a rule for whoever has no catalog: code lists and divisions stand in full."""

from __future__ import annotations

from typing import Any

from quality.compile.forms import DIVISION_LISTS
from quality.periods import periods_of
from quality.rule import Rule
from schemas.contract import Catalog

IN_FORCE = "expect_column_values_to_be_division_in_force"
IN_FORCE_ON = "expect_column_pair_values_to_be_division_in_force"
AGREE = "expect_resident_number_to_agree"


def standalone(rule: Rule, catalog: Catalog) -> dict[str, Any]:
    """The rule's arguments as Great Expectations can run them, without the day of a batch."""
    kwargs = dict(rule.kwargs)
    divisions = next((name for name in DIVISION_LISTS if name in catalog.codelists), None)
    if rule.type in (IN_FORCE, IN_FORCE_ON):
        name = kwargs.pop("codelist", None) or divisions
        listed = catalog.codelists.get(name or "")
        if listed is not None:
            kwargs.setdefault("periods", [list(period) for period in periods_of(listed)])
        if rule.type == IN_FORCE_ON:
            kwargs.setdefault("ignore_row_if", "either_value_is_missing")
        return kwargs
    if rule.type == AGREE:
        kwargs.setdefault("column_list", list(rule.fields))
        kwargs.setdefault("ignore_row_if", "all_values_are_missing")
    if rule.type.startswith("expect_column_values_to_be_valid_") and divisions:
        kwargs.setdefault("divisions", sorted(catalog.codelists[divisions].canonical))
    listed = catalog.codelists.get(str(kwargs.get("codelist", "")))
    if listed is not None:
        kwargs.setdefault("value_set", sorted(listed.canonical))
    return kwargs
