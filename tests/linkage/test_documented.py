"""The example of docs/linkage.md gives what the page says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, lay_out, read


def hub(folder: Path, *words: str) -> Any:
    places = ["--home", str(folder / "trial"), "--catalog", str(folder / "my-catalog")]
    done = subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main()", "--json", *places, *words],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("HUB_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_two_registers_without_a_common_number_become_seven_persons(tmp_path: Path) -> None:
    lay_out(read("docs/linkage.md"), tmp_path / "my-catalog", tmp_path / "trial")
    run = hub(tmp_path, "run", "--all")
    assert [batch["accepted"] for batch in run["batches"]] == [5, 6]
    assert {release["dataset"]: release["rows"] for release in run["releases"]} == {"persons": 7}
