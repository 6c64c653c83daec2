"""What a contract says of linkage, worked out: which fields are compared, as what, and how."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from hub.linkage.kinds import kind_of
from schemas.contract import Catalog, Dataset, Field
from schemas.linkage import Kind, Linkage
from schemas.reconciliation import Reconcile

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


def specify(dataset: Dataset, catalog: Catalog) -> Specification:
    """The specification that follows from a dataset's contract alone.

    A field is compared when rows of one supply can differ in it: fields that the plan only
    resolves or sets to a constant say nothing. Kinds that the contract names win.
    """
    plan = dataset.reconcile
    linkage = plan.linkage or Linkage()
    compared = [field for field in dataset.fields if _speaks(field, plan, linkage)]
    fields = tuple(
        Compared(
            place=place,
            field=field.name,
            kind=kind_of(field, plan, linkage),
            title=field.title,
            title_en=field.properties.title_en or field.name.replace("_", " "),
        )
        for place, field in enumerate(compared)
    )
    return Specification(
        dataset=dataset.name,
        fields=fields,
        blocking=tuple(tuple(names) for names in linkage.blocking),
        match=linkage.match,
        review=linkage.review,
    )


def _speaks(field: Field, plan: Reconcile, linkage: Linkage) -> bool:
    if field.name == "entity_id" or field.name in linkage.ignore:
        return False
    if field.name in {resolve.field for resolve in plan.resolve}:
        return False
    spaces = {key.field or key.name: key.name for key in plan.keys}
    fed = [
        source
        for source in plan.sources
        if field.name in source.fields or spaces.get(field.name) in source.keys
    ]
    # Across supplies a field must be known to two of them; one supply alone is held against itself.
    return len(fed) > 1 or (len(plan.sources) == 1 and bool(fed))
