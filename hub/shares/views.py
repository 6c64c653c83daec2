"""The releases of a dataset as one grant sees them, as SQL on a connection that holds its key."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from hub import masking
from hub.digests import digest_key
from hub.errors import IntegrityError
from hub.opened import Hub
from hub.records import Grant, Release
from hub.released import relation, touched_between
from hub.store import identifier
from schemas.contract import Dataset

CHANGE = "_change_type"
ENTITY = "entity_id"
HASH = "_hash"


@dataclass(frozen=True)
class Masked:
    """A connection that holds the grant's key; what it selects is masked unless it says raw."""

    hub: Hub
    grant: Grant
    connection: DuckDBPyConnection

    @property
    def dataset(self) -> Dataset:
        return self.hub.dataset(self.grant.dataset)

    def select(self, release: Release, only: str | None = None) -> str:
        """A SELECT of a release as the grant shows it; `only`: a SELECT of raw entity ids."""
        raw, held = self._raw(release, only)
        return masking.select(self.grant.terms, self.dataset, raw, held)

    def entity(self, release: Release) -> str:
        """A SELECT of the raw entity id that the grant shows under a record id, the parameter."""
        raw, held = self._raw(release)
        shown = masking.admitted(self.grant.terms, self.dataset, raw, held)
        return f"SELECT {ENTITY} FROM ({shown}) WHERE {masking.record_id_sql(ENTITY)} = ?"

    def changed(self, before: Release, after: Release) -> str:
        """A SELECT of the raw entity ids whose rows may differ between two releases."""
        store = self.hub.store
        old, new = (store.read_json(release.manifest) for release in (before, after))
        near = touched_between(store, old, new)
        among = f" SEMI JOIN ({near}) AS near USING ({ENTITY})" if near else ""
        sides = [
            f"(SELECT {ENTITY}, {HASH} FROM ({relation(store, manifest, 'golden')}){among})"
            for manifest in (old, new)
        ]
        return (
            f"SELECT {ENTITY} FROM {sides[0]} AS o FULL JOIN {sides[1]} AS n USING ({ENTITY}) "
            f"WHERE o.{HASH} IS DISTINCT FROM n.{HASH}"
        )

    def _raw(self, release: Release, only: str | None = None) -> tuple[str, Collection[str]]:
        manifest = self.hub.store.read_json(release.manifest)
        raw = relation(self.hub.store, manifest, "golden")
        held = [row[0] for row in self.connection.execute(f"DESCRIBE {raw}").fetchall()]
        among = f" SEMI JOIN ({only}) AS only_these USING ({ENTITY})" if only else ""
        listed = ", ".join(identifier(name) for name in held)
        return f"SELECT {listed} FROM ({raw}){among}", frozenset(held)


@contextmanager
def masked(hub: Hub, grant: Grant) -> Iterator[Masked]:
    """Open a grant's view; it asks neither whether the grant is active nor which release it opens.

    An error of the engine may quote a row, so that only its kind leaves the block.
    """
    try:
        with hub.store.connect() as connection:
            masking.bring_scope(connection, key_of(hub, grant))
            yield Masked(hub, grant, connection)
    except duckdb.Error as error:
        kind = type(error).__name__
        raise IntegrityError(f"grant {grant.id}: a release cannot be masked ({kind})") from None


def key_of(hub: Hub, grant: Grant) -> bytes:
    """The key of a grant's record ids and pseudonyms."""
    secret = digest_key(hub.settings.home)
    return masking.scope_key(secret, grant.terms.scope, grant.id, grant.subscriber)


def form_of(hub: Hub, grant: Grant) -> str:
    """A digest of the terms, the contract, the masking and the key that a share is made by."""
    form = masking.form(grant.terms, hub.dataset(grant.dataset))
    return hmac.digest(key_of(hub, grant), f"form:{form}".encode(), "sha256").hex()
