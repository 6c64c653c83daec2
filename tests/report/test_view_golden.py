"""What readers see of each kind, word for word: a change of it is a change on purpose.

`GOLDEN=write` writes the files anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest

from hub.report.view.page import html
from quality.messages import Language
from tests.report.view_documents import KINDS
from tests.report.view_reading import outline

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_reads_as_it_always_did(kind: str, language: Language) -> None:
    seen = outline(html(KINDS[kind](), language))
    golden = FOLDER / f"view-{kind}-{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(seen, "utf-8")
    assert seen == golden.read_text("utf-8")
