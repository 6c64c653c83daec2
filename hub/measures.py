"""What is known of a batch or release, as numerators and denominators of GB/T 36344-2018.

Pure functions: the ledger stores what they return, and a report adds it up. Quality is counted as
delivered: a held or rejected batch counts, a fault of the hub does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.records import MOVES_ON, Checked, Measure, RuleOutcome, Verdict
from quality import indicators
from quality.scorecard.standard import INDICATORS

WHOLE_ROW = "_row_"  # the field of a fault that belongs to the row, not to one cell
CODES = ("codelist", "codelist.fixed")
DUPLICATES = ("key.unique", "library.duplicateValues")
ROW_COUNTS = ("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal")
LEAST = ("mustBe", "mustBeGreaterOrEqualTo", "mustBeGreaterThan", "mustBeBetween")


def batch_measures(checked: Checked, snapshot: bool) -> tuple[Measure, ...]:
    """Everything that one checked batch says of its supply; nothing for a fault of ours.

    `snapshot`: the batch holds all rows that there are, so that a promised number of rows is about
    it. Rules come first, each once, then what follows from counts.
    """
    if checked.verdict is Verdict.FAULT:
        return ()
    ran = [outcome for outcome in checked.outcomes if outcome.exception is None]
    mended = _mended(ran)
    return (
        *(_rule(checked, outcome, snapshot, mended) for outcome in ran),
        *_codes(checked, ran),
        *_rows(checked, ran, snapshot),
        *_repeated(checked, ran),
        *_columns(checked, ran),
        Measure("0602", int(checked.verdict in MOVES_ON), 1, checked.supply),
    )


def accepted_later(supply: str) -> Measure:
    """A person let a held batch move on: one more usable batch, and no further one checked."""
    return Measure("0602", 1, 0, supply)


def attempt_measure(supply: str, ok: bool) -> Measure:
    """One attempt to pull: whether the front end could be read."""
    return Measure("0601", int(ok), 1, supply)


def indicator_of(outcome: RuleOutcome) -> str | None:
    """The outcome's indicator; of batches checked before they named it, that of its kind."""
    kind = str(outcome.expectation.get("type", ""))
    return outcome.indicator or indicators.of(outcome.code, kind, outcome.dimension)[1]


def _mended(ran: Iterable[RuleOutcome]) -> dict[str, RuleOutcome]:
    """Per field the outcome that counts its codes that were read as another code or as nothing."""
    return {o.fields[0]: o for o in ran if o.code == "codelist.fixed"}


def _rule(
    checked: Checked, outcome: RuleOutcome, snapshot: bool, mended: dict[str, RuleOutcome]
) -> Measure:
    indicator = indicator_of(outcome)
    if _promised_rows(outcome, snapshot):
        indicator = None  # counted in rows below, where it weighs what is missing
    if outcome.code in CODES and outcome.fields[0] in mended:
        indicator = None  # counted once for the field below, not once for each of the two
    inverted = indicator is not None and INDICATORS[indicator].inverted
    good = outcome.evaluated - outcome.failed
    return Measure(
        indicator,
        outcome.failed if inverted else good,
        outcome.evaluated,
        checked.supply,
        field=_field(outcome),
        rule_id=outcome.rule_id,
        holds=outcome.success,
    )


def _field(outcome: RuleOutcome) -> str | None:
    """The one field that a rule is about; a rule about several is about the row."""
    fields = [name for name in outcome.fields if name != WHOLE_ROW]
    return fields[0] if len(fields) == 1 else None


def _codes(checked: Checked, ran: list[RuleOutcome]) -> Iterator[Measure]:
    """0105 of a field whose codes are mended: those in the list as they came, of all that came."""
    unknown = {o.fields[0]: o.failed for o in ran if o.code == "codelist"}
    for field, outcome in _mended(ran).items():
        good = outcome.evaluated - outcome.failed - unknown.get(field, 0)
        yield Measure("0105", good, outcome.evaluated, checked.supply, field=field)


def _rows(checked: Checked, ran: Iterable[RuleOutcome], snapshot: bool) -> Iterator[Measure]:
    """0202: rows that came, of those that the source counted or the contract promised at least.

    0305: rows with a fault that keeps them from moving on, of those that came.
    """
    counts = checked.counts
    promised = max((_promised_rows(outcome, snapshot) for outcome in ran), default=0)
    expected = max(counts.source, promised)
    yield Measure("0202", min(counts.landed, expected), expected, checked.supply)
    yield Measure("0305", counts.quarantined, counts.landed, checked.supply)


def _promised_rows(outcome: RuleOutcome, snapshot: bool) -> int:
    """The least number of rows that a rule promises; 0: none, or not of this batch alone."""
    kind, kwargs = outcome.expectation.get("type"), outcome.expectation.get("kwargs")
    if not snapshot or not isinstance(kwargs, dict) or kwargs.get("row_condition"):
        return 0
    least: object = None
    if kind in ROW_COUNTS:
        least = kwargs.get("value", kwargs.get("min_value"))
    elif kind == "hub_row_count" and kwargs.get("operator") in LEAST:
        value = kwargs.get("value")
        least = value[0] if isinstance(value, list | tuple) and value else value
    return least if isinstance(least, int) and not isinstance(least, bool) and least > 0 else 0


def _repeated(checked: Checked, ran: Iterable[RuleOutcome]) -> Iterator[Measure]:
    """0303: rows that repeat another one's key, of those that have one."""
    for outcome in ran:
        if outcome.code in DUPLICATES:
            yield Measure("0303", outcome.failed, outcome.evaluated, checked.supply)


def _columns(checked: Checked, ran: list[RuleOutcome]) -> Iterator[Measure]:
    """0102 and 0103: promised columns that are as the contract has them; drift counts beside them.

    Each difference found is an outcome of its own (0 of 1), so here stand only the columns
    without one.
    """
    codes = [outcome.code for outcome in ran]
    promised = sum(o.code == "type" and o.fields != (WHOLE_ROW,) for o in ran)
    if not promised or "drift.file_unreadable" in codes:
        return
    missing, changed = codes.count("drift.column_missing"), codes.count("drift.type_changed")
    sound = max(promised - missing - changed, 0)
    described = max(promised - missing, 0)
    yield Measure("0102", sound, sound, checked.supply)
    yield Measure("0103", described, described, checked.supply)
