"""Cross-checks (比对模型) and policies: questions over several departments' data, one YAML each."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.promise import Names, Promise
from schemas.properties import Severity, Title

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
"""Of what becomes a name in SQL."""
Plain = bool | int | float | str
Parameter = Plain | tuple[Plain, ...]
"""A value that SQL names as `$parameter`; a date is text, cast in SQL (`$since::DATE`)."""

Moment = Literal["day", "month", "year"]
AS_OF = "as_of"
"""The parameter that every SQL may name: the day that is asked about."""


class Column(Promise):
    """One column of evidence: what it is called, and where its value was taken from."""

    zh: str
    en: str
    source: str | None = Field(default=None, alias="from")  # "<supply or dataset>.<field>"
    sensitive: bool | None = None  # None: as the field in `from`; without one it is sensitive


class ByColumn(Promise):
    """The responsible department is what a column of the finding says."""

    column: str
    default: str  # where the column is null or names no department


class Question(Promise):
    """What a cross-check and a policy have in common."""

    name: Name
    version: str
    title: Title
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    as_of: Moment = "day"  # `$as_of` is the day of the run, or the first of its month or year
    legal_basis: tuple[Title, ...] = Field(min_length=1)

    @property
    def digest(self) -> str:
        """Equal content, equal digest; the order of keys and the layout of the file are free."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class Crosscheck(Question):
    """One question over several departments' data: `crosschecks/<name>.yaml`."""

    question: Title
    datasets: Names = ()  # relation `<dataset>`: the newest release, with entity_id
    supplies: Names = ()  # relation `<department>_<supply>`: the current rows
    codelists: Names = ()  # relation `codelist_<name>`
    catalog: tuple[Literal["departments", "supplies"], ...] = ()  # `catalog_departments` …
    sql: str
    key: Names = Field(min_length=1)  # columns that make a finding the same tomorrow
    entity: dict[str, str] = Field(default_factory=dict)  # dataset -> column with its entity id
    evidence: dict[str, Column] = Field(min_length=1)
    amount: str | None = None  # column with the money at stake, a whole number of fen
    severity: Severity = "error"
    department: str | ByColumn
    working_days: int = Field(default=20, ge=1, le=250)

    @model_validator(mode="after")
    def _reads_something(self) -> Crosscheck:
        if not (self.datasets or self.supplies):
            raise ValueError("a cross-check reads at least one dataset or supply")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the SELECT that the file speaks of, each once."""
        named = [*self.key, *self.evidence, *self.entity.values()]
        named += [self.amount] if self.amount else []
        named += [self.department.column] if isinstance(self.department, ByColumn) else []
        return tuple(dict.fromkeys(named))


class Fact(Promise):
    """One value per entity, drawn from the rows that are linked to it and from no others."""

    source: str = Field(alias="from")  # a supply, or a dataset whose rows refer to the entity
    by: str | None = None  # its column that names the entity; default: `_<dataset>_id`
    of: str = "entity_id"  # field of the entity that `by` names
    value: str  # SQL aggregate over the rows, e.g. sum(paid_fen), count(*), max(closed_at)
    where: str | None = None  # SQL condition on a row


class Condition(Promise):
    """One requirement: a SQL condition over `this` entity and its facts; null is unknown."""

    zh: str
    en: str
    sql: str


class Policy(Question):
    """One support policy, asked of every entity of a dataset: `policies/<name>.yaml`."""

    dataset: str
    benefit: Title | None = None  # what an eligible entity may have
    department: str  # that grants it
    facts: dict[Name, Fact] = Field(default_factory=dict)
    conditions: dict[Name, Condition] = Field(min_length=1)

    @model_validator(mode="after")
    def _answers_have_columns_of_their_own(self) -> Policy:
        if "entity_id" in self.conditions:
            raise ValueError("no condition may be named entity_id: the answers have that column")
        return self

    @property
    def supplies(self) -> tuple[str, ...]:
        """The supplies that facts are drawn from."""
        return tuple(dict.fromkeys(f.source for f in self.facts.values() if "/" in f.source))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The dataset asked about, and those that facts are drawn from."""
        named = [f.source for f in self.facts.values() if "/" not in f.source]
        return tuple(dict.fromkeys([self.dataset, *named]))


def relation_of(name: str) -> str:
    """The relation of a dataset or supply in SQL: `funeral/cremations` is `funeral_cremations`."""
    return name.replace("/", "_")


def relations_of(check: Crosscheck) -> list[tuple[str, str]]:
    """(relation, name as declared) of everything that a cross-check reads."""
    named = [(relation_of(name), name) for name in (*check.datasets, *check.supplies)]
    named += [(f"codelist_{name}", name) for name in check.codelists]
    return named + [(f"catalog_{name}", name) for name in check.catalog]


def entity_column(dataset: str) -> str:
    """The column of a supply's relation with the entity id of a dataset."""
    return f"_{dataset}_id"
