"""The check room's one act, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import duckdb

from hub.check import batchwide, failing, relations, split
from hub.check.elements import with_elements
from hub.check.report import record, report
from hub.check.steadiness import profile_of, steadiness_outcomes
from hub.check.validation import validation
from hub.check.verdict import verdict
from hub.errors import CatalogError, IntegrityError
from hub.fold import SOURCE_KEY, Segment, fold_sql
from hub.records import Checked, Counts, Landing
from hub.store import Store, identifier
from quality.compile import compile_rule
from quality.compile.forms import Context, Form
from quality.drift import Past
from quality.drift_profile import as_json
from quality.errors import RuleError
from quality.expectations import run_expectations
from quality.rule import Outcome, Rule
from quality.rules import rules_of
from quality.scan import null_counts, scan
from schemas.contract import Catalog, Supply

NO_DAY = date(9999, 12, 31)  # no window, no day: then no date lies in the future


def check(
    landing: Landing,
    supply: Supply,
    catalog: Catalog,
    segments: Sequence[Segment],
    store: Store,
    others: Mapping[str, str] | None = None,
    history: Sequence[Past] = (),
) -> Checked:
    """Hold a landing against its contract and the supply's current table (`segments`, folded).

    `others`: SELECTs of the current tables of the supplies that the rules speak of, by name.
    `history`: the accepted batches before this one, oldest first, which drift is told from.
    Nothing but the batch's own files is written. Raises `IntegrityError` when the counts
    do not tie out, and `CatalogError` on a rule that cannot mean anything.
    """
    folder = f"checked/{supply.name}/{landing.batch_id}"
    own = "FROM landing" if relations.is_snapshot(supply) else "FROM whole"
    tables = {**(others or {}), supply.name: own}
    context = Context(supply, catalog, _day(landing, supply), tables)
    try:
        rules = rules_of(supply, catalog)
        forms = [(rule, compile_rule(rule, context)) for rule in rules]
    except RuleError as error:
        raise CatalogError(str(error)) from None
    with store.connect() as connection:
        connection.execute("SET preserve_insertion_order = true")
        held = _relations(connection, landing, supply, catalog, segments, store)
        outcomes = _outcomes(connection, landing, context, store, forms, held)
        errors = [n for n, outcome in enumerate(outcomes[: len(rules)]) if _diverts(outcome)]
        split.divert(connection, errors, [rule.rule_id for rule in rules])
        whole = relations.is_snapshot(supply)
        complete = whole or landing.keys is not None
        among = "true" if complete else relations.replaced_sql(supply, landing)
        deletes = supply.pull.deletes == "physical" and among != "false"
        if held and deletes:
            listing = store.path(landing.keys) if landing.keys else None
            split.find_gone(connection, supply, listing, among)
        unchanged = split.decide(connection, bool(held))
        shape = profile_of(connection, landing, context, store)
        failing.name_keys(connection)
        with store.writing(f"{folder}/failing.parquet") as target:
            failing.write_failing(connection, [o.rule.rule_id for o in outcomes], target)
        with store.writing(f"{folder}/quarantined.parquet") as target:
            quarantined = split.write_quarantined(connection, supply, target)
        with store.writing(f"{folder}/accepted.parquet") as target:
            accepted, gone = split.write_accepted(connection, supply, bool(held), deletes, target)
    counts = Counts(landing.totals.rows, landing.rows, accepted, quarantined, unchanged, gone)
    if not counts.ties_out():
        raise IntegrityError(
            f"supply {supply.name}, batch {landing.batch_id}: counts do not tie out: {counts}"
        )
    replacing = landing.keys is None  # a file delivered once more and empty is an accident, too
    outcomes.append(batchwide.empty_outcome(landing, replacing, held if whole else gone))
    outcomes += batchwide.drift_outcomes(landing, supply)
    outcomes += batchwide.late_outcomes(landing, supply)
    outcomes += steadiness_outcomes(landing, supply, shape, history)
    found = verdict(outcomes, counts, supply.properties.verdict)
    written = report(landing, supply, outcomes, counts, found) | {"profile": as_json(shape)}
    return Checked(
        batch_id=landing.batch_id,
        supply=supply.name,
        accepted=f"{folder}/accepted.parquet",
        quarantined=f"{folder}/quarantined.parquet",
        report=store.write_json(f"{folder}/report.json", written),
        verdict=found,
        counts=counts,
        outcomes=tuple(record(outcome) for outcome in outcomes),
        failing=f"{folder}/failing.parquet",
        validation=store.write_json(
            f"{folder}/validation.json", validation(landing, supply, outcomes)
        ),
    )


def _day(landing: Landing, supply: Supply) -> date:
    if landing.window is None:
        return NO_DAY
    return landing.window.as_of.astimezone(ZoneInfo(supply.department.timezone)).date()


def _relations(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    supply: Supply,
    catalog: Catalog,
    segments: Sequence[Segment],
    store: Store,
) -> int:
    """Make raw, landing, keyed, current, others and whole; returns how many rows are current."""
    connection.execute(f"CREATE TEMP VIEW raw AS {relations.raw_sql(landing, store)}")
    connection.execute(f"CREATE TEMP VIEW landing AS {relations.read_sql(supply, catalog, 'raw')}")
    connection.execute(f"CREATE TEMP VIEW keyed AS {relations.keyed_sql(supply, landing)}")
    connection.execute(f"CREATE TEMP VIEW current AS {fold_sql(supply, segments)}")
    connection.execute(
        f"CREATE TEMP VIEW others AS SELECT * FROM current "
        f"WHERE {SOURCE_KEY} NOT IN (SELECT {SOURCE_KEY} FROM keyed) "
        f"AND NOT {relations.replaced_sql(supply, landing)}"
    )
    fields = ", ".join(identifier(field.name) for field in supply.fields)
    connection.execute(
        f"CREATE TEMP VIEW whole AS SELECT {fields} FROM landing "
        f"UNION ALL SELECT {fields} FROM others"
    )
    row = connection.execute("SELECT count(*) FROM current").fetchone()
    return int(row[0]) if row else 0


def _outcomes(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    context: Context,
    store: Store,
    forms: list[tuple[Rule, Form | None]],
    held: int,
) -> list[Outcome]:
    """Outcomes in the order of the rules, then those of mended codes."""
    supply, catalog = context.supply, context.catalog
    nulls = null_counts([store.path(uri) for uri in landing.parts])
    for field in supply.fields:
        if relations.mended(field, catalog):
            nulls.pop(field.name, None)  # an ignorable code is one null more
    others = bool(held) and not relations.is_snapshot(supply)
    found = scan(connection, landing.rows, forms, nulls, others)
    rest = {n: rule for n, (rule, form) in enumerate(forms) if form is None}
    found |= run_expectations(connection, context, rest, landing.rows)
    mended = batchwide.mended_outcomes(connection, supply, catalog)
    failing.note_mended(connection, supply, catalog, len(forms))
    whole = [found[n] for n in range(len(forms))] + mended
    return with_elements(connection, context, whole, landing.rows)


def _diverts(outcome: Outcome) -> bool:
    return outcome.rows and outcome.rule.severity == "error" and not outcome.success
