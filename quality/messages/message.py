"""What one kind of rule says, why, and how its failing rows are mended."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Message(NamedTuple):
    """The sentence of a broken rule in both languages, and one for the clerk who mends it.

    `{field}` stands for the fields' names, `{bounds}` for the promised range, further names are
    the rule's arguments. `clause` is the standard behind the rule, where there is one.
    """

    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""
    clause: str | None = None
