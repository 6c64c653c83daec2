"""Every normaliser says the same in SQL and in Python, and says it twice the same."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.reconcile.normalise import NORMALISERS
from hub.reconcile.steps import chain, layered

LETTERS = "0123456789Xx -ABCvz１９Ｘ（）()&.,'/　\t\xa0张三有限责任公司·+{}"
WORDS = [
    *("LIMITED", "Ltd", " t/a ", "The ", "Public Limited Company", "有限责任公司", "0086"),
    *("11010519491231002X", "110105491231002", "44052418800101001", "91350100M000100Y43"),
    "350100M000100Y4",
]
texts = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(st.sampled_from(LETTERS), max_size=6)), max_size=4
).map("".join)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NORMALISERS))
@settings(max_examples=20, deadline=None)
@given(samples=st.lists(st.one_of(st.none(), texts), min_size=1, max_size=40))
def test_sql_and_python_agree(name: str, samples: list[str | None]) -> None:
    normaliser = NORMALISERS[name]
    with duckdb.connect() as connection:
        connection.register(
            "samples", pa.table({"i": range(len(samples)), "x": pa.array(samples, pa.string())})
        )
        staged = layered("SELECT i, x FROM samples", ["i", "x"], {"x": normaliser.steps})
        in_layers = connection.execute(f"SELECT x FROM ({staged}) ORDER BY i").fetchall()
        nested = connection.execute(
            f"SELECT {chain(normaliser.steps, 'x')} FROM samples ORDER BY i"
        ).fetchall()
    expected = [(normaliser(text),) for text in samples]
    assert in_layers == expected
    assert nested == expected


@pytest.mark.parametrize(
    ("name", "text", "canonical"),
    [
        ("resident_id", "110105491231002", "11010519491231002X"),
        ("resident_id", " １１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("resident_id", "110105194912310021", None),  # check digit
        ("resident_id", "110105194902310024", None),  # no such day
        ("organisation", "91350100M000100Y43", "M000100Y4"),
        ("organisation", "350100M000100Y4", "M000100Y4"),
        ("organisation", "m000100y-4", "M000100Y4"),
        ("organisation", "91350100M000100Y44", None),  # outer check digit
        ("uscc", "91350100M000100Y43", "91350100M000100Y43"),
        ("uscc", "350100M000100Y4", None),
        ("organisation_name", "测试（北京）有限责任公司", "测试北京有限公司"),
        ("organisation_name", "The Smith & Sons Limited T/A Foo", "SMITH AND SONS LTD"),
        ("organisation_name", "A.B.C. Public Limited Company", "ABC PLC"),
        ("person_name", "张 三", "张三"),
        ("person_name", "O'Neil,  Anne", "ONEIL ANNE"),
        ("phone", "+86 138-0000-1234", "13800001234"),
        ("phone", "123", None),
        ("registration_no", "１１０-０００ a1", "110000A1"),
        ("text", "  a \t b ", "a b"),
        ("text", "   ", None),
    ],
)
def test_canonical_forms(name: str, text: str, canonical: str | None) -> None:
    assert NORMALISERS[name](text) == canonical
