"""Findings by state as a bar, and the months as two rows of bars."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hub.ledger.finding_life import yuan
from hub.report.findings.document import MonthPoint, Standing
from hub.report.view import svg
from hub.report.view.words import Speaker

SHADES = {
    "open": "#9c2a1f",
    "confirmed": "#c77b4a",
    "recovering": "#d9b26a",
    "recovered": "#1f4b7a",
    "dismissed": "#9aa7b5",
    "cleared": "#d4dae2",
}
WIDE, LEFT, RIGHT = 760, 64, 16
TOP, HIGH, GAP, LOW = 14, 120, 46, 80
CAME, ENDED = "#9c2a1f", "#9aa7b5"


def bar(stands: Standing, say: Speaker, name: str) -> Markup:
    """One bar as long as all findings, cut into states."""
    parts, at = [], 0.0
    described = []
    for state in stands.states:
        if not state.findings:
            continue
        long = 200 * state.findings / stands.findings
        words = f"{say(f'state.{state.state}')}: {state.findings:,}"
        described.append(words)
        parts.append(
            svg.titled(
                words,
                svg.tag(
                    "rect", x=at, y=0, width=max(long - 1, 1), height=12, fill=SHADES[state.state]
                ),
            )
        )
        at += long
    return svg.picture(name, say("states"), "; ".join(described), (200, 12), parts)


def sample(state: str) -> Markup:
    """The shade of a state for a legend."""
    box = svg.tag("rect", x=1, y=3, width=14, height=10, fill=SHADES[state])
    return Markup(svg.tag("svg", box, viewBox="0 0 16 16", aria_hidden="true"))


def shade(colour: str) -> Markup:
    """Any shade for a legend."""
    box = svg.tag("rect", x=1, y=3, width=14, height=10, fill=colour)
    return Markup(svg.tag("svg", box, viewBox="0 0 16 16", aria_hidden="true"))


def months(points: Sequence[MonthPoint], say: Speaker) -> Markup:
    """What came and what ended, month by month, and the money that came back below it."""
    step = (WIDE - LEFT - RIGHT) / len(points)
    across = [LEFT + step * (n + 0.5) for n in range(len(points))]
    came = [p.happened.found + p.happened.reopened for p in points]
    ended = [p.happened.cleared + p.happened.dismissed for p in points]
    back = [p.happened.recovered_fen for p in points]
    most = max([*came, *ended, 1])
    parts = _axis(TOP, HIGH, f"{most:,}")
    for x, point, new, over in zip(across, points, came, ended, strict=True):
        parts += [
            _bar(x - 11, TOP, HIGH, new / most, CAME, f"{point.label} {say('came')}: {new:,}"),
            _bar(x + 1, TOP, HIGH, over / most, ENDED, f"{point.label} {say('ended')}: {over:,}"),
        ]
    top = TOP + HIGH + GAP
    richest = max([*back, 1])
    title = say("recovered_money")
    parts.append(svg.text(LEFT, top - 10, title, font_size=12, fill=svg.MUTED))
    parts += _axis(top, LOW, yuan(richest) if any(back) else "")
    for x, point, fen in zip(across, points, back, strict=True):
        words = f"{point.label}: {yuan(fen)}"
        parts.append(_bar(x - 8, top, LOW, max(fen, 0) / richest, svg.ACCENT, words, 16))
        parts.append(
            svg.text(
                x, top + LOW + 18, point.label[2:], text_anchor="middle", font_size=12,
                fill=svg.MUTED,
            )
        )  # fmt: skip
    described = "; ".join(f"{p.label}: {n:,} / {e:,}" for p, n, e in
                          zip(points, came, ended, strict=True))  # fmt: skip
    return svg.picture("months", say("months"), described, (WIDE, top + LOW + 26), parts)


def _axis(top: float, high: float, most: str) -> list[str]:
    base = top + high
    parts = [svg.tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=base, y2=base, stroke=svg.LINE)]
    if most:
        parts += [
            svg.tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=top, y2=top, stroke=svg.TRACK),
            svg.text(LEFT - 8, top + 4, most, text_anchor="end", font_size=12, fill=svg.MUTED),
        ]
    return parts


def _bar(
    x: float, top: float, high: float, part: float, colour: str, words: str, wide: float = 10
) -> str:
    tall = high * part
    return svg.titled(
        words, svg.tag("rect", x=x, y=top + high - tall, width=wide, height=tall, fill=colour)
    )
