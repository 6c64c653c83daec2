"""The score as a ring, and the score of every dimension as a bar."""

from __future__ import annotations

from math import pi

from markupsafe import Markup

from hub.report.document import Scorecard
from hub.report.view import svg
from hub.report.view.text import width
from hub.report.view.words import Speaker

RING = 176
ROW = 34
TOP = 22
BARS = (580, 140, 345)  # width, left of the track, length of the track


def ring(card: Scorecard, say: Speaker) -> Markup:
    """The total score as a ring with the figure and the grade in it; dashes: not assessed."""
    centre, radius = RING / 2, 74.0
    around = 2 * pi * radius
    about: dict[str, svg.Attribute] = {
        "cx": centre,
        "cy": centre,
        "r": radius,
        "fill": "none",
        "stroke_width": 12.0,
    }
    parts = [svg.tag("circle", stroke=svg.TRACK, **about)]
    grade = say.grade(card)
    if card.score is None:
        parts = [svg.tag("circle", stroke=svg.LINE, stroke_dasharray="4 4", **about)]
        words = say("not_assessed")
        parts.append(
            svg.text(centre, centre + 6, words, text_anchor="middle", font_size=17, fill=svg.MUTED)
        )
        return svg.picture("ring", say("score"), words, (RING, RING), parts)
    filled = around * min(max(float(card.score), 0), 100) / 100
    parts += [
        svg.tag(
            "circle",
            stroke=svg.ACCENT,
            stroke_dasharray=f"{svg.number(filled)} {svg.number(around)}",
            transform=f"rotate(-90 {svg.number(centre)} {svg.number(centre)})",
            **about,
        ),
        svg.text(
            centre,
            centre + (4 if grade else 11),
            card.score,
            text_anchor="middle",
            font_size=34,
            font_weight=600,
            fill=svg.INK,
        ),
        svg.text(
            centre, centre + 32, grade or "", text_anchor="middle", font_size=17, fill=svg.MUTED
        ),
    ]
    described = f"{say('score')} {card.score} / 100 {grade or ''}".strip()
    return svg.picture("ring", say("score"), described, (RING, RING), parts)


def bars(card: Scorecard, say: Speaker) -> Markup:
    """One bar per dimension from 0 to 100, with a line where each grade begins."""
    wide, left, length = BARS
    high = TOP + ROW * len(card.dimensions) + 4
    parts = _grades(card, say, high)
    for row, dimension in enumerate(card.dimensions):
        y = TOP + ROW * row + ROW / 2
        name = f"{dimension.code} {say.of(dimension.name)}"
        parts.append(svg.text(0, y + 5, name, font_size=15, fill=svg.INK))
        if dimension.score is None:
            dashed: dict[str, svg.Attribute] = {
                "fill": "none",
                "stroke": svg.LINE,
                "stroke_dasharray": "4 4",
            }
            parts.append(svg.tag("rect", x=left, y=y - 7, width=length, height=14.0, **dashed))
            words, tint = say("not_assessed"), svg.MUTED
        else:
            filled = length * min(max(float(dimension.score), 0), 100) / 100
            parts += [
                svg.tag("rect", x=left, y=y - 7, width=length, height=14, fill=svg.TRACK),
                svg.tag("rect", x=left, y=y - 7, width=filled, height=14, fill=svg.ACCENT),
            ]
            words, tint = dimension.score, svg.INK
        parts.append(svg.text(wide, y + 5, words, text_anchor="end", font_size=15, fill=tint))
    described = "; ".join(
        f"{say.of(d.name)} {d.score or say('not_assessed')}" for d in card.dimensions
    )
    return svg.picture("bars", say("dimensions"), described, (wide, high), parts)


def _grades(card: Scorecard, say: Speaker, high: float) -> list[str]:
    _, left, length = BARS
    parts: list[str] = []
    edge = float("inf")  # where the label to the right begins
    for _, name, least in card.grades:
        x = left + length * float(least) / 100
        label = f"{say.of(name)} {least}"
        if float(least) <= 0:
            continue
        parts.append(
            svg.tag(
                "line",
                x1=x,
                x2=x,
                y1=TOP - 4,
                y2=high,
                stroke=svg.MUTED,
                stroke_width=0.8,
                stroke_dasharray="2 3",
            )
        )
        half = 6 * width(label)
        if x + half + 6 > edge:
            continue  # it would stand in the label to the right
        edge = x - half
        parts.append(svg.text(x, 12, label, text_anchor="middle", font_size=12, fill=svg.MUTED))
    return parts
