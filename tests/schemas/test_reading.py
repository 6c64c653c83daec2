"""Strict YAML: values as JSON knows them, places with lines."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.cache import documents as cached
from schemas.catalog import load_catalog, read_catalog
from schemas.problems import Problem
from schemas.reading import parse_yaml, parts_of, show
from tests.schemas.small_city import documents, write
from tests.schemas.spoilt import RESIDENTS

# YAML folds these three into plain line breaks, whoever writes them.
LETTERS = st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029")
TEXT = st.text(LETTERS, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def parse(text: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    problems: list[Problem] = []
    return parse_yaml(text.encode(), Path("a.yaml"), problems), problems


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_yaml_writes_is_read_back_equal(value: dict[str, Any]) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = yaml.dump(value, Dumper=Plain, allow_unicode=True)
    assert parse(text)[0] == value


@given(
    st.lists(st.integers(0, 99) | st.from_regex(r"[A-Za-z_]\w{0,8}|[a-z]\.[a-z]", fullmatch=True))
)
def test_places_survive_being_shown(parts: list[str | int]) -> None:
    assert list(parts_of(show(parts))) == parts


def test_dates_stay_the_text_that_was_written() -> None:
    assert parse("on: 2026-01-05\nat: 2026-01-05 10:00:00")[0] == {
        "on": "2026-01-05",
        "at": "2026-01-05 10:00:00",
    }


def test_what_yaml_versions_read_differently_is_text_with_a_warning() -> None:
    value, problems = parse("a: no\nb: 010\nc: 12:30\nd: 1_000\ne: .inf")
    assert value == {"a": "no", "b": "010", "c": "12:30", "d": "1_000", "e": ".inf"}
    assert [(p.code, p.severity, p.line) for p in problems] == [
        ("yaml_ambiguous", "warning", line) for line in (1, 2, 3, 4, 5)
    ]


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    value, problems = parse(bomb)
    assert value is None
    assert {problem.code for problem in problems} == {"yaml_anchor"}


def test_deep_nesting_is_a_finding_and_not_a_crash() -> None:
    value, problems = parse("a: " + "[" * 5000)
    assert value is None
    assert [problem.code for problem in problems] == ["yaml_syntax"]


def test_the_cache_returns_what_was_read(tmp_path: Path) -> None:
    root, home = write(documents(), tmp_path / "catalog"), tmp_path / "home"
    home.mkdir()
    first = load_catalog(root, home, {})
    with cached(home) as cache:
        assert len(cache.known) == 6
    second = load_catalog(root, home, {})
    assert first.supplies == second.supplies
    assert first.datasets == second.datasets


def test_the_cache_never_hides_a_finding(tmp_path: Path) -> None:
    files = documents()
    root, home = write(files, tmp_path / "catalog"), tmp_path / "home"
    home.mkdir()
    load_catalog(root, home, {})
    files[RESIDENTS]["status"] = "living"
    files[RESIDENTS]["version"] = "1.0"
    write(files, root)
    for _ in range(2):
        codes = {problem.code for problem in read_catalog(root, home, {}).problems}
        assert codes == {"version_semver"}


def test_a_damaged_cache_costs_time_only(tmp_path: Path) -> None:
    root, home = write(documents(), tmp_path / "catalog"), tmp_path / "home"
    home.mkdir()
    load_catalog(root, home, {})
    (home / "cache" / "contracts.json").write_text("{")
    assert len(load_catalog(root, home, {}).supplies) == 4


def test_a_catalog_of_two_hundred_contracts_loads_from_the_cache_within_a_second(
    tmp_path: Path,
) -> None:
    files = documents()
    template = files.pop("contracts/supply/treasury/allocations.odcs.yaml")
    for number in range(200):
        copy = json.loads(json.dumps(template)) | {"id": f"x.{number}", "name": f"表{number}"}
        copy["customProperties"][1]["value"]["resourceCode"] = f"303001/1{number:05}"
        name = "allocations" if number == 0 else f"table_{number}"
        files[f"contracts/supply/treasury/{name}.odcs.yaml"] = copy
    root, home = write(files, tmp_path / "catalog"), tmp_path / "home"
    home.mkdir()
    load_catalog(root, home, {})
    begun = process_time()
    assert len(load_catalog(root, home, {}).supplies) == 203
    assert process_time() - begun < 1.0
