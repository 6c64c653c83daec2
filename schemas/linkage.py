"""How rows without a good key find their entity: what a dataset's contract may say of linkage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.promise import Names, Promise, Share

Kind = Literal[
    "person_name", "organisation_name", "identifier", "date", "address", "phone", "code", "number",
    "text",
]  # fmt: skip
"""What a field's values are, and so how two of them are held against each other."""


class Link(Promise):
    """How one golden field speaks for or against two rows being one entity."""

    kind: Kind | None = None  # None: follows from the field's type, identifier and comparison


class Linkage(Promise):
    """Probabilistic linkage (Fellegi and Sunter 1969) of rows that no shared key joins.

    Everything has a default that follows from the field types; `linkage: {}` is enough.
    """

    fields: dict[str, Link] = Field(default_factory=dict)  # golden field -> how; adds to defaults
    ignore: Names = ()  # golden fields that say nothing about who it is
    blocking: tuple[Names, ...] = ()  # pairs equal in all fields of one rule are looked at
    match: Share = 0.8  # at this probability two records are one entity
    review: Share = 0.3  # from here on a pair is listed for a person to decide

    @model_validator(mode="after")
    def _review_lies_below_match(self) -> Linkage:
        if self.review > self.match:
            raise ValueError("linkage.review must not be greater than linkage.match")
        return self
