"""What a user would write by hand instead of the hub's reconciliation, one function per engine.

Each reads `s1.parquet` …, writes `<name>-golden.parquet` (id, fields) and `<name>.parquet` (id,
field, supply, value, surviving) into the same folder, and returns the number of discrepancies.
Nobody but the hub writes lineage, links, keys and identities.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

FIELDS = ("name", "birth_date", "sex", "nation", "address", "phone", "division", "amount")


def sources(folder: Path) -> range:
    """The numbers of the sources, in order of authority."""
    return range(1, len(list(folder.glob("s[0-9]*.parquet"))) + 1)


def _duckdb(folder: Path):  # type: ignore[no-untyped-def]
    import duckdb

    return duckdb.connect(config={"threads": 2, "temp_directory": str(folder / "spill")})


def _copied(connection, query: str, path: Path) -> int:  # type: ignore[no-untyped-def]
    row = connection.execute(f"COPY ({query}) TO '{path}' (COMPRESSION zstd)").fetchone()
    return int((row or (0,))[0])


def duckdb_joins(folder: Path) -> int:
    """Left joins in order of authority, then one SELECT per field and source."""
    connection, every = _duckdb(folder), sources(folder)
    ids = " UNION ".join(f"SELECT id FROM '{folder}/s{n}.parquet'" for n in every)
    joins = " ".join(f"LEFT JOIN '{folder}/s{n}.parquet' s{n} USING (id)" for n in every)
    golden = ", ".join(f"coalesce({', '.join(f's{n}.{f}' for n in every)}) AS {f}" for f in FIELDS)
    connection.execute(
        f"CREATE TEMP TABLE golden AS SELECT id, {golden} FROM ({ids}) AS ids {joins}"
    )
    _copied(connection, "FROM golden", folder / "duckdb_joins-golden.parquet")
    return _copied(connection, _compared(folder, "golden"), folder / "duckdb_joins.parquet")


def duckdb_aggregate(folder: Path) -> int:
    """All rows in one table, grouped, the first value in order of authority; then compared."""
    connection = _duckdb(folder)
    rows = " UNION ALL ".join(
        f"SELECT {n} AS rank, id, {', '.join(FIELDS)} FROM '{folder}/s{n}.parquet'"
        for n in sources(folder)
    )
    golden = ", ".join(f"first({f} ORDER BY rank) FILTER ({f} IS NOT NULL) AS {f}" for f in FIELDS)
    connection.execute(f"CREATE TEMP TABLE golden AS SELECT id, {golden} FROM ({rows}) GROUP BY id")
    _copied(connection, "FROM golden", folder / "duckdb_aggregate-golden.parquet")
    return _copied(connection, _compared(folder, "golden"), folder / "duckdb_aggregate.parquet")


def _compared(folder: Path, golden: str) -> str:
    return " UNION ALL ".join(
        f"SELECT id, '{f}' AS field, 's{n}' AS supply, CAST(s.{f} AS VARCHAR) AS value, "
        f"CAST(g.{f} AS VARCHAR) AS surviving FROM '{folder}/s{n}.parquet' s JOIN {golden} g "
        f"USING (id) WHERE s.{f} <> g.{f}"
        for n in sources(folder)
        for f in FIELDS
    )


def duckdb_wide(folder: Path) -> int:
    """The joined table kept once, golden rows and discrepancies read from it."""
    connection, every = _duckdb(folder), sources(folder)
    ids = " UNION ".join(f"SELECT id FROM '{folder}/s{n}.parquet'" for n in every)
    joins = " ".join(f"LEFT JOIN '{folder}/s{n}.parquet' s{n} USING (id)" for n in every)
    values = ", ".join(f"s{n}.{f} AS {f}_{n}" for n in every for f in FIELDS)
    golden = ", ".join(f"coalesce({', '.join(f'{f}_{n}' for n in every)}) AS {f}" for f in FIELDS)
    connection.execute(
        f"CREATE TEMP TABLE wide AS SELECT *, {golden} FROM "
        f"(SELECT id, {values} FROM ({ids}) AS ids {joins})"
    )
    listed = f"SELECT id, {', '.join(FIELDS)} FROM wide"
    _copied(connection, listed, folder / "duckdb_wide-golden.parquet")
    found = " UNION ALL ".join(
        f"SELECT id, '{f}' AS field, 's{n}' AS supply, CAST({f}_{n} AS VARCHAR) AS value, "
        f"CAST({f} AS VARCHAR) AS surviving FROM wide WHERE {f}_{n} <> {f}"
        for n in every
        for f in FIELDS
    )
    return _copied(connection, found, folder / "duckdb_wide.parquet")


def _polars_rows(folder: Path):  # type: ignore[no-untyped-def]
    import polars as pl

    frames = [
        pl.scan_parquet(folder / f"s{n}.parquet").select(
            "id", *FIELDS, pl.lit(n, pl.UInt8).alias("rank")
        )
        for n in sources(folder)
    ]
    return pl.concat(frames)


def _polars_found(rows, golden):  # type: ignore[no-untyped-def]
    """Discrepancies: `rows` and `golden` (frame of the surviving values) are aligned."""
    import polars as pl

    found = []
    for f in FIELDS:
        differs = (rows[f] != golden[f]).fill_null(False)
        said = rows.filter(differs)
        found.append(
            pl.DataFrame(
                {
                    "id": said["id"],
                    "field": pl.repeat(f, len(said), eager=True),
                    "supply": "s" + said["rank"].cast(pl.String),
                    "value": said[f].cast(pl.String),
                    "surviving": golden[f].filter(differs).cast(pl.String),
                }
            )
        )
    return pl.concat(found)


def polars_gather(folder: Path) -> int:
    """Sorted by key and authority; the first value of each group is gathered by its position."""
    import polars as pl

    rows = _polars_rows(folder).collect().sort("id", "rank").with_row_index("row")
    group = rows["id"].rle_id()
    starts = rows["row"].filter(group != group.shift(1, fill_value=group.len()))
    ends = starts.shift(-1, fill_value=rows.height)
    golden = {"id": rows["id"].gather(starts)}
    for f in FIELDS:
        given = rows.select(
            pl.when(pl.col(f).is_not_null()).then("row").fill_null(strategy="backward")
        ).to_series()
        first = given.gather(starts)
        first = pl.select(pl.when(first < ends).then(first)).to_series()
        golden[f] = rows[f].gather(first)
    frame = pl.DataFrame(golden)
    frame.write_parquet(folder / "polars_gather-golden.parquet", compression="zstd")
    spread = frame.select(pl.col(*FIELDS).gather(group))
    found = _polars_found(rows, spread)
    found.write_parquet(folder / "polars_gather.parquet", compression="zstd")
    return found.height


def polars_group_by(folder: Path) -> int:
    """Grouped by key, the first value that is not null; joined back and compared."""
    import polars as pl

    rows = _polars_rows(folder)  # one frame after the other, in order of authority
    firsts = [pl.col(f).drop_nulls().first() for f in FIELDS]
    golden = rows.group_by("id").agg(firsts).collect()
    golden.write_parquet(folder / "polars_group_by-golden.parquet", compression="zstd")
    joined = rows.join(golden.lazy(), on="id", suffix="_golden", how="left").collect()
    surviving = joined.select(pl.col(f"{f}_golden").alias(f) for f in FIELDS)
    found = _polars_found(joined, surviving)
    found.write_parquet(folder / "polars_group_by.parquet", compression="zstd")
    return found.height


def pandas(folder: Path) -> int:
    """As a user would write it: concat, groupby first, merge back and compare."""
    import pandas as pd

    frames = []
    for n in sources(folder):
        frame = pd.read_parquet(folder / f"s{n}.parquet", columns=["id", *FIELDS])
        frames.append(frame.assign(supply=f"s{n}"))
    rows = pd.concat(frames, ignore_index=True)
    golden = rows.groupby("id", sort=False)[list(FIELDS)].first()
    golden.reset_index().to_parquet(folder / "pandas-golden.parquet", compression="zstd")
    joined = rows.merge(golden, left_on="id", right_index=True, suffixes=("", "_golden"))
    found = []
    for f in FIELDS:
        differs = joined[f].notna() & (joined[f] != joined[f"{f}_golden"])
        part = joined.loc[differs, ["id", "supply", f, f"{f}_golden"]]
        part.columns = pd.Index(["id", "supply", "value", "surviving"])
        found.append(part.astype({"value": str, "surviving": str}).assign(field=f))
    listed = pd.concat(found, ignore_index=True)
    listed.to_parquet(folder / "pandas.parquet", compression="zstd")
    return len(listed)


PEERS: dict[str, Callable[[Path], int]] = {
    "polars_gather": polars_gather,
    "duckdb_joins": duckdb_joins,
    "polars_group_by": polars_group_by,
    "duckdb_aggregate": duckdb_aggregate,
    "duckdb_wide": duckdb_wide,
    "pandas": pandas,
}
