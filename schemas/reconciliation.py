"""How a dataset is put together from its supplies, as its contract says it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.linkage import Linkage
from schemas.promise import Promise


class Key(Promise):
    """One key space of a dataset: the same thing under one number across departments."""

    name: str
    normaliser: str = "text"  # a name of the reconcile room's registry of normalisers
    field: str | None = None  # golden field that shows the canonical key; default: name


class Source(Promise):
    """One supply that feeds a dataset: which of its fields are keys, which are values."""

    supply: str
    keys: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Key space -> source field, or fields."""
    fields: dict[str, str]  # golden field -> source field
    constants: dict[str, str] = Field(default_factory=dict)  # golden field -> text literal
    where: str | None = None  # SQL predicate over the supply's fields
    recency: str | None = None  # source field that says how fresh the row is
    once: bool | None = None  # holds each entity once; None: where its own key is the entity's


class Survivorship(Promise):
    """How the surviving value of one golden field is chosen."""

    rule: Literal["authority", "recency", "agreement"] = "authority"
    order: tuple[str, ...] = ()  # supplies; default: the order of `sources`


class Comparison(Promise):
    """How two departments' values of one golden field are held against each other."""

    how: Literal["exact", "name", "text", "date", "number", "codelist"] = "exact"
    normaliser: str | None = None  # compare in this form, e.g. resident_id: 15 and 18 digits
    tolerance: float = 0.0
    severity: Literal["info", "warning", "error"] = "warning"


class Evidence(Promise):
    """When rows that share a key are nevertheless clearly not the same entity."""

    compare: dict[str, Comparison]
    conflict_when: int = Field(default=2, ge=1)  # that many fields contradict


class Resolve(Promise):
    """A reference from this dataset's rows to the entities of other datasets."""

    field: str  # golden field to fill with the entity id
    using: dict[str, str]  # dataset name -> golden field of this dataset holding the number
    key: dict[str, str]  # dataset name -> key space of that dataset
    required: bool = True  # unresolved rows are discrepancies
    unfit: dict[str, str] = Field(default_factory=dict)
    """Dataset name -> SQL over `this` row and `that` entity: must not be."""


class Flow(Promise):
    """One side of a balance: the sum of a field of a supply, per line."""

    supply: str
    line: str
    amount: str
    where: str | None = None


class Balance(Promise):
    """Money that must tie out per line, to the fen."""

    name: str
    into: tuple[Flow, ...]  # e.g. allocations
    out: tuple[Flow, ...]  # e.g. payments
    rule: Literal["out<=in", "out==in"] = "out<=in"


class Reconcile(Promise):
    """The whole reconciliation of one dataset, by contract alone."""

    entity: str  # person, organisation, payment …
    keys: tuple[Key, ...] = ()  # none: rows find each other by linkage alone
    sources: tuple[Source, ...] = Field(min_length=1)
    survivorship: dict[str, Survivorship] = Field(default_factory=dict)
    compare: dict[str, Comparison] = Field(default_factory=dict)
    evidence: Evidence | None = None
    linkage: Linkage | None = None  # None: shared keys alone make an entity
    duplicates: tuple[tuple[str, ...], ...] = ()  # equal in all these: one entity, two keys
    resolve: tuple[Resolve, ...] = ()
    balance: tuple[Balance, ...] = ()

    @model_validator(mode="after")
    def _something_joins_rows(self) -> Reconcile:
        if not self.keys and self.linkage is None:
            raise ValueError("reconcile needs keys, or linkage, or both")
        return self
