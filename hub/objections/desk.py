"""What persons do about an objection: file, uphold, reject, dispute, settle, withdraw."""

from __future__ import annotations

from sqlalchemy import Connection

from hub import shares
from hub.errors import DecisionError, NotFound
from hub.grants import grant_of
from hub.ledger import objections as ledger
from hub.ledger.releases import last_release, release_at
from hub.masking import RECORD_ID, masked_fields
from hub.objections.acting import act, answering, record
from hub.objections.life import STANDING, Act, Case, then
from hub.objections.routing import Origin, origin_of
from hub.officers import department_of, sharing_of
from hub.opened import Hub
from hub.plain import check_text
from hub.publish import read_manifest
from hub.records import Grant, Objection
from hub.shares.looking import require_open
from schemas.sharing import Role


def file(
    hub: Hub,
    grant_id: str,
    record_id: str,
    field: str,
    by: str,
    reason: str,
    version: int | None = None,
    suggestion: str | None = None,
) -> Objection:
    """Object to one field of one record as the grant shows it in a release (None: the newest).

    By an applicant of the subscriber. It goes to the department whose value survived, found by
    lineage; the clock starts. `reason` and `suggestion` (what would be right) may hold values:
    they lie in the store. Raises `NotFound` for a record or field that the grant does not show,
    and `DecisionError` when the newest release has another value already.
    """
    check_text(reason)
    check_text(suggestion or "")
    grant = grant_of(hub, grant_id)
    officer = department_of(hub.catalog, by, Role.APPLICANT, grant.subscriber)
    last = last_release(hub.ledger, grant.dataset)
    if last is None:
        raise NotFound(f"dataset {grant.dataset}: 尚无发布版本 / has no release yet")
    seen = last.version if version is None else version
    require_open(hub, grant, seen)
    _require_shown(hub, grant, field)
    entity_id = shares.entity_of(hub, grant, seen, record_id)
    origin = _origin(hub, grant, seen, entity_id, field)
    if seen != last.version:
        newest = _origin(hub, grant, last.version, entity_id, field)
        if newest.value != origin.value:
            raise DecisionError(
                f"grant {grant_id}: 该值在版本 {last.version} 中已更新 / "
                f"release {last.version} has another value already"
            )
    with hub.ledger.writing() as writing:
        at = hub.now()
        own = ledger.new_id(writing, at)  # who counts on is alone until the end
        _require_new(writing, grant, record_id, field)
        department = origin.supply.partition("/")[0]
        supplier = answering(hub, department, grant.subscriber)
        case = Case(own, grant.subscriber, supplier, sharing_of(hub.catalog).supervisor)
        after = then(case, Act.FILE, by, reason)
        new = Objection(
            id=own,
            grant_id=grant.id,
            dataset=grant.dataset,
            version=seen,
            record_id=record_id,
            field=field,
            subscriber=grant.subscriber,
            department=department,
            supply=origin.supply,
            batch_id=origin.batch_id,
            state=str(after.state),
            uri=f"objections/{own}.json",
            same_until=last.version,
            mended_in=None,
            filed_by=by,
            filed_at=at,
        )
        said = {"said": reason, "suggestion": suggestion, "entity_id": entity_id}
        hub.store.write_json(
            new.uri, {**said, "value": origin.value, "source_keys": list(origin.keys)}
        )
        ledger.add_objection(writing, new)
        return record(hub, writing, after, new, Act.FILE, by, officer.name, "")


def uphold(hub: Hub, objection_id: str, by: str, reason: str = "") -> Objection:
    """The department agrees; the objection closes when a release has another value."""
    return act(hub, objection_id, Act.UPHOLD, by, reason)


def reject(hub: Hub, objection_id: str, by: str, reason: str) -> Objection:
    """The department finds the value right, with its reason."""
    return act(hub, objection_id, Act.REJECT, by, reason)


def dispute(hub: Hub, objection_id: str, by: str, reason: str) -> Objection:
    """The subscriber disagrees with a rejection: the supervisor settles it."""
    return act(hub, objection_id, Act.DISPUTE, by, reason)


def settle(hub: Hub, objection_id: str, by: str, upheld: bool, reason: str) -> Objection:
    """The supervisor says who is right: upheld, or dismissed for good."""
    return act(hub, objection_id, Act.OVERTURN if upheld else Act.DISMISS, by, reason)


def withdraw(hub: Hub, objection_id: str, by: str, reason: str = "") -> Objection:
    """The subscriber takes it back."""
    return act(hub, objection_id, Act.WITHDRAW, by, reason)


def objection_of(hub: Hub, objection_id: str) -> Objection:
    """One objection; raises `NotFound`."""
    return ledger.objection_of(hub.ledger, objection_id)


def _require_shown(hub: Hub, grant: Grant, field: str) -> None:
    shown = {one.name for one in masked_fields(grant.terms, hub.dataset(grant.dataset))}
    if field not in shown - {RECORD_ID}:
        raise NotFound(f"grant {grant.id} 不含该信息项 / shows no field {field[:120]!r}")


def _require_new(connection: Connection, grant: Grant, record_id: str, field: str) -> None:
    """One value is doubted once at a time."""
    states = [state.value for state in STANDING]
    known = ledger.standing_in(connection, grant.id, record_id, field, states)
    if known is not None:
        raise DecisionError(f"{known}: 该值已有未结异议 / is under way about this very value")


def _origin(hub: Hub, grant: Grant, version: int, entity_id: str, field: str) -> Origin:
    dataset = hub.dataset(grant.dataset)
    manifest = read_manifest(hub.store, release_at(hub.ledger, dataset.name, version))
    with hub.store.connect() as connection:
        return origin_of(hub, connection, dataset, manifest, entity_id, field)
