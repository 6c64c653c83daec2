"""Which opener reads which kind of address: one line for each scheme."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from connectors.delta_sharing import open_delta_sharing
from connectors.drop import open_drop
from connectors.mysql import open_mysql
from connectors.postgresql import open_postgresql
from connectors.protocol import Opener, Source
from connectors.sql import open_sql
from connectors.sqlite import open_sqlite
from schemas.properties import Node

OPENERS: dict[str, Opener] = {
    "delta-sharing": open_delta_sharing,
    "file": open_drop,
    "sftp": open_drop,
    "mariadb": open_mysql,
    "mysql": open_mysql,
    "postgresql": open_postgresql,
    "sqlite": open_sqlite,
}
"""Every other scheme is a SQLAlchemy dialect, read the portable way by `connectors.sql`."""


def open_source(node: Node, department: str, scratch: Path) -> AbstractContextManager[Source]:
    """Open the front end of `department`; `scratch` is a folder for what must be fetched first."""
    scheme = node.url.partition("://")[0].partition("+")[0].lower()
    return OPENERS.get(scheme, open_sql)(node, department, scratch)
