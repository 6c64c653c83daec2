"""Shares: made once, equal bytes, only what the grant opens, gone when the grant is over."""

from __future__ import annotations

import hashlib
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import shares
from hub.errors import DecisionError, DoesNotFit, IntegrityError, NotFound, SettingsError
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.records import Share
from hub.shares import files, making, pruning, views
from schemas.sharing import Terms
from tests.shares import drawing, oracle
from tests.shares.world import NOW, make_grant, make_hub, make_release, many

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
TERMS = Terms.model_validate(
    {
        "fields": [
            {"name": "number", "mask": {"kind": "partial", "first": 6}},
            {"name": "visits"},
            {"name": "born_on", "mask": {"kind": "generalise", "to": "year"}},
        ],
        "rows": [{"field": "division", "startsWith": "9901"}],
        "ways": ["pull"],
    }
)
"""Values of `full_name` and the day of birth are not shown; rows of other divisions neither."""


def person(entity_id: str, **cells: Any) -> dict[str, Any]:
    return {"entity_id": entity_id, "number": "990101199001010010", "division": "990101", **cells}


def table(hub: Hub, share: Share) -> list[dict[str, Any]]:
    paths = [hub.store.path(file.uri) for file in share.files]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


STATE: dict[str, Any] = {}
"""What the last release of the lasting hub holds."""

HISTORIES = st.lists(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.fixed_dictionaries(
            {
                "full_name": st.sampled_from(["x", "y"]),
                "visits": st.sampled_from([None, 0, 1]),
                "division": st.sampled_from(["990101", "9902", None]),
                "born_on": st.sampled_from([date(1990, 1, 1), date(1990, 5, 1), date(1991, 1, 1)]),
            }
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(history=HISTORIES, whole=st.booleans(), skipped=st.integers(0, 1))
def test_changes_lead_from_one_masked_release_to_the_next_and_say_nothing_else(
    lasting_hub: Hub, history: list[dict[str, dict[str, Any]]], whole: bool, skipped: int
) -> None:
    """Every example goes on where the last one ended, and is granted from its own releases on."""
    hub, last = lasting_hub, last_release(lasting_hub.ledger, "people")
    first = last.version + 1 if last else 1
    before = dict(STATE)
    for state in history:
        rows = [person(name, **cells) for name, cells in state.items()]
        touched = {n for n in {*before, *state} if before.get(n) != state.get(n)}
        last = make_release(hub, rows, None if whole or last is None else touched, last)
        before = state
    STATE.clear()
    STATE.update(before)
    grant = make_grant(hub, TERMS, since_version=first + skipped)
    held: dict[str, Any] = {}
    for release in shares.versions(hub, grant):
        feed = table(hub, shares.changes(hub, grant, release.version))
        assert [r["record_id"] for r in feed] == sorted(r["record_id"] for r in feed)
        for row in feed:
            kind = row.pop("_change_type")
            if kind in ("delete", "update_preimage"):
                assert held.pop(row["record_id"]) == row
            else:
                assert row["record_id"] not in held
                held[row["record_id"]] = row
        pairs = [row for row in feed if feed.count(row) > 1]
        assert pairs == []  # nothing is said to change into itself
        assert table(hub, shares.rows(hub, grant, release.version)) == [
            held[one] for one in sorted(held)
        ]


def test_a_change_in_a_field_that_is_not_shown_shows_nothing(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1", full_name="before", born_on=date(1990, 1, 1))])
    make_release(small_hub, [person("e1", full_name="after", born_on=date(1990, 12, 31))])
    share = shares.changes(small_hub, make_grant(small_hub, TERMS), 2)
    assert share.rows == 0 and len(share.files) == 1


def test_the_first_release_that_is_open_says_nothing_of_the_one_before(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1", visits=771), person("e2", visits=5)])
    make_release(small_hub, [person("e1", visits=772), person("e3", visits=6)])
    grant = make_grant(small_hub, TERMS, since_version=2)
    feed = table(small_hub, shares.changes(small_hub, grant, 2))
    assert {row["_change_type"] for row in feed} == {"insert"}
    assert {row["visits"] for row in feed} == {772, 6}
    with pytest.raises(NotFound):
        shares.rows(small_hub, grant, 1)
    with pytest.raises(NotFound):
        shares.changes(small_hub, grant, 1)


def digests(hub: Hub, share: Share) -> list[str]:
    paths = [hub.store.path(file.uri) for file in share.files]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.mark.slow
def test_bytes_are_equal_whatever_the_threads_and_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "GROUP_ROWS", 10_000)
    monkeypatch.setattr(files, "FILE_ROWS", 30_000)
    monkeypatch.setenv("HUB_DIGEST_KEY", "d" * 64)
    found = []
    for threads, memory in ((1, 500), (4, 100)):
        hub = make_hub(tmp_path / f"{threads}", threads, memory)
        make_release(hub, many(hub, 70_000))
        make_release(hub, many(hub, 69_000, moved=1))
        grant = make_grant(hub, TERMS)
        share, feed = shares.rows(hub, grant, 1), shares.changes(hub, grant, 2)
        assert [file.rows for file in share.files] == [30_000, 30_000, 10_000]
        assert [file.sha256 for file in share.files] == digests(hub, share)
        found.append(digests(hub, share) + digests(hub, feed))
        hub.store.close()
    assert found[0] == found[1]


def test_a_share_is_made_once_and_again_when_its_files_are_lost(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1", visits=1)])
    grant = make_grant(small_hub, TERMS)
    share = shares.rows(small_hub, grant, 1)
    path = small_hub.store.path(share.files[0].uri)
    written = path.stat().st_mtime_ns
    assert shares.rows(small_hub, grant, 1) == share
    assert path.stat().st_mtime_ns == written
    path.unlink()
    assert shares.rows(small_hub, grant, 1) == share
    assert digests(small_hub, share) == [share.files[0].sha256]


class Killed(BaseException):
    """Ends the making of a share wherever it is thrown."""


@pytest.mark.parametrize("step", range(6))
def test_a_share_that_was_killed_is_made_whole_with_the_same_bytes(
    small_hub: Hub, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed while the second file is begun or written, at its renaming, or before the ledger."""
    monkeypatch.setattr(files, "GROUP_ROWS", 10)
    monkeypatch.setattr(files, "FILE_ROWS", 30)
    make_release(small_hub, [person(f"e{n}", visits=n) for n in range(75)])
    grant = make_grant(small_hub, TERMS)
    wanted = shares.rows(small_hub, grant, 1)
    shutil.rmtree(small_hub.store.path("shared"))
    left = iter(range(step))

    def dying(real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            if next(left, None) is None:
                raise Killed
            return real(*args, **more)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(files, "new_writer", dying(files.new_writer))
        patched.setattr(files, "_described", dying(files._described))
        patched.setattr(making, "keep_share", dying(making.keep_share))
        with pytest.raises(Killed):
            shares.rows(small_hub, grant, 1)
    for path in small_hub.store.path("shared").rglob("*"):  # what is there is whole
        assert path.is_dir() or path.read_bytes()[-4:] == b"PAR1"
    assert shares.rows(small_hub, grant, 1) == wanted
    assert digests(small_hub, wanted) == [file.sha256 for file in wanted.files]
    assert not list(small_hub.store.path("scratch").glob("*/*.parquet"))


def test_many_who_ask_at_once_get_the_same_share(small_hub: Hub) -> None:
    make_release(small_hub, [person(f"e{n}") for n in range(50)])
    grant = make_grant(small_hub, TERMS)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: shares.rows(small_hub, grant, 1), range(8)))
    assert all(share == made[0] for share in made)


def test_a_field_denied_since_is_gone_from_what_was_made_before(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1", visits=771)])
    grant = make_grant(small_hub, TERMS)
    assert (
        b"visits"
        in small_hub.store.path(shares.rows(small_hub, grant, 1).files[0].uri).read_bytes()
    )
    root = small_hub.settings.catalog / "contracts/dataset/people.odcs.yaml"
    text = root.read_text(encoding="utf-8")
    said = (
        "{name: visits, logicalType: integer, customProperties: [{property: shareType, value: "
        "denied}, {property: shareCondition, value: law}]}"
    )
    root.write_text(text.replace("{name: visits, logicalType: integer}", said), encoding="utf-8")
    from schemas.catalog import load_catalog

    later = replace(small_hub, catalog=load_catalog(small_hub.settings.catalog))
    (row,) = table(later, shares.rows(later, grant, 1))
    assert set(row) == {"record_id", "number", "born_on"}


def test_what_is_over_opens_nothing_and_its_files_are_removed(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1")])
    living, ended, expired = (make_grant(small_hub, TERMS) for _ in range(3))
    kept = {g.id: shares.rows(small_hub, g, 1) for g in (living, ended, expired)}
    from hub.ledger.grants import end_grant

    with small_hub.ledger.writing() as connection:
        end_grant(connection, ended.id, NOW, "wang", "over")
    later = replace(small_hub, now=lambda: NOW + timedelta(days=31))
    over = replace(ended, ended_at=NOW)
    with pytest.raises(DecisionError):
        shares.rows(small_hub, over, 1)
    assert shares.prune(small_hub, NOW) == [ended.id]
    assert shares.prune(small_hub, NOW) == []
    assert small_hub.store.path(kept[living.id].files[0].uri).is_file()
    assert not small_hub.store.path(kept[ended.id].files[0].uri).exists()
    with pytest.raises(DecisionError):
        shares.changes(later, expired, 1)
    assert shares.prune(later, later.now()) == [living.id, expired.id]
    assert not small_hub.store.path("shared").exists() or not list(
        small_hub.store.path("shared").rglob("*.parquet")
    )


def test_files_of_old_versions_go_after_a_week_and_come_back_when_asked_for(
    small_hub: Hub,
) -> None:
    for visits in range(4):
        make_release(small_hub, [person("e1", visits=visits)])
    grant = make_grant(small_hub, TERMS)
    made = [shares.rows(small_hub, grant, version) for version in (1, 2, 3, 4)]
    paths = [small_hub.store.path(share.files[0].uri) for share in made]
    (paths[0].parent / "rows-abc.csv").write_bytes(b"made of it")
    assert shares.prune(small_hub, NOW + timedelta(days=6)) == []
    assert all(path.is_file() for path in paths)
    assert shares.prune(small_hub, NOW + timedelta(days=8)) == []
    assert [path.is_file() for path in paths] == [False, False, True, True]
    assert not list(paths[0].parent.glob("*"))
    assert shares.rows(small_hub, grant, 1) == made[0]


def test_files_that_were_made_anew_and_never_noted_are_not_handed_out(small_hub: Hub) -> None:
    """Somebody with another contract wrote over them, and was stopped before the ledger knew."""
    make_release(small_hub, [person("e1"), person("e2")])
    grant = make_grant(small_hub, TERMS)
    share = shares.rows(small_hub, grant, 1)
    path = small_hub.store.path(share.files[0].uri)
    whole = path.read_bytes()
    path.write_bytes(whole + b"another form")
    assert not shares.is_there(small_hub, share)
    assert shares.rows(small_hub, grant, 1) == share
    assert path.read_bytes() == whole


def test_pruning_that_was_stopped_is_done_by_the_next(
    small_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_release(small_hub, [person("e1", visits=number)])
    grant = make_grant(small_hub, TERMS)
    made = [shares.rows(small_hub, grant, number) for number in (1, 2, 3)]
    path = small_hub.store.path(made[0].files[0].uri)
    later = NOW + timedelta(days=8)
    with monkeypatch.context() as stopped:
        stopped.setattr(pruning, "set_pruned", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shares.prune(small_hub, later)
    assert not path.exists()
    path.write_bytes(b"left over")
    shares.prune(small_hub, later)
    assert not path.exists()
    assert shares.rows(small_hub, grant, 1) == made[0]


def test_another_digest_key_makes_other_files(
    small_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_release(small_hub, [person("e1")])
    grant = make_grant(small_hub, TERMS)
    before = shares.rows(small_hub, grant, 1)
    monkeypatch.setenv("HUB_DIGEST_KEY", "d" * 64)
    (row,) = table(small_hub, shares.rows(small_hub, grant, 1))
    assert row["record_id"] == shares.record_ids(small_hub, grant, ["e1"])["e1"]
    assert shares.rows(small_hub, grant, 1) != before


def test_a_record_id_leads_back_only_to_a_row_that_is_shown(small_hub: Hub) -> None:
    make_release(small_hub, [person("e1"), person("e2", division="9902")])
    grant = make_grant(small_hub, TERMS)
    known = shares.record_ids(small_hub, grant, ["e1", "e2"])
    (row,) = table(small_hub, shares.rows(small_hub, grant, 1))
    assert row["record_id"] == known["e1"]
    assert shares.entity_of(small_hub, grant, 1, known["e1"]) == "e1"
    for unknown in (known["e2"], "0" * 32, "e1", "' OR 1=1 --", "\0", "\ud800", ""):
        with pytest.raises(NotFound):
            shares.entity_of(small_hub, grant, 1, unknown)


def test_differences_name_records_and_fields_and_no_value(small_hub: Hub) -> None:
    one = make_release(
        small_hub,
        [person("e1", visits=1), person("e2", visits=2), person("e3"), person("e4", full_name="x")],
    )
    two = make_release(
        small_hub,
        [
            person("e1", visits=9, born_on=date(1990, 1, 1)),
            person("e2", visits=2, division="9902"),
            person("e4", full_name="y"),
            person("e5"),
        ],
    )
    grant = make_grant(small_hub, TERMS)
    ids = shares.record_ids(small_hub, grant, ["e1", "e2", "e3"])
    found = shares.differences(small_hub, grant, one, two)
    everything = ("number", "born_on", "visits")
    assert found == {
        ids["e1"]: ("born_on", "visits"),
        ids["e2"]: everything,
        ids["e3"]: everything,
    }
    assert shares.differences(small_hub, grant, one, two, ["e1", "e4", "no one"]) == {
        ids["e1"]: ("born_on", "visits")
    }
    assert shares.differences(small_hub, grant, one, two, []) == {}


def test_an_error_of_the_engine_leaves_without_its_words(small_hub: Hub) -> None:
    release = make_release(small_hub, [person("e1", full_name="canary-7")])
    grant = make_grant(small_hub, TERMS)
    with pytest.raises(IntegrityError) as raised, views.masked(small_hub, grant) as view:
        view.connection.execute(f"SELECT full_name::INT FROM ({view._raw(release, None)[0]})")
    assert "canary" not in str(raised.value) and raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert grant.id in str(raised.value)


@pytest.mark.slow
@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(terms=drawing.terms(), rows=drawing.rows(least=1))
def test_files_for_people_hold_what_the_share_holds(
    lasting_hub: Hub, terms: Terms, rows: list[dict[str, Any]]
) -> None:
    hub, folder = lasting_hub, lasting_hub.settings.home
    release = make_release(hub, rows)
    STATE.clear()
    STATE.update({row["entity_id"]: None for row in rows})
    grant = make_grant(hub, terms)
    share = shares.rows(hub, grant, release.version)
    key = views.key_of(hub, grant)
    wanted = oracle.expected(terms, rows, key)
    assert table(hub, share) == wanted.to_dict("records")
    for suffix in (".csv", ".parquet"):
        for name in ("one", "two"):
            shares.write_form(hub, share, folder / f"{name}{suffix}")
        assert (folder / f"one{suffix}").read_bytes() == (folder / f"two{suffix}").read_bytes()
    assert pq.read_table(folder / "one.parquet").to_pylist() == table(hub, share)
    stored = pq.read_table(hub.store.path(share.files[0].uri))
    texts = [column.cast(pa.string()).to_pylist() for column in stored.columns]
    lines = [list(line) for line in zip(*texts, strict=True)]
    assert csv_cells(folder / "one.csv") == [stored.column_names, *lines]
    if any(CONTROL.search(value or "") for line in lines for value in line):
        with pytest.raises(DoesNotFit, match="has characters that Excel cannot keep: take CSV"):
            shares.write_excel(hub, share, folder / "one.xlsx")
        return
    for name in ("one", "two"):
        shares.write_form(hub, share, folder / f"{name}.xlsx")
    assert (folder / "one.xlsx").read_bytes() == (folder / "two.xlsx").read_bytes()
    # A sheet has nothing for the empty text.
    shown = [[value or None for value in line] for line in lines]
    assert sheet(folder / "one.xlsx") == [stored.column_names, *shown]


def sheet(path: Path) -> list[list[str | None]]:
    book = openpyxl.load_workbook(path, read_only=True)
    width = book.worksheets[0].max_column
    rows = book.worksheets[0].iter_rows(max_col=width)
    cells = [[(cell.value, cell.data_type) for cell in row] for row in rows]
    assert {kind for row in cells for value, kind in row if value is not None} <= {"s", "inlineStr"}
    return [[value for value, _ in row] for row in cells]


def csv_cells(path: Path) -> list[list[str | None]]:
    """Cells of a CSV file; those without quotes and content are null."""
    text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    cell = re.compile(r'"((?:[^"]|"")*)"(,|\n)|([^",\n]*)(,|\n)')
    lines: list[list[str | None]] = [[]]
    for found in cell.finditer(text):
        quoted, after, bare, bare_after = found.groups()
        value = bare or None if quoted is None else quoted.replace('""', '"')
        lines[-1].append(value)
        if (after or bare_after) == "\n":
            lines.append([])
    return lines[:-1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 32_768, "more than 32,767 characters"),
        ("𠮷" * 16_384, "more than 32,767 characters"),
        ("a\x07b", "characters that Excel cannot keep"),
        ("a\r\nb", "characters that Excel cannot keep"),
        ("_x0041_", "characters that Excel cannot keep"),
    ],
)
def test_a_text_that_no_cell_holds_is_refused_and_not_cut(
    small_hub: Hub, tmp_path: Path, text: str, why: str
) -> None:
    make_release(small_hub, [person("e1"), person("e2", full_name=text)])
    terms = Terms.model_validate({"fields": [{"name": "full_name"}], "ways": ["download"]})
    share = shares.rows(small_hub, make_grant(small_hub, terms), 1)
    with pytest.raises(DoesNotFit, match=f"field full_name has .*{why}: take CSV or Parquet"):
        shares.write_form(small_hub, share, tmp_path / "names.xlsx")
    assert not (tmp_path / "names.xlsx").exists()
    shares.write_form(small_hub, share, tmp_path / "names.csv")
    assert text.encode() in (tmp_path / "names.csv").read_bytes()


def test_the_longest_text_of_a_cell_is_kept_whole(small_hub: Hub, tmp_path: Path) -> None:
    longest = "𠮷" * 16_383 + "x"
    make_release(small_hub, [person("e1", full_name=longest)])
    terms = Terms.model_validate({"fields": [{"name": "full_name"}], "ways": ["download"]})
    share = shares.rows(small_hub, make_grant(small_hub, terms), 1)
    shares.write_form(small_hub, share, tmp_path / "names.xlsx")
    assert sheet(tmp_path / "names.xlsx")[1][1] == longest


def test_a_sheet_that_cannot_hold_all_rows_is_refused(small_hub: Hub, tmp_path: Path) -> None:
    make_release(small_hub, [person("e1")])
    share = shares.rows(small_hub, make_grant(small_hub, TERMS), 1)
    with pytest.raises(SettingsError):
        shares.write_excel(small_hub, replace(share, rows=1_048_576), tmp_path / "big.xlsx")
    with pytest.raises(SettingsError):
        shares.write_form(small_hub, share, tmp_path / "share.exe")
