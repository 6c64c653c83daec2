"""A trained model: what each level of agreement is worth, kept as files that never change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from duckdb import DuckDBPyConnection

from hub.linkage.specification import Compared, Specification
from hub.store import COPY_PARQUET, Store, literal

FREQUENCIES = ("value", "word", "stop")
"""Tables `linkage_<name>` that a model keeps beside its parameters."""


@dataclass(frozen=True)
class Level:
    """One level of agreement of one field; `value` -1: nothing to compare, 0: they differ."""

    value: int
    m: float  # share of this level among pairs that are one entity
    u: float  # share among pairs that are not


@dataclass(frozen=True)
class Trained:
    """What was estimated of one compared field, its levels from best to worst."""

    field: str
    levels: tuple[Level, ...]
    rarest: float  # frequency of a value that the training had not seen
    rarest_word: int  # weight of a word that the training had not seen
    speaks: bool = True  # False: it tells no entity from another (a constant)
    shared: float = 0.0  # how often kin (one household, one group of firms) share it


@dataclass(frozen=True)
class Model:
    """The parameters of Fellegi and Sunter, with the files of frequencies that they rest on."""

    uri: str  # of the folder in the store; model.json lies in it
    specification: Specification
    prior: float  # probability that two profiles at random are one entity
    kin: float  # … that they are two entities of one household or group
    fields: tuple[Trained, ...]
    profiles: int  # how many it was estimated from
    rules: tuple[str, ...]  # blocking rules chosen
    method: str  # em; prior: built in, for want of data
    trained_on: str  # date that the caller gave

    @property
    def compared(self) -> tuple[tuple[Compared, Trained], ...]:
        """The fields that speak, with what was estimated of them."""
        both = zip(self.specification.fields, self.fields, strict=True)
        return tuple((field, trained) for field, trained in both if trained.speaks)

    def outgrown(self, profiles: int) -> bool:
        """Whether the data are so many more than those it was estimated from that it should be
        estimated anew."""
        return profiles > 4 * self.profiles + 200


def keep(connection: DuckDBPyConnection, store: Store, model: Model) -> Model:
    """Write a model and the tables `linkage_<name>` of its connection into the store.

    What it holds names the folder: another model never takes its place.
    """
    text = fingerprint(model) + "".join(_content(connection, name) for name in FREQUENCIES)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    model = replace(model, uri=f"{model.uri}/{digest}")
    for name in FREQUENCIES:
        with store.writing(f"{model.uri}/{name}.parquet") as path:
            connection.execute(
                f"COPY (FROM linkage_{name} ORDER BY ALL) TO {literal(path)} ({COPY_PARQUET})"
            )
    store.write_json(f"{model.uri}/model.json", asdict(model))
    return load(store, model.uri)


def _content(connection: DuckDBPyConnection, name: str) -> str:
    row = connection.execute(
        f"SELECT count(*), bit_xor(hash(t::VARCHAR)) FROM linkage_{name} AS t"
    ).fetchone()
    return f"|{name} {row}"


def load(store: Store, uri: str) -> Model:
    """The model kept under a URI; raises `NotFound`."""
    return _read(store.read_json(f"{uri}/model.json"))


def _read(given: dict[str, Any]) -> Model:
    spec = given.pop("specification")
    compared = tuple(Compared(**field) for field in spec.pop("fields"))
    blocking = tuple(tuple(names) for names in spec.pop("blocking"))
    fields = tuple(
        Trained(**{**field, "levels": tuple(Level(**level) for level in field["levels"])})
        for field in given.pop("fields")
    )
    rules = tuple(given.pop("rules"))
    specification = Specification(fields=compared, blocking=blocking, **spec)
    return Model(specification=specification, fields=fields, rules=rules, **given)


def open_frequencies(connection: DuckDBPyConnection, store: Store, model: Model) -> None:
    """Create the temp tables `linkage_<name>` of a stored model."""
    for name in FREQUENCIES:
        path = literal(store.path(f"{model.uri}/{name}.parquet"))
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE linkage_{name} AS FROM read_parquet({path})"
        )


def fingerprint(model: Model) -> str:
    """The parameters as text, equal for equal models."""
    return json.dumps(asdict(model), sort_keys=True, ensure_ascii=False)
