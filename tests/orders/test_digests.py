"""Digests: the same in Python and in the engine, and only with the key."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.digests import FILE, bring_key, digest, digest_key, digest_sql
from hub.errors import SettingsError
from hub.orders.cells import safe_sql, unguarded

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ENGINE = duckdb.connect()


@settings(deadline=None)
@given(key=TEXTS, parts=st.lists(TEXTS, min_size=1, max_size=3))
def test_the_engine_and_python_agree(key: str, parts: list[str]) -> None:
    bring_key(ENGINE, key)
    sql = digest_sql(*["?"] * len(parts))
    assert ENGINE.execute(f"SELECT {sql}", parts).fetchone() == (digest(key, *parts),)


@settings(deadline=None)
@given(cell=TEXTS)
def test_a_guarded_cell_runs_nowhere_and_is_read_back_the_same(cell: str) -> None:
    import pyarrow as pa

    found = ENGINE.execute(f"SELECT {safe_sql('t')} FROM (SELECT ? AS t)", [cell]).fetchone()
    assert found is not None
    guarded = found[0]
    plain = guarded.lstrip("+-").replace(".", "").replace(",", "").isdigit()
    assert guarded[:1] not in ("=", "+", "-", "@", "\t", "\r") or plain
    assert unguarded(pa.array([guarded]))[0].as_py() == cell


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: digest_key(tmp_path / "home", {}), range(16)))
    assert len(keys) == 1
    [file] = (tmp_path / "home").iterdir()
    assert file.name == FILE and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert digest_key(tmp_path / "home", {"HUB_DIGEST_KEY": "k" * 32}) == "k" * 32
    with pytest.raises(SettingsError, match="at least 32"):
        digest_key(tmp_path / "home", {"HUB_DIGEST_KEY": "short"})
