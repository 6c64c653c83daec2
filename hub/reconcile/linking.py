"""Linkage inside the room: rows without a good key find the entity that they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from hub.errors import NotFound
from hub.linkage import Model, Specification, estimate, load, score, specify
from hub.reconcile.clusters import Clusters, Edge, KeyHeld, Node, cluster
from hub.reconcile.counting import count
from hub.reconcile.decisions import Told, read_words, split_by_words
from hub.reconcile.inputs import Linking
from hub.reconcile.plan import Plan
from hub.reconcile.profiles import (
    build_profiles,
    find_codes,
    once_mask,
    supply_bits,
)
from hub.store import Store, identifier
from schemas.linkage import Kind

NAMES: tuple[Kind, ...] = ("person_name", "organisation_name")

TO_DECIDE = ("review", "ambiguous", "keys", "overtaken")
"""Pairs that are listed for a person, where the loose side found no other entity."""


@dataclass(frozen=True)
class Linked:
    """What linkage leaves behind besides the tables; `joined`: some codes became one."""

    model: Model | None = None
    spec: Specification | None = None
    joined: bool = False

    def named(self) -> dict[str, Any] | None:
        """The model as a manifest names it; None: no pair was scored."""
        if self.model is None:
            return None
        model = self.model
        return {
            "uri": model.uri,
            "specification": model.specification.digest,
            "method": model.method,
            "profiles": model.profiles,
        }


def link_rows(connection: DuckDBPyConnection, plan: Plan, store: Store, linking: Linking) -> Linked:
    """Join codes that linkage or a steward holds for one entity, by rewriting `code` of their rows.

    Leaves `profile` (see `profiles`) for the next change to be held against, and creates
    `pairing` (a, b, place, sk, other_place, other_sk, other_origin, weight, probability,
    level_<field>…, tf_<field>…, decision, listed, decision_id): pairs from `review` on, and
    stewards' decisions; the side of higher authority is the first.
    """
    spec = specify(plan.dataset) if plan.reconcile.linkage else None
    told = read_words(connection, plan, store, linking.decisions)
    if split_by_words(connection, plan, told):
        told = read_words(connection, plan, store, linking.decisions)
    if spec is None and not told:
        _no_pairs(connection)
        return Linked()
    loose = find_codes(connection, plan)
    model = None
    if spec and loose:
        model = find_model(connection, plan, spec, store, linking)
        score(connection, spec, model, "profile", store)
    else:
        if spec:
            build_profiles(connection, plan, spec)
            model = stored_model(spec, store, linking)  # named on, for when it is needed again
        connection.execute(
            "CREATE TEMP TABLE pair (a UBIGINT, b UBIGINT, weight DOUBLE, probability DOUBLE)"
        )
    _complete(connection, spec)
    clusters = _clusters(connection, plan, spec, told)
    _pairing(connection, spec, clusters, told)
    joined = _rewrite(connection, plan, clusters)
    for table in ("pair", "head", "first_row"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    return Linked(model, spec, joined)


def find_model(
    connection: DuckDBPyConnection, plan: Plan, spec: Specification, store: Store, linking: Linking
) -> Model:
    """The model kept for this contract, or one estimated now; leaves `profile`.

    A model that the data have outgrown is estimated again; the manifest names the new one.
    """
    build_profiles(connection, plan, spec)
    model = stored_model(spec, store, linking)
    if model is None or model.outgrown(count(connection, "profile")):
        return estimate(connection, spec, "profile", store, linking.as_of)
    return model


def stored_model(spec: Specification, store: Store, linking: Linking) -> Model | None:
    """The first of the models made before that fits the contract as it is."""
    for uri in linking.models:
        try:
            model = load(store, uri)
        except NotFound:
            continue  # of a store that was cleaned by hand: made again, and named in the manifest
        if model.specification.digest == spec.digest:
            return model
    return None


def _complete(connection: DuckDBPyConnection, spec: Specification | None) -> None:
    """Give `pair` the columns of fields that the model found to say nothing."""
    for field in spec.fields if spec else ():
        for name, kind in (("level", "TINYINT"), ("tf", "DOUBLE")):
            column = identifier(f"{name}_{field.field}")
            connection.execute(f"ALTER TABLE pair ADD COLUMN IF NOT EXISTS {column} {kind}")


def _no_pairs(connection: DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE TEMP TABLE pairing (a UBIGINT, b UBIGINT, place UTINYINT, sk VARCHAR, "
        "other_place UTINYINT, other_sk VARCHAR, other_origin USMALLINT, weight DOUBLE, "
        "probability DOUBLE, decision VARCHAR, listed BOOLEAN, decision_id VARCHAR)"
    )


def _clusters(
    connection: DuckDBPyConnection, plan: Plan, spec: Specification | None, told: list[Told]
) -> Clusters:
    found = connection.execute(
        f"SELECT a, b, weight, probability, {_agrees(spec)} FROM pair"
    ).fetchall()
    edges = [Edge(*row) for row in found]
    apart = connection.execute(
        "SELECT DISTINCT code, new_code FROM conflict WHERE code <> new_code"
    ).fetchall()
    codes = {code for edge in edges for code in (edge.a, edge.b)}
    codes |= {code for one in told for code in (one.a, one.b)}
    nodes = _nodes(connection, plan, codes)
    parted = [(a, b) for a, b in apart if a in nodes and b in nodes]
    words = [one.word for one in told if not one.overtaken(nodes)]
    clusters = cluster(nodes, edges, spec.match if spec else 1.0, words, parted)
    overtaken = [(one.a, one.b) for one in told if one.overtaken(nodes)]
    late = {(min(pair), max(pair)): "overtaken" for pair in overtaken}
    return Clusters(clusters.root, {**late, **clusters.decisions})


def _agrees(spec: Specification | None) -> str:
    """SQL: a name agrees and no name or date speaks against; else a near number proves nothing."""
    if spec is None:
        return "false"
    named = [f for kind in NAMES for f in spec.of(kind)]
    firm = [*named, *spec.of("date")]
    positive = " OR ".join(f"{identifier(f'level_{f.field}')} > 0" for f in named)
    contrary = " OR ".join(f"{identifier(f'level_{f.field}')} = 0" for f in firm)
    return f"(({positive}) AND NOT ({contrary}))" if named else "false"


def _nodes(connection: DuckDBPyConnection, plan: Plan, codes: Iterable[int]) -> dict[int, Node]:
    """What the constraints need to know of the codes; creates `first_row`."""
    connection.register("wanted_codes", pa.table({"code": pa.array(sorted(codes), pa.uint64())}))
    rows = " UNION ALL ".join(
        f"SELECT code, CAST({s.place} AS UTINYINT) AS place, min(sk) AS sk, "
        f"arg_min(origin, sk) AS origin FROM {s.rows} "
        "SEMI JOIN wanted_codes USING (code) GROUP BY code"
        for s in plan.sources
    )
    connection.execute(
        "CREATE TEMP TABLE first_row AS SELECT code, place, sk, origin FROM "
        f"({rows}) QUALIFY row_number() OVER (PARTITION BY code ORDER BY place) = 1"
    )
    keys = _keys(connection, plan)
    found = connection.execute(
        f"SELECT code, f.place, sk, supplies & CAST({once_mask(plan)} AS UBIGINT) "
        "FROM first_row AS f JOIN head USING (code)"
    ).fetchall()
    connection.unregister("wanted_codes")
    return {
        code: Node((place, sk), once, tuple(keys.get(code, ()))) for code, place, sk, once in found
    }


def _keys(connection: DuckDBPyConnection, plan: Plan) -> dict[int, list[KeyHeld]]:
    bits = supply_bits(plan)
    held: dict[int, list[KeyHeld]] = {}
    for space in plan.spaces:
        sources = [s for s in plan.sources if space.name in s.source.keys]
        if not sources:
            continue
        rows = " UNION ALL ".join(
            f"SELECT code, k{space.place} AS key, {bits[s.supply.name]} AS supply, "
            f"{s.place} AS place FROM {s.rows} SEMI JOIN wanted_codes USING (code) "
            f"WHERE NOT apart AND k{space.place} IS NOT NULL"
            for s in sources
        )
        found = connection.execute(
            f"SELECT code, key, count(DISTINCT supply) > 1 OR min(place) = {sources[0].place} "
            f"FROM ({rows}) GROUP BY code, key"
        ).fetchall()
        for code, key, attested in found:
            held.setdefault(code, []).append(KeyHeld(space.place, key, attested))
    return held


def _pairing(
    connection: DuckDBPyConnection, spec: Specification | None, clusters: Clusters, told: list[Told]
) -> None:
    """Create `pairing` from the scores, what was decided of them, and stewards' words."""
    ids = {(min(one.a, one.b), max(one.a, one.b)): one.id for one in reversed(told)}
    words = clusters.decisions
    outcome = pa.table(
        {
            "a": pa.array([a for a, _ in words], pa.uint64()),
            "b": pa.array([b for _, b in words], pa.uint64()),
            "decision": pa.array(list(words.values()), pa.string()),
            "decision_id": pa.array([ids.get(pair) for pair in words], pa.string()),
        }
    )
    joined = pa.table({"code": pa.array(list(clusters.root), pa.uint64())})
    connection.register("outcome", outcome)
    connection.register("joined_codes", joined)
    levels = "".join(
        f", p.{identifier(f'level_{f.field}')}, p.{identifier(f'tf_{f.field}')}"
        for f in (spec.fields if spec else ())
    )
    listed = ", ".join(f"'{word}'" for word in TO_DECIDE)
    match = spec.match if spec else 1.0
    alone = "{0}.loose AND {0}.code NOT IN (FROM joined_codes)"
    connection.execute(
        "CREATE TEMP TABLE pairing AS SELECT f.code AS a, g.code AS b, f.place, f.sk, "
        "g.place AS other_place, g.sk AS other_sk, g.origin AS other_origin, p.weight, "
        f"p.probability{levels}, o.decision, decision = 'overtaken' OR (decision IN ({listed}) "
        f"AND (decision <> 'keys' OR probability >= {match!r}) "
        f"AND ({alone.format('h')} OR {alone.format('i')})) AS listed, o.decision_id "
        # Both ways around, of which one stays: a join by either side would try all with all.
        "FROM (SELECT *, a AS one, b AS two FROM outcome UNION ALL "
        "SELECT *, b AS one, a AS two FROM outcome) AS o "
        "LEFT JOIN pair AS p ON p.a = o.a AND p.b = o.b JOIN first_row AS f ON f.code = o.one "
        "JOIN first_row AS g ON g.code = o.two AND (f.place, f.sk) < (g.place, g.sk) "
        "JOIN head AS h ON h.code = o.a JOIN head AS i ON i.code = o.b"
    )
    connection.unregister("outcome")
    connection.unregister("joined_codes")


def _rewrite(connection: DuckDBPyConnection, plan: Plan, clusters: Clusters) -> bool:
    moved = {code: root for code, root in clusters.root.items() if code != root}
    if not moved:
        return False
    table = pa.table(
        {
            "code": pa.array(list(moved), pa.uint64()),
            "root": pa.array(list(moved.values()), pa.uint64()),
        }
    )
    connection.register("moved", table)
    for source in plan.sources:
        connection.execute(
            f"UPDATE {source.rows} SET code = moved.root FROM moved "
            f"WHERE moved.code = {source.rows}.code"
        )
    for table_name, name in (
        ("conflict", "code"), ("conflict", "new_code"), ("pairing", "a"), ("pairing", "b"),
        *([("profile", "code")] if plan.reconcile.linkage else []),
    ):  # fmt: skip
        connection.execute(
            f"UPDATE {table_name} SET {name} = moved.root FROM moved "
            f"WHERE moved.code = {table_name}.{name}"
        )
    connection.unregister("moved")
    return True
