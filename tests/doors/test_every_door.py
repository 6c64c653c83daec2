"""A value outside of a grant is looked for at every door of the hub, and never found."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from hub import shares
from hub.deliver import deliver
from portal.app import app_of
from schemas.sharing import DatabaseInbox, FileInbox, Inbox, Terms, Way
from tests.deliver.town import with_inbox
from tests.doors.canaries import everything, layers, leaks, needles
from tests.doors.doors import DOORS, House, case, dump, kept, pq_bytes, raw_ledger
from tests.portal.open_portal import desk
from tests.servers.sshd import sshd
from tests.shares import drawing, oracle
from tests.shares.world import make_hub

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A case fills a hub: a smaller one of the same kind is not worth its time."""

FILTERS = (
    {"field": "division", "startsWith": "9901"},
    {"field": "visits", "since": 0},
    {"field": "visits", "before": 10**18, "since": 1},
)
"""Each admits the rows that are meant to be, and no other one."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("doors")
    hub = make_hub(folder)
    log = folder / "log.txt"
    handler = logging.FileHandler(log)
    logging.getLogger().addHandler(handler)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    with TestClient(app_of(desk(hub)), raise_server_exceptions=False) as client:
        yield House(hub, client, log)
    logging.getLogger().setLevel(level)
    logging.getLogger().removeHandler(handler)
    hub.store.close()
    hub.ledger.engine.dispose()


@st.composite
def all_doors(draw: st.DrawFn) -> Terms:
    """Sound terms with a filter that keeps canaries out, open in all ways."""
    drawn = draw(drawing.terms())
    ways = tuple(Way)
    rows = [draw(st.sampled_from(FILTERS))]
    return Terms.model_validate(
        {"fields": drawn.fields, "rows": rows, "ways": ways, "scope": drawn.scope}
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=5, phases=UNSHRUNK, suppress_health_check=list(HealthCheck))
@given(terms=all_doors(), seed=st.integers(0, 2**32))
def test_no_value_outside_a_grant_leaves_by_any_door(
    house: House, tmp_path_factory: pytest.TempPathFactory, terms: Terms, seed: int
) -> None:
    told, log = case(house, terms, seed), house.log.stat().st_size
    inside = {f"{n}": pq_bytes(house.hub, told, n) for n in told.versions}
    assert not leaks(inside, told.hidden)
    folder = tmp_path_factory.mktemp("left")
    for name, door in DOORS.items():
        left = door(house, told, folder / name)
        assert left, name
        assert leaks(left, told.hidden) == [], name
    assert leaks(kept(house, told, log), told.hidden) == []
    # Of the ledger and the log not even what the grant shows is any business.
    own = needles([*told.rows[0], *told.rows[1]], pd.DataFrame(), "990101")
    books = {"ledger": raw_ledger(house.hub), "log": house.log.read_bytes()[log:]}
    assert leaks(books, {needle for needle in own if len(needle) > 12}) == []


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
def test_the_search_finds_a_value_that_did_leave(house: House, tmp_path: Path, suffix: str) -> None:
    """The needles are sharp: all rows and columns, unmasked, are found in every form."""
    names = [name for name in oracle.ORDER if name != "secret"]
    terms = Terms.model_validate({"fields": [{"name": name} for name in names], "ways": ["pull"]})
    told = case(house, terms, 7)
    share = shares.rows(house.hub, told.grant, told.versions[0])
    path = tmp_path / f"all{suffix}"
    shares.write_form(house.hub, share, path)
    found = list(layers(path.read_bytes()))
    for name in names:
        if name in ("alive", "payee_entity_id", "number"):
            continue
        cells = [{name: one[name]} for one in told.rows[0]]
        hidden = needles(cells, pd.DataFrame(), "")
        assert any(needle in layer for needle in hidden for layer in found), name


@pytest.mark.server
@pytest.mark.slow
def test_no_value_outside_a_grant_reaches_a_server(
    house: House, postgres_database: str, mariadb_database: str
) -> None:
    """Pushed over SFTP and into real databases, read back by their superusers."""
    names = ("number", "full_name", "born_on", "visits", "amount", "payee_entity_id", "division")
    masks = ("partial", "pseudonym", "keep", "keep", "keep", "keep", "keep")
    fields = [{"name": n, "mask": {"kind": m}} for n, m in zip(names, masks, strict=True)]
    terms = {"fields": fields, "rows": [FILTERS[0]], "ways": ["file", "database"]}
    told = case(house, Terms.model_validate(terms), 11)
    left: dict[str, bytes] = {}
    with sshd() as server:
        drop = server.root / "drop"
        drop.mkdir()
        drop.chmod(0o777)
        inbox = FileInbox(
            url=server.url(drop),
            host_key=server.host_key,
            private_key=str(server.private_key),
            content="changes",
        )
        for place, url in enumerate((postgres_database, mariadb_database)):
            hub = with_inbox(house.hub, Inbox(file=inbox, database=DatabaseInbox(url=url)))
            for way in (Way.FILE, Way.DATABASE):
                assert deliver(hub, told.grant.id, way, whole=True) is not None
            left |= {f"{place} {name}": raw for name, raw in dump(url).items()}
        left |= everything(drop)
    assert leaks(left, told.hidden) == []
    ids = [str(one).encode() for one in told.shown[1]["record_id"]]
    assert all(sum(one in raw for raw in left.values()) >= 2 for one in ids)
