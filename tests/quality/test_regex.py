"""A pattern that is rewritten for RE2 finds exactly what Python's `re.search` finds."""

from __future__ import annotations

import re
import sys

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality import sql
from quality.compile.forms import Uncompilable
from quality.compile.regex import re2

ATOMS = [
    "a",
    "B",
    "k",
    "s",
    "i",
    "é",
    "张",
    "１",
    "_",
    ".",
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
]
ATOMS += [
    "[a-c]",
    "[^a]",
    "[^A-Z]",
    r"[\w-]",
    r"[^\w]",
    r"[\d\s]",
    "^",
    "$",
    r"\A",
    r"\Z",
    r"\b",
    "\n",
]
FLAGS = ["", "(?i)", "(?a)", "(?s)", "(?m)", "(?ms)", "(?ia)"]
LETTERS = "aAbBkKsSiIéÉ张１1_ -\n\t\u212a\u017f\u0130\u0131ßẞǅǆᾳ𠮷\u0301\u3000\u2028"

patterns = st.builds(
    lambda flags, parts: flags + "".join(parts),
    st.sampled_from(FLAGS),
    st.lists(
        st.builds(
            lambda atom, repeat: atom if atom in ("^", "$", r"\A", r"\Z", r"\b") else atom + repeat,
            st.sampled_from(ATOMS),
            st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,2}"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
texts = st.lists(st.text(alphabet=LETTERS, max_size=5), min_size=20, max_size=60)


@settings(deadline=None, max_examples=150)
@given(patterns, texts)
def test_both_find_the_same(pattern: str, words: list[str]) -> None:
    try:
        spelt = re2(pattern)
    except Uncompilable:
        return
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (i INTEGER, w VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(words)))
        query = f"SELECT regexp_matches(w, {sql.text(spelt)}) FROM t ORDER BY i"
        found = [hit for (hit,) in connection.execute(query).fetchall()]
    assert found == [re.search(pattern, word) is not None for word in words], pattern


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "(?i)k", "(?i)ß"])
def test_classes_hold_for_every_character(pattern: str) -> None:
    everything = [chr(c) for c in range(1, sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]
    hits = f"SELECT i FROM t WHERE regexp_matches(chr(i::INTEGER), {sql.text(re2(pattern))})"
    with duckdb.connect() as connection:
        last = sys.maxunicode
        connection.execute(
            f"CREATE TABLE t AS SELECT i FROM range(1, {last + 1}) AS t(i) "
            "WHERE i NOT BETWEEN 55296 AND 57343"
        )
        found = {chr(code) for (code,) in connection.execute(hits).fetchall()}
    compiled = re.compile(pattern)
    assert found == {character for character in everything if compiled.search(character)}


@pytest.mark.parametrize(
    "pattern", ["a(?=b)", "(?<!a)b", r"(a)\1", r"\bab", "(?x) a", "[^\\w\\S]", "a{1001}", "(?i:a)b"]
)
def test_what_re2_cannot_say_is_left_to_python(pattern: str) -> None:
    with pytest.raises(Uncompilable):
        re2(pattern)
