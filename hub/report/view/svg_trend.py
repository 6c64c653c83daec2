"""The score over time, with the share of quarantined rows below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from hub.report.document import Point
from hub.report.view import svg
from hub.report.view.text import day, share, width
from hub.report.view.words import Speaker

WIDE, LEFT, RIGHT = 760, 52, 16
TOP, HIGH = 16, 150  # the panel of scores
GAP, LOW = 34, 46  # the panel of quarantined shares
MOST = 60  # points that can be told apart


def shown(points: Sequence[Point]) -> Sequence[Point]:
    """The newest points, as many as can be told apart."""
    return points[-MOST:]


def trend(points: Sequence[Point], say: Speaker) -> Markup:
    """A line of scores; a gap where a batch was not assessed; the mark's shape is the verdict."""
    points = shown(points)
    low, high = lowest(points), 100.0
    step = (WIDE - LEFT - RIGHT) / max(len(points), 1)
    across = [LEFT + step * (n + 0.5) for n in range(len(points))]

    def y(score: float) -> float:
        return TOP + HIGH * (high - score) / (high - low)

    parts = _grid(low, high)
    run: list[str] = []
    for x, point in zip([*across, 0.0], [*points, None], strict=True):
        if point is not None and point.score is not None:
            run.append(f"{svg.number(x)},{svg.number(y(float(point.score)))}")
            continue
        if len(run) > 1:
            parts.append(
                svg.tag(
                    "polyline", points=" ".join(run), fill="none", stroke=svg.ACCENT, stroke_width=2
                )
            )
        run = []
    parts += [_point(x, p, y, say) for x, p in zip(across, points, strict=True)]
    parts += _quarantined(across, step, points, say)
    parts += _dates(across, points)
    first, last = points[0], points[-1]
    described = (
        f"{day(first.at)}: {first.score or say('not_assessed')}; "
        f"{day(last.at)}: {last.score or say('not_assessed')}"
    )
    size = (WIDE, TOP + HIGH + GAP + LOW + 24)
    return svg.picture("trend", say("trend"), described, size, parts)


def lowest(points: Sequence[Point]) -> float:
    """Where the axis begins that ends at 100: as far below as makes changes visible."""
    least = min((float(p.score) for p in shown(points) if p.score is not None), default=0.0)
    for span in (1.0, 2.0, 5.0, 10.0, 20.0, 40.0):
        if 100 - least <= span * 0.9:
            return 100 - span
    return 0.0


def _grid(low: float, high: float) -> list[str]:
    parts = []
    for n in range(5):
        score = low + (high - low) * n / 4
        at = TOP + HIGH * (4 - n) / 4
        written = f"{score:.2f}".rstrip("0").rstrip(".")
        parts += [
            svg.tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=at, y2=at, stroke=svg.TRACK),
            svg.text(LEFT - 8, at + 4, written, text_anchor="end", font_size=12, fill=svg.MUTED),
        ]
    return parts


def _point(x: float, point: Point, y: Callable[[float], float], say: Speaker) -> str:
    """A mark at its score; without one a mark on the axis, unless it would look like a score."""
    words = f"{day(point.at)} {point.label}: {point.score or say('not_assessed')}"
    if point.verdict:
        words += f", {say.verdict(point.verdict)}"
    if point.score is not None:
        return svg.titled(words, mark(x, y(float(point.score)), point.verdict))
    if point.verdict in ("reject", "fault"):
        return svg.titled(words, mark(x, TOP + HIGH + 10, point.verdict))
    return ""


def mark(x: float, y: float, verdict: str | None) -> str:
    """A dot for accept, a triangle for warn, a square for hold, a cross for reject and fault."""
    white: dict[str, svg.Attribute] = {"fill": "#ffffff", "stroke": svg.ACCENT, "stroke_width": 2.0}
    if verdict == "warn":
        corners = f"{_at(x, y - 6)} {_at(x + 6, y + 5)} {_at(x - 6, y + 5)}"
        return svg.tag("polygon", points=corners, **white)
    if verdict == "hold":
        return svg.tag("rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, **white)
    if verdict in ("reject", "fault"):
        cross = (
            f"M{_at(x - 5, y - 5)} L{_at(x + 5, y + 5)} M{_at(x - 5, y + 5)} L{_at(x + 5, y - 5)}"
        )
        return svg.tag("path", d=cross, stroke=svg.BAD, stroke_width=2.6, fill="none")
    return svg.tag("circle", cx=x, cy=y, r=4, fill=svg.ACCENT)


def sign(verdict: str) -> Markup:
    """The mark of a verdict for a legend that says it in words beside it."""
    return Markup(svg.tag("svg", mark(8, 8, verdict), viewBox="0 0 16 16", aria_hidden="true"))


def _at(x: float, y: float) -> str:
    return f"{svg.number(x)},{svg.number(y)}"


def _quarantined(
    across: Sequence[float], step: float, points: Sequence[Point], say: Speaker
) -> list[str]:
    base = TOP + HIGH + GAP + LOW
    shares = [p.quarantined / p.rows if p.rows else 0.0 for p in points]
    most = max(shares, default=0.0)
    parts = [
        svg.text(LEFT, base - LOW - 8, say("quarantined_share"), font_size=12, fill=svg.MUTED),
        svg.tag("line", x1=LEFT, x2=WIDE - RIGHT, y1=base, y2=base, stroke=svg.LINE),
    ]
    if not most:
        return parts
    worst = points[shares.index(most)]
    top = share(worst.quarantined, worst.rows)
    parts.append(
        svg.text(LEFT - 8, base - LOW + 4, top, text_anchor="end", font_size=12, fill=svg.MUTED)
    )
    for x, point, part in zip(across, points, shares, strict=True):
        tall = LOW * part / most
        bar = svg.tag(
            "rect", x=x - min(step * 0.3, 12), y=base - tall, width=min(step * 0.6, 24),
            height=tall, fill="#8b95a3",
        )  # fmt: skip
        parts.append(svg.titled(f"{day(point.at)}: {share(point.quarantined, point.rows)}", bar))
    return parts


def _dates(across: Sequence[float], points: Sequence[Point]) -> list[str]:
    days = [day(p.at)[5:] for p in points]
    clear = len(set(days)) == len(days)
    labels = [
        p.label if width(p.label) <= 7 else d if clear else f"{d} {p.at[11:16]}"
        for p, d in zip(points, days, strict=True)
    ]
    every = max(1, -(-len(points) // 8))
    y = TOP + HIGH + GAP + LOW + 17
    return [
        svg.text(x, y, label, text_anchor="middle", font_size=12, fill=svg.MUTED)
        for n, (x, label) in enumerate(zip(across, labels, strict=True))
        if n % every == 0
    ]
