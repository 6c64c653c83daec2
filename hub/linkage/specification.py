"""What a contract says of linkage, worked out: which fields are compared, as what, and how."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from hub.linkage.kinds import kind_of
from schemas.contract import Dataset
from schemas.linkage import Kind, Linkage
from schemas.rules.linkage import compared

ALGORITHM = 1
"""Grows when the same specification would prepare, compare or block in another way."""


@dataclass(frozen=True)
class Compared:
    """One golden field that is held against itself in two profiles.

    `place` names its columns: `p<place>…` prepared, `level_<field>` in the table of pairs.
    """

    place: int
    field: str
    kind: Kind
    title: str
    title_en: str


@dataclass(frozen=True)
class Specification:
    """Everything of a contract that two profiles are compared by; equal digest, equal model."""

    dataset: str
    fields: tuple[Compared, ...]
    blocking: tuple[tuple[str, ...], ...]  # the contract's own rules, besides those that follow
    match: float
    review: float

    @property
    def digest(self) -> str:
        """Names the model: thresholds are not part of it, for they change no weight."""
        parts = {"algorithm": ALGORITHM, "dataset": self.dataset, "blocking": self.blocking}
        parts["fields"] = [{**asdict(f), "title": "", "title_en": ""} for f in self.fields]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def of(self, kind: Kind) -> tuple[Compared, ...]:
        """The fields of one kind, in the contract's order."""
        return tuple(field for field in self.fields if field.kind == kind)


def specify(dataset: Dataset) -> Specification:
    """The specification that follows from a dataset's contract alone.

    Fields that the plan only resolves or sets to a constant say nothing (`compared`). Kinds that
    the contract names win.
    """
    plan = dataset.reconcile
    linkage = plan.linkage or Linkage()
    named = compared(dataset)
    fields = tuple(
        Compared(
            place=place,
            field=field.name,
            kind=kind_of(field, plan, linkage),
            title=field.title,
            title_en=field.properties.title_en or field.name.replace("_", " "),
        )
        for place, field in enumerate(f for f in dataset.fields if f.name in named)
    )
    return Specification(
        dataset=dataset.name,
        fields=fields,
        blocking=tuple(tuple(names) for names in linkage.blocking),
        match=linkage.match,
        review=linkage.review,
    )
