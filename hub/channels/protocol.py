"""What every channel offers, whatever stands at its other end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from schemas.sharing import DatabaseInbox, FileInbox

CHANGE = "_change_type"
RECORD = "record_id"


def always() -> None:
    """Nobody objects."""


@dataclass(frozen=True)
class Packed:
    """One masked file, ready to be handed over; `name` is what the subscriber sees."""

    path: Path
    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Content:
    """All rows of a version, or what changed since the one before; files sorted by record."""

    kind: str  # rows or changes
    version: int
    files: tuple[Packed, ...]


@dataclass(frozen=True)
class Parcel:
    """One delivery: all rows, or the changes of every version after `base`, oldest first.

    `schema` is that of the rows (`record_id` first, then the granted fields, masked); the files of
    changes have `_change_type` besides.
    """

    delivery: str
    grant: str
    subscriber: str
    dataset: str
    version: int
    base: int | None  # the version that these changes follow; None: all rows
    follows: str | None  # the delivery of that version
    schema: pa.Schema
    contents: tuple[Content, ...]
    anew: bool = False  # even where it was received: the inbox is to be put right
    permitted: Callable[[], object] = always  # asked last of all; raises when the grant has ended


@dataclass(frozen=True)
class Notice:
    """One recall notice: what is said of it, and a file of record ids and fields; no values.

    The file has the columns of table `hub_recall`, by whose key (recall, record, field) it is known
    there.
    """

    id: str
    document: Mapping[str, Any]
    file: Packed


@dataclass(frozen=True)
class Proof:
    """One signed receipt, as the subscriber keeps it."""

    id: str
    version: int
    envelope: Mapping[str, Any]


@dataclass(frozen=True)
class Handed:
    """What became of a parcel. `already`: it had been received, nothing was done again."""

    where: str  # folder or table at the subscriber's
    already: bool = False


class Channel(Protocol):
    """One open inbox of one subscriber."""

    def held(self, grant: str, dataset: str) -> str | None:
        """The id of the delivery that the inbox holds completely; None: none."""
        ...

    def hand_over(self, parcel: Parcel) -> Handed:
        """Deliver all of it or nothing; delivered again, it is received once.

        Raises `Outdated` when changes do not follow what the inbox holds, `DeliveryError` else.
        """
        ...

    def tell(self, grant: str, dataset: str, notices: Sequence[Notice]) -> None:
        """Hand over recall notices; those that are there stay as they are."""
        ...

    def prove(self, grant: str, dataset: str, proofs: Sequence[Proof]) -> None:
        """Hand over receipts; those that are there stay as they are."""
        ...


class Outdated(Exception):
    """The inbox does not hold what the changes follow: the room sends all rows instead."""


Inbox = FileInbox | DatabaseInbox
Opener = Callable[[Any, str], AbstractContextManager[Channel]]
"""(file or database inbox, department name) -> an open channel."""
