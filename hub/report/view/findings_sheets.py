"""What the sheets of the report of findings hold; money in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hub.report.findings.document import STATES, FindingsDocument, Standing
from hub.report.view.findings_page import command, facts, sentence
from hub.report.view.sheets import Column, Sheet, Value
from hub.report.view.words import Speaker


def findings_sheets(document: FindingsDocument, say: Speaker) -> list[Sheet]:
    """Overview always, the others where they have lines."""
    listed = [
        _overview(document, say),
        _checks(document, say),
        _departments(document, say),
        _parts(document, say),
        _months(document, say),
        _policies(document, say),
    ]
    return [sheet for sheet in listed if sheet.lines]


def _overview(document: FindingsDocument, say: Speaker) -> Sheet:
    lines: list[Sequence[Value]] = [
        (say("report"), say.of(document.title)),
        (say("conclusion"), sentence(document, say)),
        *facts(document, say),
        (say("sums"), None),
        (say("recompute"), command(document)),
    ]
    return Sheet(say("overview"), [Column(say("item"), 22), Column(say("value"), 90)], lines, False)


def _heads(say: Speaker) -> list[Column]:
    heads = [Column(say("found"), 9), Column(say("unanswered"), 9), Column(say("overdue"), 9)]
    heads += [Column(say("amount"), 16), Column(say("recovered_money"), 16)]
    for state in STATES:
        word = say(f"state.{state}")
        heads += [
            Column(f"{word} ({say('findings_of')})", 12),
            Column(f"{word} ({say('yuan')})", 16),
        ]
    return heads


def _figures(stands: Standing) -> list[Value]:
    found: list[Value] = [stands.findings, stands.unanswered, stands.overdue]
    found += [_yuan(stands.amount_fen), _yuan(stands.recovered_fen)]
    for state in stands.states:
        found += [state.findings, _yuan(state.amount_fen)]
    return found


def _checks(document: FindingsDocument, say: Speaker) -> Sheet:
    columns = [Column(say("check"), 30), Column(say("name"), 26), Column(say("question"), 50)]
    columns += [Column(say("legal_basis"), 40), Column(say("severity"), 9), *_heads(say)]
    columns += [
        Column(say("new"), 9),
        Column(say("cleared_month"), 9),
        Column(say("back_month"), 16),
    ]
    lines: list[Sequence[Value]] = [
        [
            say.of(line.title),
            line.name,
            say.of(line.question),
            "; ".join(say.of(basis) for basis in line.legal_basis),
            say.severity(line.level),
            *_figures(line.stands),
            line.month.found + line.month.reopened,
            line.month.cleared,
            _yuan(line.month.recovered_fen),
        ]
        for line in document.checks
    ]
    return Sheet(say("checks"), columns, lines)


def _departments(document: FindingsDocument, say: Speaker) -> Sheet:
    columns = [Column(say("department"), 30), Column(say("name"), 20), *_heads(say)]
    lines: list[Sequence[Value]] = [
        [say.of(line.title), line.name, *_figures(line.stands)] for line in document.departments
    ]
    return Sheet(say("departments"), columns, lines)


def _parts(document: FindingsDocument, say: Speaker) -> Sheet:
    columns = [Column(say("check"), 28), Column(say("department"), 22), *_heads(say)]
    lines = [
        [line.crosscheck, line.department, *_figures(line.stands)]
        for line in document.by_department
    ]
    return Sheet(say("by_department"), columns, lines)


def _months(document: FindingsDocument, say: Speaker) -> Sheet:
    heads = ["month", "came", "cleared_month", "dismissed_month", "back_month", "unanswered_end"]
    columns = [Column(say(head), 18) for head in [*heads, "outstanding"]]
    lines: list[Sequence[Value]] = [
        [
            point.label,
            point.happened.found + point.happened.reopened,
            point.happened.cleared,
            point.happened.dismissed,
            _yuan(point.happened.recovered_fen),
            point.unanswered,
            _yuan(point.outstanding_fen),
        ]
        for point in document.months
    ]
    return Sheet(say("months"), columns, lines)


def _policies(document: FindingsDocument, say: Speaker) -> Sheet:
    heads = ["dataset", "as_of", "eligible", "not_eligible", "unknown", "asked", "carried"]
    columns = [Column(say("policy"), 34), Column(say("name"), 24)]
    columns += [Column(say(head), 14) for head in heads]
    lines = [
        [say.of(line.title), line.name, *(getattr(line, head) for head in heads)]
        for line in document.policies
    ]
    return Sheet(say("policies"), columns, lines)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
