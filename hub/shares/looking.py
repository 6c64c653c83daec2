"""Which releases a grant opens, and which entity a record id names."""

from __future__ import annotations

from collections.abc import Iterable

from hub import masking
from hub.errors import DecisionError, NotFound
from hub.ledger.releases import release_at, releases_of
from hub.opened import Hub
from hub.records import Grant, Release, Share
from hub.shares.views import key_of, masked
from schemas.properties import ShareType
from schemas.terms import share_type


def versions(hub: Hub, grant: Grant) -> list[Release]:
    """The releases that a grant opens, oldest first; empty before the first."""
    oldest = grant.since_version or 0
    return [r for r in releases_of(hub.ledger, grant.dataset) if r.version >= oldest]


def require_open(hub: Hub, grant: Grant, version: int) -> None:
    """Raise unless this release may leave the hub under the grant now.

    `DecisionError`: the grant is over, or nothing of the dataset may be shared any more;
    `NotFound`: there is no such release, or it is older than the grant opens.
    """
    if not grant.active(hub.now()):
        raise DecisionError(f"grant {grant.id}: 授权已失效 / is not active")
    dataset = hub.dataset(grant.dataset)
    if all(share_type(dataset, field) is ShareType.DENIED for field in dataset.fields):
        raise DecisionError(
            f"grant {grant.id}: 数据集 {dataset.name} 已不予共享 / it is no longer shared"
        )
    if version not in {release.version for release in versions(hub, grant)}:
        raise NotFound(f"grant {grant.id}: 授权不含版本 {version} / opens no release {version}")


def is_there(hub: Hub, share: Share) -> bool:
    """Whether the files of a share are there as they were made.

    They may have been pruned, or made anew by another form, by somebody who was then stopped
    before the ledger knew of it.
    """
    try:
        return all(hub.store.path(one.uri).stat().st_size == one.bytes for one in share.files)
    except FileNotFoundError:
        return False


def entity_of(hub: Hub, grant: Grant, version: int, record_id: str) -> str:
    """The entity whose row the grant shows under a record id; raises `NotFound`.

    Never for a row that the grant does not show in that release.
    """
    release = release_at(hub.ledger, grant.dataset, version)
    if record_id.isascii():  # else no record is called so, and the engine takes no half a character
        with masked(hub, grant) as view:
            found = view.connection.execute(view.entity(release), [record_id]).fetchone()
        if found is not None:
            return str(found[0])
    raise NotFound(
        f"grant {grant.id}: 版本 {version} 中没有该记录 / release {version} shows no such record"
    )


def record_ids(hub: Hub, grant: Grant, entity_ids: Iterable[str]) -> dict[str, str]:
    """Under which record id the grant shows each entity, if it shows it at all."""
    key = key_of(hub, grant)
    return {entity_id: masking.record_id(key, entity_id) for entity_id in entity_ids}
