"""Small pieces of SVG as text. Every text from outside is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

from hub.report.view.text import plain

INK = "#1c2330"
MUTED = "#566070"
LINE = "#c9d0d9"
TRACK = "#e6eaef"
ACCENT = "#1f4b7a"
BAD = "#9c2a1f"

Attribute = str | float | int


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def tag(kind: str, *inside: str, **attributes: Attribute) -> str:
    """One element; `_` in a name stands for `-`; `inside` is SVG already."""
    written = "".join(f' {_name(name)}="{_value(value)}"' for name, value in attributes.items())
    body = "".join(inside)
    return f"<{kind}{written}>{body}</{kind}>" if body else f"<{kind}{written}/>"


def _name(name: str) -> str:
    return {"viewBox": "viewBox"}.get(name) or name.strip("_").replace("_", "-")


def _value(value: Attribute) -> str:
    return escape(plain(value), quote=True) if isinstance(value, str) else number(value)


def text(x: float, y: float, words: str, **attributes: Attribute) -> str:
    """A line of text; the words may come from anywhere."""
    return tag("text", escape(plain(words)), x=x, y=y, **attributes)


def titled(words: str, *inside: str, **attributes: Attribute) -> str:
    """A group that says its words when pointed at, or read aloud."""
    return tag("g", tag("title", escape(plain(words))), *inside, **attributes)


def picture(
    name: str, title: str, description: str, size: tuple[float, float], parts: Iterable[str]
) -> Markup:
    """A whole picture with its title and description for those who do not see it.

    `name` is unique in the page: it makes the ids.
    """
    wide, high = size
    return Markup(
        tag(
            "svg",
            tag("title", escape(plain(title)), id=f"{name}-title"),
            tag("desc", escape(plain(description)), id=f"{name}-desc"),
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(wide)} {number(high)}",
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
            class_=f"picture {name}",
        )
    )
