"""The weight of one pair as a waterfall: where it starts, what each field adds, where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

INK, MUTED, LINE = "#1c2330", "#566070", "#c9d0d9"
FOR, AGAINST, TOTAL, START = "#1f6b52", "#9c2a1f", "#1f4b7a", "#8b95a3"
Scale = Callable[[float], float]
ROW, TOP, LEFT, RIGHT, WIDE = 30, 34, 190, 300, 1000


@dataclass(frozen=True)
class Bar:
    """One step: its name, what was found, and its bits."""

    name: str
    words: str
    bits: float


@dataclass(frozen=True)
class Mark:
    """A line across all bars."""

    name: str
    bits: float


def waterfall(name: str, title: str, bars: Sequence[Bar], total: str, marks: Sequence[Mark]) -> str:
    """An SVG picture; `bars` begin with the prior. `name` is unique in the page."""
    sums = [0.0]
    for bar in bars:
        sums.append(sums[-1] + bar.bits)
    low = min(0.0, *sums, *(mark.bits for mark in marks))
    high = max(0.0, *sums, *(mark.bits for mark in marks))
    span = max(high - low, 1.0)
    low, high = low - span * 0.06, high + span * 0.06

    def x(bits: float) -> float:
        return LEFT + (bits - low) / (high - low) * (WIDE - LEFT - RIGHT)

    bottom = TOP + ROW * (len(bars) + 1)
    parts = list(_axis(x, low, high, bottom))
    for place, bar in enumerate(bars):
        y = TOP + ROW * place
        colour = START if place == 0 else _colour(bar.bits)
        parts += _bar(x, y, sums[place], sums[place + 1], colour)
        parts.append(_text(LEFT - 10, y + 18, bar.name, INK, "end"))
        parts.append(_text(WIDE - RIGHT + 64, y + 18, bar.words, MUTED, "start", 12.5))
        parts.append(_text(WIDE - RIGHT + 54, y + 18, _bits(bar.bits), colour, "end", 13, 600))
        if place + 1 < len(bars):
            end = x(sums[place + 1])
            parts.append(_line(end, y + 24, end, y + ROW + 6, LINE))
    y = TOP + ROW * len(bars)
    parts += _bar(x, y, 0.0, sums[-1], TOTAL)
    parts.append(_text(LEFT - 10, y + 18, total, INK, "end", 13, 600))
    parts.append(_text(WIDE - RIGHT + 54, y + 18, f"{sums[-1]:+.1f}", TOTAL, "end", 13, 600))
    for place, mark in enumerate(marks):
        parts.append(_line(x(mark.bits), TOP - 4, x(mark.bits), bottom + 4, INK, "5 4"))
        # Two lines close to each other keep their words apart.
        anchor = "end" if place and abs(x(mark.bits) - x(marks[0].bits)) < 150 else "start"
        shift = -4 if anchor == "end" else 4
        parts.append(_text(x(mark.bits) + shift, TOP - 10, mark.name, INK, anchor, 12))
    words = "; ".join(f"{bar.name}: {bar.words} {bar.bits:+.1f}" for bar in bars)
    high_px = bottom + 34
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high_px}" role="img" '
        f'aria-labelledby="{name}-t {name}-d" class="waterfall">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(words)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _colour(bits: float) -> str:
    return MUTED if _bits(bits) == "0.0" else FOR if bits > 0 else AGAINST


def _bits(bits: float) -> str:
    """With its sign; nothing is neither for nor against."""
    return "0.0" if abs(bits) < 0.05 else f"{bits:+.1f}"


def _axis(x: Scale, low: float, high: float, bottom: float) -> Iterator[str]:
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (high - low) / s <= 12)
    tick = int(low // step + 1) * step
    while tick <= high:
        yield _line(x(tick), TOP, x(tick), bottom, "#e9edf1" if tick else MUTED)
        yield _text(x(tick), bottom + 18, f"{tick:+d}" if tick else "0", MUTED, "middle", 11.5)
        tick += step


def _bar(x: Scale, y: float, start: float, end: float, colour: str) -> list[str]:
    left, right = sorted((x(start), x(end)))
    wide = max(right - left, 1.5)
    size = f'y="{y + 6}" width="{wide:.1f}" height="18" rx="1.5"'
    return [f'<rect x="{left:.1f}" {size} fill="{colour}"/>']


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "") -> str:
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dash}/>'
    )


def _text(
    x: float, y: float, words: str, colour: str, anchor: str, size: float = 13, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" '
        f'font-size="{size}" font-weight="{weight}">{escape(words)}</text>'
    )
