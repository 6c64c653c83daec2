"""Forks a process for each delivery, so that killing one costs no imports.

Reads `<folder> <grant> <way>` and answers the process's number; asked again, how it ended.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import duckdb  # noqa: F401
import paramiko  # noqa: F401
import psycopg  # noqa: F401
import pyarrow.csv
import pyarrow.parquet  # noqa: F401
import pymysql  # noqa: F401

from hub.deliver import deliver
from schemas.sharing import Inbox, Way
from tests.deliver.town import town

INBOX = "inbox.json"


def push(folder: Path, grant: str, way: Way) -> None:
    inbox = Inbox.model_validate_json((folder / INBOX).read_text())
    deliver(town(folder, inbox), grant, way)


def main() -> None:
    for line in sys.stdin:
        folder, grant, way = line.split()
        child = os.fork()
        if not child:
            try:
                push(Path(folder), grant, Way(way))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        sys.stdin.readline()  # until then the number belongs to nobody else
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
