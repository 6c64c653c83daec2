"""However many rows there are, a push holds some thousands of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hub.settings import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.server]

PROGRAM = """
import resource, sys
from pathlib import Path
from hub.channels import open_channel
from hub.channels.protocol import Content
from schemas.sharing import Way
from tests.deliver import parcels
from tests.deliver.test_tables import department
folder, url, copies = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
made = list(parcels.rows(1, 6_000).values())
def spread(copy):
    return [{**row, "record_id": f"{copy:03d}{row['record_id'][3:]}"} for row in made]
files = tuple(parcels.packed(folder, f"rows-{n}.parquet", spread(n), "rows") for n in range(copies))
parcel = parcels._parcel(copies, None, (Content("rows", copies, files),), False)
with open_channel(department(url), Way.DATABASE) as channel:
    channel.hand_over(parcel)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("database", ["postgres_database", "mariadb_database"])
def test_six_times_the_rows_take_no_more_memory(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    peaks = []
    url = request.getfixturevalue(database)
    for copies in (1, 6):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path), url, str(copies)],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))
    print(f"peak MB: {peaks}")
    assert peaks[1] < peaks[0] + 40
