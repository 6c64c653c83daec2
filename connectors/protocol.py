"""What every connector offers, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from schemas.contract import Supply
from schemas.properties import Node


@dataclass(frozen=True)
class Window:
    """What one batch covers.

    `as_of` (UTC) is the logical time of the pull and, with `file`, the window's identity. `low`
    (exclusive) and `high` (inclusive) bound the watermark of an increment, in the text that the
    source shows; they are None for snapshots. `file` names one delivered file, and `content_at`
    (UTC) is when the department last wrote to it.
    """

    as_of: datetime
    low: str | None = None
    high: str | None = None
    file: str | None = None  # path below the node's folder
    file_digest: str | None = None  # sha256 hex of its bytes
    content_at: datetime | None = None


@dataclass(frozen=True)
class Totals:
    """What the source says that the window holds, taken in the snapshot that is read.

    `sums` are exact, per numeric field with a scale. `key_digest` is the sum over all rows of the
    first 15 hex digits of md5(key parts joined by U+001F) read as an integer, as decimal text.
    None where the source cannot compute it.
    """

    rows: int
    sums: dict[str, Decimal] = field(default_factory=dict)
    key_digest: str | None = None


@dataclass(frozen=True)
class LiveColumn:
    """One column as the front end shows it now."""

    name: str
    physical_type: str
    nullable: bool = True
    key: bool = False


@dataclass(frozen=True)
class Drift:
    """How the front end differs from the contract.

    `code` is one of `column_missing`, `column_unknown`, `column_alias`, `type_changed`, and
    `file_unreadable`: the delivered file is none of its format (then `column` is its name).
    """

    code: str
    column: str
    detail: str


@dataclass(frozen=True)
class Chunk:
    """A part of a pull that can be resumed after.

    `rows` has the landing schema (`schemas.arrow.landing_schema`): the contract's fields, typed,
    then `_faults`. `after` is the text of (watermark, key…) of the last row; None: not resumable.
    """

    rows: pa.RecordBatch
    after: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Extract:
    """An opened pull: bounds and totals are fixed, rows stream in order of (watermark, key)."""

    window: Window
    totals: Totals | None  # None: known only when the stream has ended (files)
    drift: tuple[Drift, ...]
    chunks: Iterator[Chunk]
    original: Path | None = None  # the delivered file, fetched, to be kept with the landing


class Source(Protocol):
    """One open front end. All methods read; none can write."""

    def columns(self, supply: Supply) -> list[LiveColumn]:
        """The live columns in their order; raises `SourceMissing` when there is no such table."""
        ...

    def windows(
        self, supply: Supply, since: str | None, as_of: datetime, seen: Collection[str]
    ) -> list[Window]:
        """What there is to pull, oldest first.

        `since` is the watermark committed last (None: everything). `seen` holds
        `<file>@<sha256>` of files that earlier batches have taken.
        """
        ...

    def read(
        self, supply: Supply, window: Window, after: tuple[str, ...] | None = None
    ) -> AbstractContextManager[Extract]:
        """Open one window in one snapshot; `after` resumes behind an earlier chunk."""
        ...

    def keys(self, supply: Supply) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """All keys of the table now, typed, in the key's order: what finds deletes."""
        ...


Opener = Callable[[Node, str, Path], AbstractContextManager[Source]]
"""(node, department name, scratch folder) -> an open source."""


class SourceError(Exception):
    """A front end could not be read. Raised by connectors; the engineer on duty must act."""

    transient = False
    zh = "前置库无法读取"


class SourceUnreachable(SourceError):
    """No connection, refused login, time-out: worth a retry."""

    transient = True
    zh = "前置库连接不上"


class SourceMissing(SourceError):
    """The table, folder or file that the contract names is not there."""

    zh = "契约所列的表或文件不存在"


class SourceUnreadable(SourceError):
    """A delivered file is none of its format. The department must deliver it again."""

    zh = "送达的文件无法读取"


class SourceRefused(SourceError):
    """The node's configuration forbids the pull: host key, allowed hours, missing password."""

    zh = "节点配置不允许拉取"
