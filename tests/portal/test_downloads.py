"""Downloads are read by pandas, DuckDB and a spreadsheet, and hold what the grant shows."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hub import shares
from hub.shares import forms
from portal.desk import Desk
from tests.portal.door import Door
from tests.portal.open_portal import SECRETS


def kept(door: Door, version: int, kind: str = "rows") -> pd.DataFrame:
    """What lies at rest."""
    make = shares.rows if kind == "rows" else shares.changes
    [file] = make(door.hub, door.grant, version).files
    return pq.read_table(door.hub.store.path(file.uri)).to_pandas(date_as_object=True)


def texts(frame: pd.DataFrame) -> list[list[str]]:
    """Cells as text, null as empty."""
    return [["" if pd.isna(v) else str(v) for v in row] for row in frame.itertuples(index=False)]


def fetch(door: Door, path: str) -> bytes:
    answer = door.get(path)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


@pytest.mark.parametrize("kind", ["rows", "changes"])
def test_parquet_is_the_file_at_rest(door: Door, kind: str) -> None:
    read = pq.read_table(io.BytesIO(fetch(door, f"/downloads/2/{kind}.parquet")))
    pd.testing.assert_frame_equal(read.to_pandas(date_as_object=True), kept(door, 2, kind))


@pytest.mark.parametrize("kind", ["rows", "changes"])
def test_csv_is_read_by_pandas_and_duckdb_alike(door: Door, kind: str, tmp_path: Path) -> None:
    raw = fetch(door, f"/downloads/2/{kind}.csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    path = tmp_path / "rows.csv"
    path.write_bytes(raw)
    there = kept(door, 2, kind)
    as_pandas = pd.read_csv(path, dtype=str, keep_default_na=False)
    with duckdb.connect() as connection:
        read = f"SELECT * FROM read_csv('{path}', all_varchar=true, header=true)"
        as_duckdb = connection.execute(read).df()
    for found in (as_pandas, as_duckdb):
        assert list(found.columns) == list(there.columns)
        for name in ("record_id", "number", "full_name", "division", "备注"):
            assert [row or "" for row in found[name].fillna("")] == [
                "" if pd.isna(v) else v for v in there[name]
            ]
        assert [int(v) for v in found["visits"]] == list(there["visits"])


def test_excel_keeps_text_as_text(door: Door) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetch(door, "/downloads/2/rows.xlsx")))
    head, *rows = book.active.iter_rows(values_only=True)
    there = kept(door, 2)
    assert list(head) == list(there.columns)
    place = list(head).index("division")
    assert [row[place] for row in rows] == list(there["division"])
    assert all(isinstance(row[0], str) for row in rows)


def test_more_rows_than_a_sheet_holds_are_refused(
    own_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = shares.rows(own_door.hub, own_door.grant, 2)
    monkeypatch.setattr(forms, "EXCEL_ROWS", share.rows - 1)
    answer = own_door.get("/downloads/2/rows.xlsx")
    assert answer.status_code == 400
    assert "take CSV or Parquet" in answer.json()["message"]


def test_latest_is_the_newest(door: Door) -> None:
    assert fetch(door, "/downloads/latest/rows.csv") == fetch(door, "/downloads/2/rows.csv")
    assert fetch(door, "/downloads/latest/rows.csv") != fetch(door, "/downloads/1/rows.csv")


def test_a_file_is_made_once(door: Door) -> None:
    first = door.get("/downloads/1/rows.csv")
    folder = door.hub.store.path(f"shared/{door.grant.id}")
    made = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    again = door.get("/downloads/1/rows.csv")
    assert first.headers["etag"] == again.headers["etag"]
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == made


def test_what_the_watch_removed_is_made_again(own_door: Door) -> None:
    links = {own_door.link(): None, "/downloads/1/rows.csv": own_door.token}
    before = {path: own_door.get(path, token or "").content for path, token in links.items()}
    shutil.rmtree(own_door.hub.store.path(f"shared/{own_door.grant.id}"))
    again = {path: own_door.get(path, token or "").content for path, token in links.items()}
    assert again == before


def test_a_broken_download_goes_on(door: Door) -> None:
    whole = fetch(door, "/downloads/2/rows.csv")
    rest = door.get("/downloads/2/rows.csv", headers={"Range": "bytes=100-"})
    assert rest.status_code == 206
    assert whole[:100] + rest.content == whole


def test_files_are_named_by_ids_alone(door: Door) -> None:
    answer = door.get("/downloads/2/rows.csv")
    saved = f'attachment; filename="{door.grant.id}-2-rows.csv"'
    assert answer.headers["content-disposition"] == saved
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_what_can_be_downloaded_is_listed(door: Door) -> None:
    told = door.get("/downloads").json()
    assert [item["version"] for item in told["items"]] == [1, 2]
    for path in told["items"][-1]["files"]:
        assert door.get(path).status_code == 200


def test_people_find_their_links(door: Door) -> None:
    page = door.client.post("/downloads", data={"token": f" {door.token} "})
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(files[^"]+)"', page.text)]
    assert len(links) == 12
    for link in links:
        assert door.client.get("/" + link).status_code == 200
    assert "人员总表" in page.text


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000, "&token=", "%00%ff"])
def test_a_wrong_token_is_told_on_the_page(door: Door, token: str) -> None:
    page = door.client.post("/downloads", data={"token": token})
    assert page.status_code == 401
    assert "凭证缺失、未知、已过期或已撤销" in page.text
    assert not token or token not in page.text


def test_pages_load_nothing_from_elsewhere(door: Door) -> None:
    for page in (door.client.get("/"), door.client.post("/downloads", data={"token": door.token})):
        assert "<script" not in page.text
        assert not re.search(r'(src|href)="(https?:)?//', page.text)
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_no_download_holds_more_than_the_grant_shows(door: Door) -> None:
    """The rows of the other division, raw names and numbers and denied fields are nowhere."""
    for form in ("csv", "parquet", "xlsx"):
        for kind in ("rows", "changes"):
            raw = fetch(door, f"/downloads/2/{kind}.{form}")
            assert_no_secret(raw, form)


def assert_no_secret(raw: bytes, form: str) -> None:
    text = raw.decode() if form == "csv" else str(_cells(raw, form))
    for secret in (*SECRETS, "990102", "E0000", "张三", "9901011950"):
        assert secret not in text


def _cells(raw: bytes, form: str) -> Any:
    if form == "parquet":
        return pq.read_table(io.BytesIO(raw)).to_pylist()
    return list(openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True))


def test_what_was_made_waits_for_nobody_who_makes(
    own_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own_door.get("/downloads/2/rows.csv").content

    def busy(*_: object) -> None:
        raise AssertionError("it was made already")

    monkeypatch.setattr(Desk, "making", busy)
    assert own_door.get("/downloads/2/rows.csv").content == made
