"""The report of findings as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from hub.ledger.finding_life import yuan
from hub.report.findings.document import STATES, FindingsDocument, MonthPoint
from hub.report.view import svg_findings, text
from hub.report.view.finding_words import FINDING_WORDS
from hub.report.view.names import file_stem
from hub.report.view.page import TEMPLATES, templates
from hub.report.view.words import Speaker
from quality.messages import Language

LEAST = 6  # months in the picture


def speaker(language: Language) -> Speaker:
    """The words of this report in one language."""
    return Speaker(language, FINDING_WORDS)


def findings_html(document: FindingsDocument, language: Language) -> str:
    """The page. Sections without content are left out."""
    say = speaker(language)
    return templates().get_template("findings.html.j2").render(_content(document, say))


def _content(document: FindingsDocument, say: Speaker) -> dict[str, Any]:
    zone = text.zone_of(document.made_at)
    return {
        "d": document,
        "say": say,
        "style": Markup((TEMPLATES / "style.css").read_text("utf-8")),
        "sentence": sentence(document, say),
        "figures": figures(document, say),
        "facts": facts(document, say),
        "sections": sections(document),
        "checks": sorted(
            document.checks, key=lambda c: (-c.stands.unanswered, -c.stands.amount_fen, c.name)
        ),
        "bar": lambda stands, number: svg_findings.bar(stands, say, f"states-{number}"),
        "sample": svg_findings.sample,
        "shade": svg_findings.shade,
        "came": svg_findings.CAME,
        "ended": svg_findings.ENDED,
        "months": svg_findings.months(shown_months(document.months), say),
        "states": STATES,
        "yuan": yuan,
        "titles": {line.name: line.title for line in document.departments},
        "names": {line.name: line.title for line in document.checks},
        "when": lambda at: text.moment(at, zone),
        "command": command(document),
    }


def shown_months(months: Sequence[MonthPoint]) -> Sequence[MonthPoint]:
    """Without the months before anything was found, but half a year at least."""
    busy = [n for n, p in enumerate(months) if p.unanswered or any(asdict(p.happened).values())]
    begin = min([*busy[:1], max(len(months) - LEAST, 0)])
    return months[begin:]


def sentence(document: FindingsDocument, say: Speaker) -> str:
    """The conclusion in words."""
    stands, month = document.stands, document.month
    end = text.day(min(document.made_at, document.until))
    told = {"end": end, "checks": len(document.checks)}
    if not stands.findings:
        return say("lead_none", **told)
    lead = say(
        "lead",
        **told,
        found=text.number(stands.findings),
        amount=yuan(stands.amount_fen),
        unanswered=text.number(stands.unanswered),
        overdue=text.number(stands.overdue),
        recovered=yuan(stands.recovered_fen),
    )
    new = text.number(month.found + month.reopened)
    cleared = text.number(month.cleared)
    back = yuan(month.recovered_fen)
    return f"{lead} {say('lead_month', new=new, cleared=cleared, back=back)}"


def figures(document: FindingsDocument, say: Speaker) -> list[tuple[str, str]]:
    """The key figures: label and figure."""
    stands = document.stands
    return [
        (say("found"), text.number(stands.findings)),
        (say("unanswered"), text.number(stands.unanswered)),
        (say("overdue"), text.number(stands.overdue)),
        (say("amount"), yuan(stands.amount_fen)),
        (say("recovered_money"), yuan(stands.recovered_fen)),
    ]


def facts(document: FindingsDocument, say: Speaker) -> list[tuple[str, str]]:
    """What the report is about, in reading order: label and text."""
    found = [(say("report_id"), document.id)]
    if between := text.period(document.since, document.until):
        found.append((say("period"), between))
    found += [(say.known(key), value) for key, value in document.subject.items() if key != "month"]
    return [
        *found,
        (say("made_at"), text.moment(document.made_at)),
        (say("hub_version"), document.hub_version),
    ]


def sections(document: FindingsDocument) -> list[str]:
    """The sections that have content, in their order; each is a word and an anchor."""
    there: dict[str, object] = {
        "checks": document.checks,
        "departments": document.departments,
        "by_department": len(document.departments) > 1,
        "months": any(p.happened.found or p.unanswered for p in document.months),
        "policies": document.policies,
        "recompute": True,
    }
    return [name for name, content in there.items() if content]


def command(document: FindingsDocument) -> str:
    """What proves the report."""
    return f"hub report recompute {file_stem(document.id)}.json"
