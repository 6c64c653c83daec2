"""What linkage looks at: per group of rows one profile of the golden fields, by authority."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage import Specification
from hub.reconcile.counting import count
from hub.reconcile.evidence import ORDER
from hub.reconcile.plan import Golden, Plan, SourcePlan
from hub.reconcile.rows import column
from hub.store import identifier


def find_codes(connection: DuckDBPyConnection, plan: Plan) -> int:
    """Create `head` (code, supplies, place, keyed, loose); returns how many codes are loose.

    A code is loose when it holds no valid key of its own, or when one supply alone, which is not
    the authority, attests it. `supplies` has a bit for each supply that has rows in it.
    """
    bits = supply_bits(plan)
    keyed = " OR ".join(f"k{space.place} IS NOT NULL" for space in plan.spaces) or "false"
    rows = " UNION ALL ".join(
        f"SELECT code, CAST({bits[s.supply.name]} AS UBIGINT) AS supply, "
        f"CAST({s.place} AS UTINYINT) AS place, (NOT apart AND ({keyed})) AS keyed FROM {s.rows}"
        for s in plan.sources
    )
    connection.execute(
        "CREATE TEMP TABLE head AS SELECT *, (NOT keyed OR (place > 0 AND bit_count(supplies) = 1))"
        " AS loose FROM (SELECT code, bit_or(supply) AS supplies, min(place) AS place, "
        f"bool_or(keyed) AS keyed FROM ({rows}) GROUP BY code)"
    )
    return count(connection, "head WHERE loose")


def supply_bits(plan: Plan) -> dict[str, int]:
    """A bit for each supply: several sources may read one."""
    names = dict.fromkeys(source.supply.name for source in plan.sources)
    return {name: 1 << place for place, name in enumerate(names)}


def once_mask(plan: Plan) -> int:
    """The bits of the supplies that hold each entity once."""
    bits = supply_bits(plan)
    mask = 0
    for source in plan.sources:
        if source.once:
            mask |= bits[source.supply.name]
    return mask


def build_profiles(connection: DuckDBPyConnection, plan: Plan, spec: Specification) -> str:
    """Create `profile` (code, loose, once, <golden fields>) of all codes; returns its name."""
    compared = [plan.golden(entry.field) for entry in spec.fields]
    for source in plan.sources:
        _first_rows(connection, source)
    fields = "".join(
        f", {_by_authority(plan, golden)} AS {identifier(golden.field.name)}" for golden in compared
    )
    joins = " ".join(
        f"LEFT JOIN {_firsts(source)} AS r{source.place} USING (code)" for source in plan.sources
    )
    connection.execute(
        f"CREATE TEMP TABLE profile AS SELECT head.code, head.loose, "
        f"head.supplies & CAST({once_mask(plan)} AS UBIGINT) AS once{fields} FROM head {joins}"
    )
    for source in plan.sources:
        connection.execute(f"DROP VIEW {_firsts(source)}")
    return "profile"


def profiles_sql(spec: Specification) -> str:
    """entity_id, loose and the compared fields of every profile: what a change is held against."""
    fields = ", ".join(identifier(field.field) for field in spec.fields)
    return f"SELECT entity_id, loose, {fields} FROM profile JOIN entity USING (code) ORDER BY n"


def _firsts(source: SourcePlan) -> str:
    return f"first_{source.place}"


def _first_rows(connection: DuckDBPyConnection, source: SourcePlan) -> None:
    """A view of one row per code: the freshest where a supply names an entity more than once."""
    many = f"(SELECT code FROM {source.rows} GROUP BY code HAVING count(*) > 1)"
    connection.execute(
        f"CREATE TEMP VIEW {_firsts(source)} AS "
        f"SELECT * FROM {source.rows} WHERE code NOT IN {many} UNION ALL "
        f"SELECT * FROM {source.rows} WHERE code IN {many} "
        f"QUALIFY row_number() OVER (PARTITION BY code ORDER BY {ORDER}) = 1"
    )


def _by_authority(plan: Plan, golden: Golden) -> str:
    alone = len(plan.spaces) == 1  # then the text that is no number belongs to this field
    said = [said_sql(plan.sources[p], golden, f"r{p}.", alone) for p in golden.feeds]
    return f"coalesce({', '.join(said)}, NULL)"


def said_sql(source: SourcePlan, golden: Golden, prefix: str, alone: bool) -> str:
    """What one row says in a golden field; of a number that is none, its text as it stands."""
    name = f"{prefix}{column(source, golden)}"
    if golden.key is None or golden.key.name not in source.source.keys:
        return name
    own = f"CASE WHEN NOT {prefix}apart THEN {name} END"  # a number that evidence disowned
    raw = f"nullif(upper(trim({prefix}raw)), '')"
    return f"coalesce({own}, {raw})" if alone and golden.sql_type == "VARCHAR" else own
