"""The document as one HTML file that needs nothing else: no asset, no script, no network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.report.document import Document, Words
from hub.report.view import conclusion, heatmap, svg_pareto, svg_score, svg_trend, text
from hub.report.view.names import file_stem
from hub.report.view.rules import SEVERITIES, arranged
from hub.report.view.words import WORDS, Speaker
from quality.messages import Language, mend
from quality.scorecard.standard import DIMENSIONS, INDICATORS

TEMPLATES = Path(__file__).parent / "templates"
LINES = 300  # of parts, discrepancies and samples, each
MOMENTS = ("as_of", "closed_at", "created_at", "made_at", "opened_at")


def html(document: Document, language: Language) -> str:
    """The page. Sections without content are left out."""
    say = Speaker(language)
    return templates().get_template("page.html.j2").render(_content(document, say))


@cache
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["number"] = text.number
    environment.globals |= {"share": text.share}
    return environment


def _finalize(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return text.plain(value)
    return value


def _content(document: Document, say: Speaker) -> dict[str, Any]:
    zone = text.zone_of(document.made_at)
    titles = {(cell.owner, cell.field): cell.title for cell in document.heatmap}
    grades = {code: say.of(name) for code, name, _ in document.scorecard.grades}
    return {
        "d": document,
        "say": say,
        "style": Markup((TEMPLATES / "style.css").read_text("utf-8") + _shades()),
        "facts": facts(document, say),
        "sentence": conclusion.sentence(document, say),
        "figures": conclusion.key_figures(document, say),
        "sections": sections(document),
        "ring": svg_score.ring(document.scorecard, say),
        "bars": svg_score.bars(document.scorecard, say),
        "trend": svg_trend.trend(document.trend, say) if len(document.trend) > 1 else None,
        "points": svg_trend.shown(document.trend),
        "cut": svg_trend.lowest(document.trend) > 0,
        "pareto": _pareto(document, say),
        "rules": arranged(document.rules),
        "map": heatmap.heat_map(document.heatmap),
        "wide": heatmap.WIDE,
        "shades": heatmap.SHADES,
        "lines": LINES,
        "mend": lambda code: mend(code, say.language),
        "indicator": lambda code: indicator(code, say),
        "field": lambda owner, name: field(titles.get((owner, name)), name, say),
        "when": lambda at: text.moment(at, zone),
        "grade": lambda code: grades.get(code or "", code or ""),
        "marks": [
            (svg_trend.sign(verdict), say.verdict(verdict))
            for verdict in ("accept", "warn", "hold", "reject")
            if any(point.verdict == verdict for point in document.trend)
        ],
        "command": command(document),
    }


def command(document: Document) -> str:
    """What proves the report: it reads the JSON file that is written beside the others."""
    return f"hub report recompute {file_stem(document.id)}.json"


def _shades() -> str:
    """One class per shade; the print keeps the background."""
    return "".join(
        f".s{n}{{background:{paper};color:{ink}}}\n"
        for n, (_, paper, ink) in enumerate(heatmap.SHADES)
    )


def _pareto(document: Document, say: Speaker) -> dict[str, Any] | None:
    listed = svg_pareto.worst(document.rules)
    if not listed:
        return None
    counted = svg_pareto.counted(document.rules)
    whole = sum(rule.failed for rule in counted)
    note = say(
        "pareto_of",
        shown=len(listed),
        total=text.number(len(counted)),
        failures=text.number(whole),
        share=text.share(sum(rule.failed for rule in listed), whole),
    )
    if len(counted) < sum(bool(rule.failed) for rule in document.rules):
        note = f"{note} {say('pareto_without')}"
    levels = [level for level in SEVERITIES if any(r.severity == level for r in counted)]
    return {"picture": svg_pareto.pareto(document.rules, say), "note": note, "levels": levels}


def facts(document: Document, say: Speaker) -> list[tuple[str, str]]:
    """What the report is about, in reading order: label and text."""
    zone = text.zone_of(document.made_at)
    found = [(say("report_id"), document.id)]
    if between := text.period(document.since, document.until):
        found.append((say("period"), between))
    for key, value in document.subject.items():
        if key == "batch_id" or (key == "month" and document.since):
            continue  # the report's id says it, or the period
        shown = text.moment(value, zone) if key in MOMENTS else value
        known = f"{key}.{value}"  # some facts are words of the hub: verdict, mode
        found.append((say.known(key), say(known) if known in WORDS else shown))
    found += [(say.known(key), text.number(value)) for key, value in document.counts.items()]
    return [
        *found,
        (say("configuration"), document.scorecard.configuration),
        (say("made_at"), text.moment(document.made_at)),
        (say("hub_version"), document.hub_version),
    ]


def sections(document: Document) -> list[str]:
    """The sections that have content, in their order; each is a word and an anchor."""
    there: Mapping[str, object] = {
        "scorecard": True,
        "trend": len(document.trend) > 1,
        "parts": document.parts,
        "pareto": svg_pareto.worst(document.rules),
        "rules": document.rules,
        "discrepancies": document.discrepancies,
        "heatmap": document.heatmap,
        "samples": document.samples,
        "recompute": True,
    }
    return [name for name, content in there.items() if content]


def indicator(code: str | None, say: Speaker) -> str:
    """`0105 权威参考数据`, or its dimension for two digits; other codes as they stand."""
    if code in INDICATORS:
        found = INDICATORS[code]
        return f"{code} {say.of(Words(found.zh, found.en))}"
    if code in DIMENSIONS:
        return f"{code} {say.of(Words(*DIMENSIONS[code]))}"
    return code or ""


def field(title: Words | None, name: str | None, say: Speaker) -> tuple[str, str]:
    """(title, name) of a field as a reader knows it; the name is empty where it says no more."""
    if name is None:
        return say("whole_table"), ""
    if name == "_row_":
        return say("whole_row"), ""
    shown = say.of(title) if title else name
    return shown, "" if shown == name else name
