"""A story: one department's request for data, told as acts of officers on days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.contract import Catalog
from schemas.sharing import Application, Role, Terms

DAYS = 60  # the stories begin so many days ago
Kind = Literal[
    "file", "give_back", "resubmit", "accept", "ask_extension", "consent", "grant", "narrow",
    "refuse", "dispute", "uphold", "overturn", "withdraw", "revoke",
]  # fmt: skip
BY: dict[Kind, Role] = {
    "file": Role.APPLICANT,
    "resubmit": Role.APPLICANT,
    "dispute": Role.APPLICANT,
    "withdraw": Role.APPLICANT,
    "grant": Role.APPROVER,
    "narrow": Role.APPROVER,
    "refuse": Role.APPROVER,
    "ask_extension": Role.APPROVER,
    "give_back": Role.SUPERVISOR,
    "accept": Role.SUPERVISOR,
    "consent": Role.SUPERVISOR,
    "uphold": Role.SUPERVISOR,
    "overturn": Role.SUPERVISOR,
    "revoke": Role.SUPERVISOR,
}
"""Which officer does what; of several the first, and the last one settles disputes."""
SETTLES = ("uphold", "overturn")


@dataclass(frozen=True)
class Act:
    """One act of a story: on which of the `DAYS`, and what is said or decided."""

    day: int
    kind: Kind
    reason: str = ""
    terms: Terms | None = None
    application: Application | None = None


@dataclass(frozen=True)
class Story:
    """One request with its life; `name` is what tests and summaries call it."""

    name: str
    application: Application
    acts: tuple[Act, ...]


def officer(catalog: Catalog, department: str, kind: Kind) -> str:
    """The officer of a department who does such an act."""
    names = [n for n, r in catalog.departments[department].officers.items() if BY[kind] in r]
    return names[-1] if kind in SETTLES else names[0]


def acts_in_order(told: tuple[Story, ...]) -> Iterator[tuple[int, Story, Act]]:
    """(number of the story, story, act), day by day."""
    every = [
        (act.day, number, place, story, act)
        for number, story in enumerate(told)
        for place, act in enumerate(story.acts)
    ]
    for _, number, _, story, act in sorted(every, key=lambda found: found[:3]):
        yield number, story, act
