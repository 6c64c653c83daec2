"""Files: their names, their languages, JSON that is the document, Excel that runs nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hub.errors import SettingsError
from hub.report.document import Document, Words
from hub.report.view import write
from hub.report.view.files import machine
from hub.report.view.names import file_stem
from hub.report.view.text import plain
from hub.report.view.words import Speaker
from hub.report.view.workbook import workbook
from quality.messages import mend
from tests.report.view_documents import EMPTY, KINDS, batch, department, release

DEVICES = {"con", "prn", "aux", "nul", "com1", "lpt1"}
EACH = pytest.mark.parametrize("document", [make() for make in KINDS.values()], ids=list(KINDS))


def test_a_document_becomes_five_files_named_after_it(tmp_path: Path) -> None:
    written = write(department(), tmp_path / "new" / "folder")
    assert sorted(path.name for path in written) == [
        "department_police_2026-11-en.html",
        "department_police_2026-11-en.xlsx",
        "department_police_2026-11-zh.html",
        "department_police_2026-11-zh.xlsx",
        "department_police_2026-11.json",
    ]
    assert sorted(tmp_path.rglob("*.*")) == sorted(written)
    assert all(path.stat().st_size > 1000 for path in written)


def test_only_what_is_asked_for_is_written_and_again_over_it(tmp_path: Path) -> None:
    for _ in range(2):
        assert [p.name for p in write(batch(), tmp_path, ["html"], ["en"])] == [
            "batch_police.residents-20261120T180000Z-3f2a91c07d-en.html"
        ]
    assert len(list(tmp_path.iterdir())) == 1
    assert 'lang="en"' in next(tmp_path.iterdir()).read_text("utf-8")


@pytest.mark.parametrize(("formats", "languages"), [(["pdf"], ["zh"]), (["html"], ["fr"])])
def test_an_unknown_format_or_language_is_refused_before_anything_is_written(
    tmp_path: Path, formats: list[str], languages: list[str]
) -> None:
    with pytest.raises(SettingsError, match=r"pdf|fr"):
        write(batch(), tmp_path / "out", formats, languages)
    assert not (tmp_path / "out").exists()


@settings(deadline=None)
@given(ids=st.sets(st.text(st.characters(), max_size=300), min_size=2, max_size=2))
def test_names_are_safe_everywhere_and_two_ids_never_share_one(ids: set[str]) -> None:
    stems = [file_stem(one) for one in ids]
    assert len({stem.lower() for stem in stems}) == len(stems)
    for stem in stems:
        assert stem.isascii() and len(stem) < 150
        assert not set(stem) & set('<>:"/\\|?* ')
        assert stem.split(".")[0] not in DEVICES and stem[-1] not in ". "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hub:2026-11", "hub:2026_11"),
        ("batch:AB", "batch:ab"),
        ("batch:a.b-0123456789", "batch:a.b-0123456789:"),
        ("release:a/b:1", "release:a.b:1"),
        ("release:a:3", "release:a_3"),
        ("department:a:b", "department:a_b"),
    ],
)
def test_ids_that_look_alike_have_names_that_differ(one: str, other: str) -> None:
    assert file_stem(one).lower() != file_stem(other).lower()


@EACH
def test_json_is_the_document_itself(document: Document) -> None:
    read = json.loads(machine(document))
    assert read == json.loads(json.dumps(asdict(document)))
    assert read["format"] == 1 and read["title"]["zh"] == document.title.zh


def test_json_holds_any_text() -> None:
    text = "\ud800<script>\u202e\x00文"
    wild = replace(EMPTY, title=Words(text, text))
    assert json.loads(machine(wild))["title"]["zh"] == text


@EACH
def test_a_workbook_has_a_sheet_for_whatever_has_lines(document: Document) -> None:
    say = Speaker("zh")
    book = load_workbook(BytesIO(workbook(document, "zh")))
    wanted = [say("overview"), say("scorecard")]
    for key, content in (
        ("rules", document.rules),
        ("fields_sheet", document.heatmap),
        ("parts", document.parts),
        ("discrepancies", document.discrepancies),
        ("samples_sheet", document.samples),
        ("trend", document.trend),
    ):
        wanted += [say(key)] * bool(content)
    assert book.sheetnames == wanted
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"
        assert len(sheet["A1"].value) > 0
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
        assert min(widths) >= 10


def test_rules_can_be_filtered_and_their_counts_are_numbers() -> None:
    document = batch()
    sheet = load_workbook(BytesIO(workbook(document, "en")))["Rules"]
    assert sheet.auto_filter.ref == f"A1:N{len(document.rules) + 1}"
    for rule, line in zip(
        document.rules, sheet.iter_rows(min_row=2, values_only=True), strict=True
    ):
        assert line[5:7] == (rule.evaluated, rule.failed)
        assert line[2] == rule.says.en and line[13] == rule.rule_id
        assert line[11] == (mend(rule.code, "en") if rule.failed else None)
        if rule.evaluated:
            assert line[7] == pytest.approx(100 * rule.failed / rule.evaluated, abs=0.0001)


def test_scores_are_numbers_and_what_has_none_says_so() -> None:
    card = batch().scorecard
    lines = list(load_workbook(BytesIO(workbook(batch(), "zh")))["质量评分"].values)
    printed = {str(line[1])[:4]: line[6] for line in lines if line[1]}
    for dimension in card.dimensions:
        for figure in dimension.figures:
            expected = "未评估" if figure.score is None else float(figure.score)
            assert printed[figure.indicator] == expected
    assert lines[-1][6] == float(card.score or 0)


@settings(max_examples=15, deadline=None)
@given(
    text=st.one_of(
        st.sampled_from(['=HYPERLINK("http://x")', "+1", "-1+cmd|'/c calc'!A0", "@SUM(1)", "\t=1"]),
        st.text(st.characters(), min_size=1, max_size=40),
    )
)
def test_no_text_of_a_document_becomes_a_formula(text: str) -> None:
    line = replace(release().discrepancies[0], says=Words(text, text), supply=text, kind=text)
    book = load_workbook(BytesIO(workbook(replace(EMPTY, discrepancies=(line,)), "en")))
    sheet = book["Discrepancies"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "s", "s", "s", "s", "n"]
    stored = sheet["B2"].value
    assert stored.replace("\r\n", "\n") == plain(text).replace("\r\n", "\n")
    assert sheet["B2"].quotePrefix == text.startswith(("=", "+", "-", "@"))
