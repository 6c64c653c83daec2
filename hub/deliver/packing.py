"""Shares and recalls as a channel hands them over: files with names made of versions alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hub.channels.protocol import Content, Notice, Packed, Proof
from hub.deliver.receiving import File
from hub.ledger.receipts import receipts_of
from hub.opened import Hub
from hub.records import Grant, Recall, Share, SharedFile
from hub.shares import write_form
from schemas.sharing import Way


@contextmanager
def packing(
    hub: Hub, grant: Grant, way: Way, shares: Sequence[Share]
) -> Iterator[tuple[Content, ...]]:
    """What is to be sent, in the form that the inbox asks for; temporary files end with it."""
    department = hub.catalog.departments[grant.subscriber]
    files = department.inbox.file if department.inbox and way is Way.FILE else None
    if files is None or files.form == "parquet":
        yield tuple(_as_it_is(hub, share) for share in shares)
        return
    with hub.store.scratch() as folder:
        yield tuple(_turned(hub, share, folder, files.form) for share in shares)


def notice_of(hub: Hub, recall: Recall) -> Notice:
    """A recall with its file of record ids and fields."""
    path = hub.store.path(recall.uri)
    file = Packed(
        path, f"{recall.id}.parquet", hub.store.sha256(recall.uri), path.stat().st_size,
        sum(recall.fields.values()),
    )  # fmt: skip
    document = {
        "recall": recall.id,
        "grant": recall.grant_id,
        "dataset": recall.dataset,
        "first_version": recall.first_version,
        "mended_in": recall.mended_in,
        "cause": recall.cause,
        "fields": recall.fields,
        "records": recall.records,
        "made_at": recall.made_at.isoformat(timespec="microseconds"),
        "file": {"name": file.name, "sha256": file.sha256, "bytes": file.bytes},
    }
    return Notice(recall.id, document, file)


def proofs_of(hub: Hub, grant: Grant, way: Way) -> list[Proof]:
    """The receipts of what was pushed one way: one that a kill held back comes with the next."""
    found = []
    for receipt in receipts_of(hub.ledger, grant.id):
        told = receipt.document["document"]
        if told["way"] == way.value:
            found.append(Proof(receipt.id, told["version"], receipt.document))
    return found


def files_of(contents: Sequence[Content]) -> list[File]:
    """What a receipt says of the files that were handed over."""
    return [
        {
            "name": packed.name,
            "sha256": packed.sha256,
            "bytes": packed.bytes,
            "rows": packed.rows,
        }
        for content in contents
        for packed in content.files
    ]


def _as_it_is(hub: Hub, share: Share) -> Content:
    files = tuple(
        _packed(hub, share, place, file) for place, file in enumerate(share.files, start=1)
    )
    return Content(share.kind, share.version, files)


def _packed(hub: Hub, share: Share, place: int, file: SharedFile) -> Packed:
    name = f"{_stem(share)}-{place:04d}.parquet"
    return Packed(hub.store.path(file.uri), name, file.sha256, file.bytes, file.rows)


def _turned(hub: Hub, share: Share, folder: Path, form: str) -> Content:
    path = folder / f"{_stem(share)}.{form}"
    write_form(hub, share, path)
    with path.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256").hexdigest()
    packed = Packed(path, path.name, digest, path.stat().st_size, share.rows)
    return Content(share.kind, share.version, (packed,))


def _stem(share: Share) -> str:
    return "rows" if share.kind == "rows" else f"changes-{share.version:06d}"
