"""Weights and grades: versioned configuration, because the standard prescribes neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from quality.scorecard.standard import DIMENSIONS, INDICATORS
from schemas.problems import CatalogInvalid, Problem
from schemas.reading import located, read_yaml, show

SHIPPED = Path(__file__).resolve().parent.parent / "scorecards"
FOLDER = "scorecards"  # of a catalog


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _exact(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError("must be a finite number")
    return number


Weight = Annotated[Decimal, Field(ge=0), AfterValidator(_exact)]


class Text(_Strict):
    zh: str
    en: str


class Grade(_Strict):
    """A grade and the score in percent from which it is reached."""

    code: str
    name: Text
    least: Annotated[Decimal, Field(ge=0, le=100)]


class WeighedDimension(_Strict):
    """A dimension, its weight, and the weight of each of its indicators within it."""

    code: str
    weight: Weight
    indicators: dict[str, Weight]

    @model_validator(mode="after")
    def _codes_of_the_standard(self) -> WeighedDimension:
        if self.code not in DIMENSIONS:
            raise ValueError(f"{self.code!r} is none of {', '.join(DIMENSIONS)}")
        wanted = {code for code in INDICATORS if code[:2] == self.code}
        if set(self.indicators) != wanted:
            names = ", ".join(sorted(wanted))
            raise ValueError(f"dimension {self.code} has exactly the indicators {names}")
        return self


class Configuration(_Strict):
    """One version of a scorecard. A version that reports were made by never changes."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    effective_from: date
    source: Text
    grades: tuple[Grade, ...] = Field(min_length=1)
    dimensions: tuple[WeighedDimension, ...]

    @property
    def label(self) -> str:
        """What a report prints: name and version."""
        return f"{self.name} {self.version}"

    def dimension(self, code: str) -> WeighedDimension:
        return next(d for d in self.dimensions if d.code == code)

    @model_validator(mode="after")
    def _whole_and_in_order(self) -> Configuration:
        if [d.code for d in self.dimensions] != list(DIMENSIONS):
            raise ValueError(f"the dimensions are {', '.join(DIMENSIONS)}, each once, in order")
        least = [grade.least for grade in self.grades]
        if least != sorted(set(least), reverse=True):
            raise ValueError("the grades stand best first, each with a lower `least`")
        if least[-1] != 0:
            raise ValueError("the last grade begins at 0, so that every score has one")
        return self


@dataclass(frozen=True)
class Shelf:
    """All scorecard configurations there are: the shipped ones and the catalog's own."""

    shipped: tuple[Configuration, ...]
    own: tuple[Configuration, ...] = ()

    def named(self, label: str) -> Configuration | None:
        """The configuration that a report names, e.g. `gbt36344-2018 1.0.0`."""
        return next((c for c in (*self.own, *self.shipped) if c.label == label), None)

    def in_effect(self, day: date) -> Configuration:
        """The newest in effect on a day; the catalog's own come before the shipped ones."""
        for choice in (self.own, self.shipped):
            begun = [c for c in choice if c.effective_from <= day]
            if begun:
                return max(begun, key=_age)
        # Before any came into effect, the first one is better than none.
        return min(self.shipped, key=_age)


def _age(configuration: Configuration) -> tuple[date, list[int]]:
    return configuration.effective_from, [int(n) for n in configuration.version.split(".")]


def shelf(catalog: Path | None = None) -> Shelf:
    """The shipped configurations and those under `<catalog>/scorecards/*.yaml`.

    Raises `CatalogInvalid` with file and line for an unknown key, a missing one, a value out of its
    range, or a label that stands twice.
    """
    problems: list[Problem] = []
    shipped = _folder(SHIPPED, problems, set())
    labels = {configuration.label for configuration in shipped}
    own = _folder(catalog / FOLDER, problems, labels) if catalog else ()
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise CatalogInvalid(located(errors))
    return Shelf(shipped, own)


def faults(catalog: Path) -> list[Problem]:
    """Why the scorecards of a catalog cannot be used; empty when they can."""
    try:
        shelf(catalog)
    except CatalogInvalid as invalid:
        return list(invalid.problems)
    return []


def _folder(folder: Path, problems: list[Problem], labels: set[str]) -> tuple[Configuration, ...]:
    read = []
    for file in sorted(folder.glob("*.yaml")):
        configuration = _read(file, problems)
        if configuration and configuration.label in labels:
            problems.append(_problem(file, "version", f"{configuration.label} exists already"))
        elif configuration:
            labels.add(configuration.label)
            read.append(configuration)
    return tuple(read)


def _read(file: Path, problems: list[Problem]) -> Configuration | None:
    document = read_yaml(file, problems)
    if document is None:
        return None
    try:
        return Configuration.model_validate(document)
    except ValidationError as error:
        problems += [_problem(file, show(e["loc"]), e["msg"]) for e in error.errors()]
        return None


def _problem(file: Path, path: str, detail: str) -> Problem:
    return Problem(file, 0, path, "scorecard", f"scorecard: {detail}", f"评分配置：{detail}")
