"""A steward's own recall: a value was wrong, and nobody but a person knows it."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from hub.errors import DecisionError, NotFound
from hub.ledger.audit import Event, note
from hub.ledger.recalls import add_correction
from hub.ledger.releases import release_at, releases_of
from hub.officers import department_of, provider_of, sharing_of, stands_for
from hub.opened import Hub
from hub.plain import check_text
from hub.recalls import cells
from hub.recalls.history import gather
from hub.recalls.making import make
from hub.records import Recall
from hub.released import ENTITY
from schemas.contract import Dataset
from schemas.sharing import Role


@dataclass(frozen=True)
class Asked:
    """What a steward's recall came to."""

    correction: str
    dataset: str
    mended_in: int
    recalls: tuple[Recall, ...]


def ask(
    hub: Hub, dataset: str, entity_id: str, field: str | None, wrong_in: int, by: str, reason: str
) -> Asked:
    """Recall one field of an entity (None: all that changed) as release `wrong_in` had it.

    By a supervisor, or an approver of the provider. The first later release with another value
    mends it; raises `DecisionError` when there is none yet, `NotFound` when there was no value.
    Asked again, nothing more is told.
    """
    known = hub.dataset(dataset)
    department = _may(hub, dataset, by)
    check_text(reason)
    if not reason.strip():
        raise DecisionError(f"dataset {dataset}: 须说明理由 / a recall needs a reason")
    if field is not None and (field not in known.by_name or field == ENTITY):
        raise NotFound(f"dataset {dataset}: 没有该信息项 / has no field {field[:120]!r}")
    release_at(hub.ledger, dataset, wrong_in)
    with hub.ledger.alone(f"recalls-{dataset}"), hub.store.connect() as connection:
        mended_in = _mending(hub, connection, known, entity_id, field, wrong_in)
        own = f"{entity_id}-{wrong_in}" + (f"-{field}" if field else "")
        connection.execute(
            "UPDATE cell SET wrong_in = ?, cause = 'steward', cause_id = ?",
            [mended_in - 1, cells.correction_id(dataset, mended_in, own)],
        )
        found = cells.keep(hub, connection, dataset, mended_in, own)
        with hub.ledger.writing() as writing:
            if add_correction(writing, found, hub.now(), by, reason):
                note(
                    writing,
                    Event.RECALL_ASKED,
                    subject=found.id,
                    by=by,
                    at=hub.now(),
                    department=department,
                    dataset=dataset,
                    field=field,
                    wrong_in=wrong_in,
                    mended_in=mended_in,
                )
    made = make(hub, dataset)
    return Asked(
        found.id, dataset, mended_in, tuple(one for one in made if one.correction == found.id)
    )


def _may(hub: Hub, dataset: str, by: str) -> str:
    supervisor, provider = sharing_of(hub.catalog).supervisor, provider_of(hub.catalog, dataset)
    if stands_for(hub.catalog, by, Role.SUPERVISOR, supervisor):
        return supervisor
    return department_of(hub.catalog, by, Role.APPROVER, provider).name


def _mending(
    hub: Hub,
    connection: DuckDBPyConnection,
    dataset: Dataset,
    entity_id: str,
    field: str | None,
    wrong_in: int,
) -> int:
    """The first release after `wrong_in` in which the value is another one, or is gone."""
    connection.execute(cells.TABLE)
    connection.execute(
        f"INSERT INTO cell VALUES (?, ?, {wrong_in}, '', '', NULL)", [entity_id, field]
    )
    later = [r.version for r in releases_of(hub.ledger, dataset.name) if r.version >= wrong_in]
    gather(hub, connection, dataset, later)
    rows = connection.execute(
        f"SELECT k.version, present, coalesce(list(field || chr(31) || coalesce(text, chr(30)) "
        f"ORDER BY field) FILTER (field IS NOT NULL), []) FROM kept AS k LEFT JOIN said AS s "
        f"ON s.{ENTITY} = k.{ENTITY} AND s.version = k.version GROUP BY ALL ORDER BY k.version"
    ).fetchall()
    (oldest, present, value), *newer = rows
    if not present:
        raise NotFound(
            f"dataset {dataset.name}: 版本 {wrong_in} 中没有该实体 / "
            f"release {wrong_in} has no such entity"
        )
    for version, *then in newer:
        if then != [present, value]:
            return int(oldest) + 1  # a row that is kept of a version holds from the last one on
        oldest = version
    raise DecisionError(
        f"dataset {dataset.name}: 后续版本尚无更正值 / "
        f"no release after {wrong_in} has another value yet: mend it first"
    )
