"""How often values and words occur: rare ones say more. Counted once, when a model is made."""

from __future__ import annotations

from math import log2

from duckdb import DuckDBPyConnection

from hub.linkage.levels import agreements
from hub.linkage.prepare import BITS, SCALE, WORDED, words_of
from hub.linkage.specification import Compared, Specification


def count_values(connection: DuckDBPyConnection, spec: Specification, source: str) -> None:
    """Create `linkage_value` (place, value, share) of values that occur at least twice."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_value (place INTEGER, value VARCHAR, share DOUBLE)"
    )
    for field in spec.fields:
        if any(agreement.frequency for agreement in agreements(spec, field)):
            p = f"p{field.place}"
            connection.execute(
                f"INSERT INTO linkage_value SELECT {field.place}, CAST({p} AS VARCHAR), "
                f"count(*) / (SELECT count({p}) FROM {source}) FROM {source} "
                f"WHERE {p} IS NOT NULL GROUP BY {p} HAVING count(*) >= 2"
            )


def count_words(connection: DuckDBPyConnection, spec: Specification, source: str) -> None:
    """Create `linkage_word` (place, word, weight) of words that occur at least twice."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linkage_word (place INTEGER, word VARCHAR, weight INTEGER)"
    )
    most = (1 << BITS) - 1
    for field in spec.fields:
        if field.kind in WORDED:
            p = f"p{field.place}"
            connection.execute(
                f"INSERT INTO linkage_word SELECT {field.place}, word, "
                f"CAST(least(greatest({SCALE} * "
                f"log2((SELECT count({p}) FROM {source}) / count(*)), "
                f"{SCALE // 4}), {most}) AS INTEGER) "
                f"FROM (SELECT unnest({words_of(p)}) AS word FROM {source}) "
                "GROUP BY word HAVING count(*) >= 2"
            )


def rarest_word(filled: int) -> int:
    """The weight of a word that occurs once among so many values."""
    return min(max(int(SCALE * log2(max(filled, 2))), SCALE // 4), (1 << BITS) - 1)


def equal_by_chance(
    connection: DuckDBPyConnection, field: Compared, source: str
) -> tuple[int, int, float]:
    """How many profiles have the field, how many values it has, and how often two are equal."""
    p = f"p{field.place}"
    filled, values, same = connection.execute(
        f"SELECT coalesce(sum(n), 0), count(*), coalesce(sum(n * (n - 1.0)), 0) FROM ("
        f"SELECT count(*) AS n FROM {source} WHERE {p} IS NOT NULL GROUP BY {p})"
    ).fetchone() or (0, 0, 0.0)
    filled = int(filled)
    return filled, int(values), float(same) / max(filled * (filled - 1), 1)
