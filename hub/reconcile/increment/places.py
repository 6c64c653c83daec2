"""Where every row stands, in numbers: what a change looks its rows and entities up in.

The numbers are the engine's hashes of source keys and entity ids. They hold for one version of the
engine, which is part of the rules that a change must share with the release it changes; an
entity that is touched because two hashes are equal is looked at again, and comes out the same.
"""

from __future__ import annotations

from hub.reconcile.plan import Plan
from hub.store import literal


def supplies_of(plan: Plan) -> list[str]:
    """The supplies of a plan, each once; their places number them in `places`."""
    return list(dict.fromkeys(source.supply.name for source in plan.sources))


def places_sql(plan: Plan, links: str) -> str:
    """supply, row, entity of every link, by the SELECT of the links."""
    numbers = " ".join(
        f"WHEN {literal(name)} THEN {number}" for number, name in enumerate(supplies_of(plan))
    )
    return (
        f"SELECT CAST(CASE supply {numbers} END AS UTINYINT) AS supply, "
        f"hash(source_key) AS row, hash(entity_id) AS entity FROM ({links})"
    )
