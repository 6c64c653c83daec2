"""Which few rules make most of the failures: bars, longest first, and their running total."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hub.report.document import RuleLine
from hub.report.view import svg
from hub.report.view.text import number, share, shortened
from hub.report.view.words import Speaker

MOST = 12
WIDE, ROW, TOP = 760, 34, 26
LEFT, LENGTH = 330, 300  # of the axis from 0 to 100 percent of all failures
FILLS = {"error": svg.ACCENT, "warning": "#7d9cbd", "info": "#ffffff"}


def counted(rules: Sequence[RuleLine]) -> list[RuleLine]:
    """The rules with failures; those that only inform are left out where others fail."""
    failing = [rule for rule in rules if rule.failed]
    grave = [rule for rule in failing if rule.severity != "info"]
    return grave or failing


def worst(rules: Sequence[RuleLine]) -> list[RuleLine]:
    """The rules with the most failures, most first."""
    return sorted(counted(rules), key=lambda rule: -rule.failed)[:MOST]


def pareto(rules: Sequence[RuleLine], say: Speaker) -> Markup:
    """Bars and line on one axis, the share of all failures."""
    listed = worst(rules)
    whole = sum(rule.failed for rule in counted(rules))
    several = len({rule.supply for rule in rules}) > 1
    high = TOP + ROW * len(listed) + 8
    end = axis_end(sum(rule.failed for rule in listed) / whole)
    long = LENGTH / (whole * end)  # of one failure
    parts = _axis(high, end)
    running = 0
    dots = []
    for n, rule in enumerate(listed):
        y = TOP + ROW * n + ROW / 2
        running += rule.failed
        label = shortened(f"{n + 1}  {say.of(rule.says)}", 24.5)
        words = f"{rule.supply}: {say.of(rule.says)} — {number(rule.failed)}"
        parts.append(
            svg.titled(
                words,
                svg.text(0, y - 2 if several else y + 5, label, font_size=13, fill=svg.INK),
                svg.text(0, y + 13, rule.supply, font_size=11, fill=svg.MUTED) if several else "",
                svg.tag(
                    "rect",
                    x=LEFT,
                    y=y - 9,
                    width=max(long * rule.failed, 1.5),
                    height=18,
                    fill=FILLS.get(rule.severity, svg.ACCENT),
                    stroke=svg.ACCENT,
                ),
                svg.text(
                    WIDE, y + 5, number(rule.failed), text_anchor="end", font_size=13, fill=svg.INK
                ),
            )
        )
        dots.append((LEFT + long * running, y))
    line = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in dots)
    parts.append(svg.tag("polyline", points=line, fill="none", stroke=svg.BAD, stroke_width=1.6))
    parts += [
        svg.tag("circle", cx=x, cy=y, r=3.4, fill="#ffffff", stroke=svg.BAD, stroke_width=1.6)
        for x, y in dots
    ]
    described = "; ".join(
        f"{n + 1}. {say.of(r.says)}: {number(r.failed)} ({share(r.failed, whole)})"
        for n, r in enumerate(listed)
    )
    return svg.picture("pareto", say("pareto"), described, (WIDE, high), parts)


def axis_end(share: float) -> float:
    """Where the axis ends, as a share of all failures: where what is drawn needs the room."""
    return next(end for end in (0.04, 0.1, 0.2, 0.4, 1.0) if share <= end or end == 1.0)


def _axis(high: float, end: float) -> list[str]:
    parts = []
    for quarter in range(5):
        x = LEFT + LENGTH * quarter / 4
        percent = svg.number(25 * quarter * end)
        parts += [
            svg.tag("line", x1=x, x2=x, y1=TOP - 4, y2=high - 6, stroke=svg.TRACK),
            svg.text(x, 14, f"{percent} %", text_anchor="middle", font_size=12, fill=svg.MUTED),
        ]
    return parts
