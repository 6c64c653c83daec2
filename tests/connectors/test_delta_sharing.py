"""Another hub as a front end: versions are windows, text comes first, mishaps are told."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import connectors.sharing_client as client_module
from connectors.folder import SourceChanged
from connectors.protocol import (
    SourceError,
    SourceMissing,
    SourceRefused,
    SourceUnreachable,
    Window,
)
from connectors.registry import open_source
from schemas.arrow import landing_schema
from schemas.contract import Supply
from schemas.properties import Node
from tests.connectors import sql_contracts as c
from tests.servers.sharing import SharingServer, sharing_server

PLACE = ("county", "population", "G2026-000001")
UTC = dt.UTC


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SharingServer]:
    folder = tmp_path / "offered"
    folder.mkdir()
    with sharing_server(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAUSES_S", (0.01, 0.01, 0.01))


def promised(table: str = "population", **pull: Any) -> Supply:
    return c.supply(
        c.field("record_id", key=1),
        c.field("amount", c.MONEY, physical="decimal(18,2)"),
        c.field("born", c.DATE, physical="date"),
        c.field("seen_at", c.MOMENT),
        c.field("code"),
        table=table,
        **pull,
    )


def people(*ids: str) -> pa.Table:
    day = dt.date(1990, 2, 28)
    moment = dt.datetime(2026, 1, 1, 8, tzinfo=UTC)
    return pa.table(
        {
            "record_id": list(ids),
            "amount": pa.array([Decimal("1234567890.25")] * len(ids), pa.decimal128(18, 2)),
            "born": pa.array([day] * len(ids), pa.date32()),
            "seen_at": pa.array([moment] * len(ids), pa.timestamp("us", "UTC")),
            "code": ["007"] * len(ids),
        }
    )


def node(server: SharingServer, **more: Any) -> Node:
    return Node(url=server.url, **{"password": server.token, **more})


def read(
    server: SharingServer, supply: Supply, scratch: Path, seen: tuple[str, ...] = ()
) -> tuple[Any, pa.Table, Window]:
    with open_source(node(server), "province", scratch) as source:
        [window] = source.windows(supply, None, c.AS_OF, seen)
        with source.read(supply, window) as extract:
            batches = [chunk.rows for chunk in extract.chunks]
        rows = pa.Table.from_batches(batches, landing_schema(supply))
        return extract, rows, window


def test_a_version_comes_whole_typed_and_counted(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a", "b"), people("c"))
    extract, rows, window = read(server, promised(), tmp_path)
    assert window.file == "version-000001"
    assert rows["record_id"].to_pylist() == ["a", "b", "c"]
    assert rows["code"].to_pylist() == ["007"] * 3  # text: no number is guessed
    assert rows["amount"].to_pylist() == [Decimal("1234567890.25")] * 3
    assert rows["born"][0].as_py() == dt.date(1990, 2, 28)
    assert rows["seen_at"][0].as_py() == dt.datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert extract.totals.rows == 3
    assert extract.totals.sums == {"amount": Decimal("3703703670.75")}
    assert extract.drift == ()
    assert list(tmp_path.glob("fetched-*")) == []  # nothing is left behind


def test_each_version_is_one_window_taken_once(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    supply = promised()
    with open_source(node(server), "province", tmp_path) as source:
        [first] = source.windows(supply, None, c.AS_OF, ())
        seen = [f"{first.file}@{first.file_digest}"]
        assert source.windows(supply, None, c.AS_OF, seen) == []
        server.add(PLACE, people("a", "b"))
        server.add(PLACE, people("b"))
        [newest] = source.windows(supply, None, c.AS_OF, seen)
    assert newest.file == "version-000003"
    assert newest.file_digest != first.file_digest


def test_the_same_version_of_another_grant_is_another_window(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people("a"))
    _, _, window = read(server, promised(), tmp_path)
    server.versions = {("county", "population", "G2026-000002"): [[people("a")]]}
    _, _, other = read(server, promised(), tmp_path, (f"{window.file}@{window.file_digest}",))
    assert other.file == window.file and other.file_digest != window.file_digest


def test_a_cell_that_is_not_of_its_type_is_a_fault(server: SharingServer, tmp_path: Path) -> None:
    spoilt = people("a", "b").set_column(2, "born", pa.array(["1990-02-30", "1990-02-28"]))
    server.add(PLACE, spoilt)
    extract, rows, _ = read(server, promised(), tmp_path)
    assert rows["born"].to_pylist() == [None, dt.date(1990, 2, 28)]
    assert [f["code"] for f in rows["_faults"][0].as_py()] == ["not_date"]
    assert ("type_changed", "born") in {(d.code, d.column) for d in extract.drift}


def test_columns_more_or_less_than_promised_are_drift(
    server: SharingServer, tmp_path: Path
) -> None:
    shown = people("a").drop_columns(["code"]).append_column("phone", pa.array(["1"]))
    server.add(PLACE, shown)
    extract, rows, _ = read(server, promised(), tmp_path)
    found = {(d.code, d.column) for d in extract.drift}
    assert found == {("column_missing", "code"), ("column_unknown", "phone")}
    assert "phone" not in rows.column_names
    assert rows["code"].to_pylist() == [None]


def test_an_empty_version_has_no_rows_and_no_drift(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people())
    extract, rows, _ = read(server, promised(), tmp_path)
    assert (extract.totals.rows, rows.num_rows, extract.drift) == (0, 0, ())


def test_a_column_that_splits_the_table_is_read_from_its_files_names(
    server: SharingServer, tmp_path: Path
) -> None:
    server.partition = {"code": "990101"}
    server.add(PLACE, people("a", "b").drop_columns(["code"]))
    _, rows, _ = read(server, promised(), tmp_path)
    assert rows["code"].to_pylist() == ["990101", "990101"]


def test_keys_are_those_of_the_newest_version(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"), people("b", "c"))
    with (
        open_source(node(server), "province", tmp_path) as source,
        source.keys(promised()) as batches,
    ):
        assert pa.Table.from_batches(batches).to_pydict() == {"record_id": ["a", "b", "c"]}


def test_a_list_of_many_pages_is_read_to_its_end(server: SharingServer, tmp_path: Path) -> None:
    server.page = 2
    for number in range(7):
        server.add(("county", f"other_{number}", "t"), people("x"))
    server.add(PLACE, people("a"))
    _, rows, _ = read(server, promised(), tmp_path)
    assert rows["record_id"].to_pylist() == ["a"]


@pytest.mark.parametrize(
    "name", ["population", "G2026-000001", "population.G2026-000001",
             "county.population.G2026-000001"],
)  # fmt: skip
def test_a_table_is_called_by_its_schema_its_name_or_its_whole_path(
    server: SharingServer, tmp_path: Path, name: str
) -> None:
    server.add(PLACE, people("a"))
    server.add(("county", "enterprise", "G2026-000002"), people("b"))
    _, rows, _ = read(server, promised(name), tmp_path)
    assert rows["record_id"].to_pylist() == ["a"]


def test_a_name_that_two_tables_bear_is_refused(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    server.add(("county", "population", "G2026-000009"), people("b"))
    with pytest.raises(SourceRefused, match=r"2 tables are called population.*share\.schema"):
        read(server, promised(), tmp_path)
    _, rows, _ = read(server, promised("population.G2026-000009"), tmp_path)
    assert rows["record_id"].to_pylist() == ["b"]


def test_several_tokens_open_several_grants(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    wanted = node(server, password=f"revoked-token {server.token}")
    with open_source(wanted, "province", tmp_path) as source:
        assert [column.name for column in source.columns(promised())] == people("a").column_names


def test_a_table_that_is_not_granted_is_missing(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    with pytest.raises(SourceMissing, match="police/t: no table fund is granted"):
        read(server, promised("fund"), tmp_path)


def test_a_token_that_is_not_accepted_is_refused_and_never_told(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people("a"))
    wanted = node(server, password="s3cret-token")
    with (
        pytest.raises(SourceRefused, match="wrong, expired or revoked") as caught,
        open_source(wanted, "province", tmp_path) as source,
    ):
        source.columns(promised())
    assert "s3cret-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "password", "message"),
    [
        ("delta-sharing+https://127.0.0.1:9/x", None, "needs a token"),
        ("delta-sharing://127.0.0.1:9/x", "t", r"delta-sharing\+https://host/prefix"),
        ("delta-sharing+ftp://127.0.0.1:9/x", "t", r"delta-sharing\+https://host/prefix"),
        ("delta-sharing+https://127.0.0.1:port/x", "t", "no address"),
    ],
)
def test_an_address_without_sense_or_token_is_refused(
    tmp_path: Path, url: str, password: str | None, message: str
) -> None:
    with (
        pytest.raises(SourceRefused, match=message),
        open_source(Node(url=url, password=password), "province", tmp_path),
    ):
        pass


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    wanted = Node(
        url="delta-sharing+https://127.0.0.1:9/x", password="t", options={"ca": "/no/such.pem"}
    )
    with (
        pytest.raises(SourceRefused, match=r"options\.ca cannot be read"),
        open_source(wanted, "province", tmp_path),
    ):
        pass


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    now = dt.datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(host, False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "hub.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context, path


def test_a_hub_with_tls_is_read_only_where_its_certificate_is_trusted(tmp_path: Path) -> None:
    context, trusted = certified(tmp_path)
    with sharing_server(tmp_path, context) as server:
        server.add(PLACE, people("a"))
        sure = node(server, options={"ca": str(trusted)})
        with open_source(sure, "province", tmp_path) as source:
            [window] = source.windows(promised(), None, c.AS_OF, ())
            with source.read(promised(), window) as extract:
                assert [chunk.rows.num_rows for chunk in extract.chunks] == [1]
            server.scheme = "http"  # a file that would leave the safe way is not fetched
            with pytest.raises(SourceRefused, match="over http"), source.read(promised(), window):
                pass
        server.scheme = "https"
        with (
            pytest.raises(SourceUnreachable),
            open_source(node(server), "province", tmp_path) as source,
        ):
            source.columns(promised())


def test_increments_are_refused(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    with pytest.raises(SourceRefused, match="read as snapshots"):
        read(server, promised(mode="increment", watermark="seen_at"), tmp_path)


def test_nobody_at_the_port_is_unreachable_and_transient(tmp_path: Path) -> None:
    wanted = Node(url="delta-sharing+http://127.0.0.1:9/x", password="s3cret-token")
    with (
        pytest.raises(SourceUnreachable) as caught,
        open_source(wanted, "province", tmp_path) as source,
    ):
        source.columns(promised())
    assert caught.value.transient and "s3cret-token" not in str(caught.value)


def test_something_else_at_the_port_is_told(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    wanted = node(server)
    with open_source(wanted, "province", tmp_path) as source:
        server.lines = lambda *_: [["no", "line"]]  # type: ignore[method-assign]
        with pytest.raises(SourceError, match="not Delta Sharing"):
            source.columns(promised())


def test_a_server_that_is_busy_is_asked_again(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    server.busy = 2
    _, rows, _ = read(server, promised(), tmp_path)
    assert rows.num_rows == 1


def test_a_download_that_breaks_off_goes_on_where_it_was(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people(*map(str, range(5000))))
    server.cut = 2
    extract, rows, _ = read(server, promised(), tmp_path)
    assert rows.num_rows == extract.totals.rows == 5000


UNLINK = Path.unlink


def keep_fetched(path: Path, missing_ok: bool = False) -> None:
    if "another" in path.name:
        UNLINK(path, missing_ok)


def test_a_killed_session_is_gone_on_with_and_leaves_nothing(
    server: SharingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add(PLACE, people(*map(str, range(5000))))
    (tmp_path / "fetched-of-another-version.parquet").write_bytes(b"old")
    server.cut = 1
    with monkeypatch.context() as killed:
        killed.setattr(client_module, "PAUSES_S", ())
        killed.setattr(Path, "unlink", keep_fetched)  # nobody tidies up after a kill
        with pytest.raises(SourceUnreachable):
            read(server, promised(), tmp_path)
    assert len(list(tmp_path.glob("fetched-*"))) == 1  # half of it
    _, rows, _ = read(server, promised(), tmp_path)
    assert rows.num_rows == 5000
    assert list(tmp_path.glob("fetched-*")) == []
    first, second = server.sent
    assert abs(first - second) <= 1  # the second half, and no byte twice


def test_urls_that_have_run_out_are_asked_for_anew(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"), people("b"))
    server.expired = 1
    _, rows, _ = read(server, promised(), tmp_path)
    assert rows["record_id"].to_pylist() == ["a", "b"]


def test_a_grant_that_is_revoked_meanwhile_ends_the_reading(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people("a"))
    with open_source(node(server), "province", tmp_path) as source:
        [window] = source.windows(promised(), None, c.AS_OF, ())
        server.token = "another"
        with pytest.raises(SourceRefused), source.read(promised(), window):
            pass


def test_files_that_stay_out_of_reach_are_told_without_their_urls(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people("a"))
    server.expired = 99
    with pytest.raises(SourceChanged) as caught:
        read(server, promised(), tmp_path)
    assert "s3cret-url" not in str(caught.value)
    assert list(tmp_path.glob("fetched-*")) == []


def test_a_version_that_is_gone_is_told_and_blocks_nothing(
    server: SharingServer, tmp_path: Path
) -> None:
    server.add(PLACE, people("a"))
    server.add(PLACE, people("a", "b"))
    with open_source(node(server), "province", tmp_path) as source:
        [window] = source.windows(promised(), None, c.AS_OF, ())
        server.gone = {2}
        with source.read(promised(), window) as extract:
            assert list(extract.chunks) == []
    assert [d.code for d in extract.drift] == ["file_unreadable"]


def test_chunks_are_no_larger_than_the_contract_says(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people(*map(str, range(1000))), people("x"))
    supply = promised(chunk_rows=400)
    with open_source(node(server), "province", tmp_path) as source:
        [window] = source.windows(supply, None, c.AS_OF, ())
        with source.read(supply, window) as extract:
            assert [chunk.rows.num_rows for chunk in extract.chunks] == [400, 400, 200, 1]


def test_lists_of_something_else_are_told(server: SharingServer, tmp_path: Path) -> None:
    """Items that are no objects."""
    with open_source(node(server), "province", tmp_path) as source:
        for client in source._clients:  # type: ignore[attr-defined]
            client._json = lambda _: {"items": [1, "x"]}
        with pytest.raises(SourceError, match="not Delta Sharing"):
            source.columns(promised())


def test_a_file_without_an_end_is_not_taken(server: SharingServer, tmp_path: Path) -> None:
    server.add(PLACE, people("a"))
    told = server.lines

    def smaller(*asked: Any) -> list[Any]:
        lines = told(*asked)
        for line in lines:
            if "file" in line:
                line["file"]["size"] -= 1
        return lines

    server.lines = smaller  # type: ignore[method-assign]
    with pytest.raises(SourceUnreachable, match="did not arrive whole"):
        read(server, promised(), tmp_path)
    assert list(tmp_path.glob("fetched-*")) == []
