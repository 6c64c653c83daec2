"""Lint: each rule fails where it should, names the place, and the sound catalog breaks none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.vocabulary import vocabulary
from schemas.catalog import load_catalog, read_catalog
from schemas.lint import lint
from schemas.messages import MESSAGES
from schemas.problems import CatalogInvalid, Problem
from schemas.rules import Vocabulary
from tests.schemas.small_city import documents, write
from tests.schemas.spoilt import MARRIAGES, RESIDENTS, SEX, SPOILT, custom, directory, field, give
from tests.schemas.spoilt_questions import CHECK, POLICY, SPOILT_QUESTIONS, questions
from tests.schemas.spoilt_sharing import SPOILT_SHARING, sharing

EXAMPLES = SPOILT | SPOILT_QUESTIONS | SPOILT_SHARING


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return vocabulary()


def found_in(root: Path, words: Vocabulary) -> tuple[Problem, ...]:
    try:
        return lint(root, root / "home", {}, words)
    except CatalogInvalid as invalid:
        return invalid.problems


def test_the_sound_catalog_has_no_finding(tmp_path: Path, words: Vocabulary) -> None:
    assert found_in(write(documents(), tmp_path), words) == ()


def test_sound_questions_have_no_finding_and_are_read(tmp_path: Path, words: Vocabulary) -> None:
    root = write(questions(documents()), tmp_path)
    assert found_in(root, words) == ()
    catalog = load_catalog(root, environ={})
    assert [*catalog.crosschecks, *catalog.policies] == [Path(CHECK).stem, Path(POLICY).stem]


def test_sound_sharing_has_no_finding_and_is_read(tmp_path: Path, words: Vocabulary) -> None:
    root = write(sharing(documents()), tmp_path)
    assert found_in(root, words) == ()
    catalog = load_catalog(root, environ={})
    assert catalog.sharing is not None
    assert catalog.sharing.supervisor == "civil"
    assert [rules.key for rules in catalog.clocks["own"]] == ["own-2026-01-01"]


def test_questions_over_a_table_that_is_broken_are_left_alone(
    tmp_path: Path, words: Vocabulary
) -> None:
    files = questions(documents())
    files["departments/police.yaml"]["node"]["hostkey"] = "ssh-ed25519 AAAA"
    found = found_in(write(files, tmp_path), words)
    assert {problem.code for problem in found} == {"custom_unknown"}


def test_one_question_is_linted_by_its_file(tmp_path: Path, words: Vocabulary) -> None:
    files = questions(documents())
    files[CHECK]["key"] = ["nobody"]
    root = write(files, tmp_path)
    assert lint(root, None, {}, words, root / POLICY) == ()
    assert [p.code for p in lint(root, None, {}, words, root / CHECK)] == ["select_column"]


def test_every_rule_has_an_example() -> None:
    assert EXAMPLES.keys() == MESSAGES.keys()


ENTANGLED = {
    # the same words break another rule as well
    "field_duplicate",
    "field_name",
    "overlap_type",
    "quality_rule",
    "type_mismatch",
    "watermark_type",
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_fault_is_found_and_nothing_else(code: str, tmp_path: Path, words: Vocabulary) -> None:
    files = documents()
    EXAMPLES[code](files)
    problems = found_in(write(files, tmp_path), words)
    codes = {problem.code for problem in problems}
    assert code in codes
    if code not in ENTANGLED:
        assert codes == {code}, problems
    for problem in problems:
        assert problem.severity == MESSAGES[problem.code].severity
        assert problem.message_en and problem.message_zh
        assert "{" not in problem.message_en.replace("${NAME}", "")


ERRORS = ["odcs_value", "resource_code", "share_condition_void", "code_canonical", "node_missing"]


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_refuses_the_catalog(code: str, tmp_path: Path) -> None:
    files = documents()
    SPOILT[code](files)
    with pytest.raises(CatalogInvalid) as refused:
        load_catalog(write(files, tmp_path), environ={})
    assert [problem.code for problem in refused.value.problems] == [code]


WARNINGS = [
    "status_unknown",
    "deletes_unseen",
    "code_label",
    "watermark_nullable",
    "custom_foreign",
    # what a 目录 lacks keeps nobody from running the hub
    "title_missing",
    "title_duplicate",
    "summary_missing",
    "resource_code_missing",
    "share_condition_missing",
    "share_basis_missing",
    "open_condition_missing",
    "related_resource",
]


@pytest.mark.parametrize("code", WARNINGS)
def test_a_warning_does_not(code: str, tmp_path: Path) -> None:
    files = documents()
    SPOILT[code](files)
    root = write(files, tmp_path)
    assert load_catalog(root, environ={}).supplies
    assert [problem.code for problem in read_catalog(root, environ={}).problems] == [code]


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    files = documents()
    directory(files, resourceCode="nonsense")
    give(files, RESIDENTS, 2, codelist="sexes")
    field(files, MARRIAGES, 1)["logicalType"] = "varchar"
    with pytest.raises(CatalogInvalid) as refused:
        load_catalog(write(files, tmp_path), environ={})
    codes = {problem.code for problem in refused.value.problems}
    assert codes == {"resource_code", "codelist_unknown", "odcs_value"}


def test_one_broken_contract_is_not_blamed_on_those_that_refer_to_it(tmp_path: Path) -> None:
    files = documents()
    field(files, RESIDENTS, 1)["logicalType"] = "varchar"
    problems = read_catalog(write(files, tmp_path), environ={}).problems
    assert {problem.code for problem in problems} == {"odcs_value"}


LINES = [
    (
        "logicalType: varchar",
        RESIDENTS,
        lambda f: field(f, RESIDENTS, 1).update(logicalType="varchar"),
        "schema[0].properties[1].logicalType",
    ),
    (
        "requierd: true",
        RESIDENTS,
        lambda f: field(f, RESIDENTS, 3).update(requierd=True),
        "schema[0].properties[3].requierd",
    ),
    (
        "resourceCode: nonsense",
        RESIDENTS,
        lambda f: directory(f, resourceCode="nonsense"),
        "customProperties[1].value.resourceCode",
    ),
    (
        "watermark: updated",
        RESIDENTS,
        lambda f: custom(f, RESIDENTS, "pull").update(watermark="updated"),
        "customProperties[2].value.watermark",
    ),
    ("M,3,x,X,fixable,,", SEX, lambda f: f.update({SEX: f[SEX] + "M,3,x,X,fixable,,\n"}), "line 6"),
]


@pytest.mark.parametrize(("needle", "file", "spoil", "place"), LINES)
def test_finding_names_file_line_and_place(needle, file, spoil, place, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = documents()
    spoil(files)
    root = write(files, tmp_path)
    [problem] = read_catalog(root, environ={}).problems
    line = (root / file).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.strip() == needle
    assert problem.file == root / file
    assert problem.path == place
    assert f"{root / file}:{problem.line}: {place}: " in str(problem)


def test_a_misspelt_name_gets_the_right_one_proposed(tmp_path: Path) -> None:
    files = documents()
    field(files, RESIDENTS, 1)["requierd"] = True
    [problem] = read_catalog(write(files, tmp_path), environ={}).problems
    assert "did you mean 'required'?" in problem.message_en
    assert "是否应为 'required'？" in problem.message_zh


def test_no_message_repeats_a_password(tmp_path: Path) -> None:
    files = documents()
    files["departments/police.yaml"]["node"].update(
        url="postgresql://hub:hunter2@front/db", password="hunter2"
    )
    problems = read_catalog(write(files, tmp_path), environ={}).problems
    assert [problem.code for problem in problems] == ["password_literal"] * 2
    assert "hunter2" not in "".join(p.message_en + p.message_zh for p in problems)


def test_a_draft_is_held_against_the_catalog_it_will_join(
    tmp_path: Path, words: Vocabulary
) -> None:
    files = documents()
    draft = files.pop(RESIDENTS)
    root = write(files | {"contracts/dataset/population.odcs.yaml": ""}, tmp_path / "catalog")
    give({RESIDENTS: draft}, RESIDENTS, 2, codelist="sexes")
    write({"police/residents.odcs.yaml": draft}, tmp_path / "drafts")
    path = tmp_path / "drafts" / "police" / "residents.odcs.yaml"
    problems = lint(root, None, {}, words, contract=path)
    assert [problem.code for problem in problems] == ["codelist_unknown"]
    assert problems[0].line > 0


def test_lint_of_one_contract_is_silent_about_others(tmp_path: Path, words: Vocabulary) -> None:
    files = documents()
    give(files, RESIDENTS, 2, codelist="sexes")
    root = write(files, tmp_path)
    assert [p.code for p in lint(root, None, {}, words, root / RESIDENTS)] == ["codelist_unknown"]
    assert lint(root, None, {}, words, root / MARRIAGES) == ()


def passing() -> Iterator[object]:
    """Near misses: what looks like a fault and is none."""
    yield pytest.param(
        lambda f: f.update(
            {
                SEX: f[SEX].replace(
                    "1,1,男,Male,canonical,,",
                    ("1,1,男,Male,canonical,,2020-01-01\n1,1,男性,Male,canonical,2020-01-01,"),
                )
            }
        ),
        id="a code may come back after its period has ended",
    )
    yield pytest.param(
        lambda f: directory(f, shareType="unconditional", shareCondition="无条件"),
        id="unconditional may say so",
    )
    yield pytest.param(
        lambda f: directory(f, shareType="denied", shareCondition="《某法》第一条"),
        id="denied with its legal basis",
    )
    yield pytest.param(
        lambda f: directory(f, resourceCode="30100107/12"), id="细目 and 顺序码 vary in length"
    )
    yield pytest.param(
        lambda f: give(f, RESIDENTS, 1, shareType="denied", shareCondition="《某法》第一条"),
        id="an item may be shared less than its table",
    )
    yield pytest.param(
        lambda f: field(f, RESIDENTS, 1).update(logicalTypeOptions={"maxLength": 64}),
        id="a length that just fits",
    )
    yield pytest.param(
        lambda f: give(f, RESIDENTS, 3, formats=["%d.%m.%Y", "%Y年%m月%d日"]),
        id="formats of other countries and scripts",
    )
    yield pytest.param(
        lambda f: f["departments/police.yaml"]["node"].update(password="${NOT_SET:-}"),
        id="a password from the environment, unset for now",
    )
    yield pytest.param(
        lambda f: f["departments/police.yaml"]["node"].update(url="dm+dmPython://front:5236"),
        id="a server that SQLAlchemy knows by a further package",
    )
    yield pytest.param(
        lambda f: f[RESIDENTS]["slaProperties"].append(
            {"property": "frequency", "value": 24, "unit": "h"}
        ),
        id="a frequency as fast as the update cycle",
    )


@pytest.mark.parametrize("change", list(passing()))
def test_near_miss_is_no_finding(change, tmp_path: Path, words: Vocabulary) -> None:  # type: ignore[no-untyped-def]
    files = documents()
    change(files)
    assert found_in(write(files, tmp_path), words) == ()
