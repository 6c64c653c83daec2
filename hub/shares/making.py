"""Makes the masked files of a grant: each once, whole or not at all, with the same bytes again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hub import masking
from hub.ledger.releases import release_at
from hub.ledger.shares import keep_share, share_of
from hub.opened import Hub
from hub.records import Grant, Release, Share
from hub.shares.files import write_files
from hub.shares.looking import is_there, require_open, versions
from hub.shares.views import CHANGE, Masked, form_of, masked
from hub.store import identifier
from schemas.terms import RECORD_ID

ROWS, CHANGES = "rows", "changes"
KINDS = ("delete", "update_preimage", "update_postimage", "insert")
"""`_change_type`, in the order in which the changes of one record are listed."""


def rows(hub: Hub, grant: Grant, version: int) -> Share:
    """All rows that a grant shows of a release, by record id; made on the first call.

    Raises `DecisionError` when the grant is over, `NotFound` for a release it does not open.
    """
    return _made(hub, grant, version, ROWS)


def changes(hub: Hub, grant: Grant, version: int) -> Share:
    """What a release changed of what the grant shows, as rows with `_change_type`.

    It is the difference of the two releases as masked: a value that is not shown changes nothing,
    a row that enters or leaves the grant's rows is inserted or deleted. Against the first release
    that the grant opens everything is inserted. Raises as `rows`.
    """
    return _made(hub, grant, version, CHANGES)


def _made(hub: Hub, grant: Grant, version: int, kind: str) -> Share:
    require_open(hub, grant, version)
    if found := _kept(hub, grant, version, kind):
        return found
    with alone(hub, grant.id):
        if found := _kept(hub, grant, version, kind):
            return found
        release = release_at(hub.ledger, grant.dataset, version)
        schema = masking.schema(grant.terms, hub.dataset(grant.dataset))
        with masked(hub, grant) as view:
            query = _rows_sql(view, release) if kind == ROWS else _changes_sql(view, release)
            files = write_files(view.connection, hub.store, query, schema, grant, version, kind)
        made = Share(grant.id, version, kind, files, sum(file.rows for file in files))
        keep_share(hub.ledger, made, form_of(hub, grant), hub.now())
        _remove_others(hub, made)
        return made


def _remove_others(hub: Hub, made: Share) -> None:
    """Remove what another form of the share has left beside it, and what was made of that."""
    kept = {hub.store.path(file.uri) for file in made.files}
    for path in next(iter(kept)).parent.glob(f"{made.kind}-*"):
        if path not in kept:
            path.unlink(missing_ok=True)


@contextmanager
def alone(hub: Hub, grant_id: str) -> Iterator[None]:
    """Nobody else makes or removes files of this grant inside of the block."""
    with hub.ledger.alone(f"share-{grant_id}"):
        yield


def _kept(hub: Hub, grant: Grant, version: int, kind: str) -> Share | None:
    found = share_of(hub.ledger, grant.id, version, kind, form_of(hub, grant))
    return found if found is not None and is_there(hub, found) else None


def _rows_sql(view: Masked, release: Release) -> str:
    return f"SELECT * FROM ({view.select(release)}) ORDER BY {RECORD_ID}"


def _changes_sql(view: Masked, release: Release) -> str:
    """The difference of two masked releases; creates `masked_old` and `masked_new`."""
    opened = versions(view.hub, view.grant)
    place = next(n for n, one in enumerate(opened) if one.version == release.version)
    if place == 0:
        return f"SELECT *, 'insert' AS {CHANGE} FROM ({view.select(release)}) ORDER BY {RECORD_ID}"
    before = opened[place - 1]
    run = view.connection.execute
    run(f"CREATE TEMP TABLE near AS {view.changed(before, release)}")
    for name, one in (("masked_old", before), ("masked_new", release)):
        run(f"CREATE TEMP TABLE {name} AS {view.select(one, 'SELECT * FROM near')}")
    return difference_sql(view)


def difference_sql(view: Masked) -> str:
    """From `masked_old` to `masked_new`, as rows with `_change_type`, by record id."""
    fields = masking.schema(view.grant.terms, view.dataset).names[1:]
    any_differs = " OR ".join(["false", *(differs(name) for name in fields)])
    both = f"masked_old AS o JOIN masked_new AS n USING ({RECORD_ID}) WHERE {any_differs}"
    listed = ", ".join(identifier(name) for name in (RECORD_ID, *fields))
    parts = [
        f"SELECT *, 0 AS place FROM masked_old ANTI JOIN masked_new USING ({RECORD_ID})",
        f"SELECT o.*, 1 AS place FROM {both}",
        f"SELECT n.*, 2 AS place FROM {both}",
        f"SELECT *, 3 AS place FROM masked_new ANTI JOIN masked_old USING ({RECORD_ID})",
    ]
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    return (
        f"SELECT {listed}, [{kinds}][place + 1] AS {CHANGE} "
        f"FROM ({' UNION ALL BY NAME '.join(parts)}) ORDER BY {RECORD_ID}, place"
    )


def differs(field: str) -> str:
    """SQL: whether the sides `o` and `n` show a field otherwise; null equals null."""
    name = identifier(field)
    return f"o.{name} IS DISTINCT FROM n.{name}"
