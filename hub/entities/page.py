"""An account as one page alone: no asset, no script, no network; fit to be printed."""

from __future__ import annotations

from functools import cache
from math import log2
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.entities.account import Account, Link, Side
from hub.entities.telling import Teller, field_title, step_title
from hub.entities.waterfall import Bar, Mark, waterfall
from hub.entities.words import Language, percent
from schemas.contract import Catalog

TEMPLATES = Path(__file__).parent / "templates"


def page(account: Account, catalog: Catalog, language: Language) -> str:
    """The page; it shows personal values, on purpose, to whoever was given it."""
    teller = Teller(account, catalog, language)
    return (
        _templates()
        .get_template("entity.html.j2")
        .render(
            a=account,
            tell=teller,
            say=teller.say,
            lang=language,
            style=Markup((TEMPLATES / "entity.css").read_text("utf-8")),
            links=[_link(teller, link, place) for place, link in enumerate(account.links)],
            near=[_near(teller, link) for link in account.near],
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _link(teller: Teller, link: Link, place: int) -> dict[str, Any]:
    """One link: who was held against whom, the picture, and the values beside each other."""
    bars = [
        Bar(step_title(teller, number, step), teller.title(step.zh, step.en), step.weight)
        for number, step in enumerate(link.steps)
    ]
    return {
        "one": _side(teller, link.one),
        "other": _side(teller, link.other),
        "decision": teller.say(link.decision),
        "probability": percent(link.probability, teller.language),
        "weight": None if link.weight is None else f"{link.weight:.1f}",
        "picture": waterfall(f"w{place}", _title(teller, link), bars, teller.say("total"),
                             _marks(teller)) if bars else None,
        "values": [
            (field_title(teller, step.field), _said(teller, link.one, step.field),
             _said(teller, link.other, step.field), teller.title(step.zh, step.en))
            for step in link.steps
            if step.field is not None
        ],
    }  # fmt: skip


def _near(teller: Teller, link: Link) -> dict[str, Any]:
    mine = teller.account.entity_id
    return {
        "entity": link.other_entity_id if link.entity_id == mine else link.entity_id,
        "one": teller.side(link.one),
        "other": teller.side(link.other),
        "probability": percent(link.probability, teller.language),
        "decision": teller.say(link.decision),
    }


def _title(teller: Teller, link: Link) -> str:
    return f"{teller.side(link.one)} ↔ {teller.side(link.other)}"


def _side(teller: Teller, side: Side) -> tuple[str, str]:
    return teller.who(side[0]), side[1]


def _said(teller: Teller, side: Side, field: str) -> str:
    """What the group of records behind one side says in a field: its own word first."""
    records = teller.account.records
    group = next(
        (
            members
            for members in teller.account.groups
            if any((records[m].supply, records[m].source_key) == side for m in members)
        ),
        (),
    )
    own = [records[m] for m in group if (records[m].supply, records[m].source_key) == side]
    rest = sorted((records[m] for m in group), key=lambda record: record.place)
    parted = side in dict(teller.account.disowned) and field in teller.key_fields()
    if parted:
        return "—"  # a number that is another's was not held against anything
    said = next((r.says[field] for r in (*rest, *own) if field in r.says), None)
    return teller.shown(field, said)


def _marks(teller: Teller) -> list[Mark]:
    account = teller.account
    marks = []
    for key, share in (("threshold", account.match), ("review_line", account.review)):
        if share is not None and 0 < share < 1:
            marks.append(Mark(teller.say(key), log2(share / (1 - share))))
    return marks
