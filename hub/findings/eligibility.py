"""Who is eligible for what, and why: the answers of policies as lists and in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from hub.crosscheck.policies import RESULT, RESULTS
from hub.crosscheck.tables import ENTITY
from hub.errors import NotFound
from hub.findings.evidence import columns_of
from hub.fold import HASH
from hub.ledger import questions as books
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.orders.cells import safe_sql
from hub.publish import read_manifest
from hub.released import relation
from hub.rowfile import hand_over, require_known, write_rows
from hub.store import identifier, literal
from schemas.crosscheck import Policy


def policy_rows(hub: Hub) -> list[dict[str, Any]]:
    """All policies with the counts of their last run."""
    faults = books.faults(hub.ledger, "policy")
    rows = []
    for policy in hub.catalog.policies.values():
        run = books.last_policy_run(hub.ledger, policy.name)
        counts = run.counts if run is not None else {}
        rows.append(
            {
                "name": policy.name,
                "title": f"{policy.title.zh} {policy.title.en}",
                "dataset": policy.dataset,
                "department": policy.department,
                "as_of": run.as_of if run is not None else None,
                **{result: counts.get(result) for result in RESULTS},
                "asked": counts.get("asked"),
                "carried": counts.get("carried"),
                "fault": faults.get(policy.name),
            }
        )
    return rows


def entity_shown(hub: Hub, entity: str, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """What each policy says of one entity: the conditions met, unmet and unknown, in words.

    Raises `NotFound` when no policy knows the entity.
    """
    found = []
    for name in names or sorted(hub.catalog.policies):
        policy = hub.policy(name)
        run = books.last_policy_run(hub.ledger, name)
        if run is not None and (told := _told(hub, policy, run, entity)):
            found.append(told)
    if not found:
        raise NotFound(f"no policy has been asked about an entity {entity[:64]}")
    return found


def _told(hub: Hub, policy: Policy, run: Row[Any], entity: str) -> dict[str, Any] | None:
    columns = ", ".join(map(identifier, (RESULT, *policy.conditions)))
    path = literal(hub.store.path(run.uri))
    if not set(policy.conditions) <= columns_of(hub.store, run.uri):
        return None  # the file has new conditions, and has not been asked since
    with hub.store.connect() as connection:
        row = connection.execute(
            f"SELECT {columns} FROM read_parquet({path}) WHERE {ENTITY} = ?", [entity]
        ).fetchone()
    if row is None:
        return None
    result, *answers = row
    reasons: dict[str, list[dict[str, str]]] = {"met": [], "unmet": [], "unknown": []}
    for (name, condition), answer in zip(policy.conditions.items(), answers, strict=True):
        kind = "unknown" if answer is None else "met" if answer else "unmet"
        reasons[kind].append({"name": name, "zh": condition.zh, "en": condition.en})
    return {
        "policy": policy.name,
        "title": policy.title.model_dump(),
        "benefit": policy.benefit.model_dump() if policy.benefit else None,
        "department": policy.department,
        "legal_basis": [basis.model_dump() for basis in policy.legal_basis],
        "as_of": run.as_of,
        "entity_id": entity,
        "result": result,
        **reasons,
    }


def export_answers(hub: Hub, name: str, out: Path, result: str | None = None) -> int:
    """Write the answers of one policy with the entities' golden rows; how many. Personal data.

    Only its owner may read the file (0600).
    """
    require_known(out)
    policy = hub.policy(name)
    run = books.last_policy_run(hub.ledger, name)
    release = last_release(hub.ledger, policy.dataset)
    if run is None or release is None:
        raise NotFound(f"policy {name} has not been asked yet")
    golden = relation(hub.store, read_manifest(hub.store, release), "golden")
    conditions = [c for c in policy.conditions if c in columns_of(hub.store, run.uri)]
    listed = "".join(f", a.{identifier(condition)}" for condition in conditions)
    where = f" WHERE a.{RESULT} = {literal(result)}" if result else ""
    query = (
        f"SELECT a.{RESULT} AS hub_result{listed}, g.* EXCLUDE ({HASH}) "
        f"FROM read_parquet({literal(hub.store.path(run.uri))}) AS a "
        f"JOIN ({golden}) AS g USING ({ENTITY}){where} ORDER BY g.{ENTITY}"
    )
    if out.suffix != ".parquet":
        query = f"SELECT {safe_sql('COLUMNS(*)::VARCHAR')} FROM ({query})"
    with hub.store.connect() as connection, hub.store.scratch() as folder:
        written = folder / f"answers{out.suffix}"
        count = write_rows(connection, query, written)
        hand_over(written, out)
    return count
