"""One version as one file: Parquet, CSV or Excel, made from the masked files at rest and kept."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from hub import shares
from hub.errors import DoesNotFit
from hub.opened import Hub
from hub.records import Share
from portal.answers import BadRequest, Missing

TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_NAME = re.compile(r"(rows|changes)\.(parquet|csv|xlsx)", re.ASCII)


def form_of(name: str) -> tuple[str, str]:
    """Kind and form that a file's name asks for; raises `Missing`."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise Missing
    return found[1], found[2]


def tag_of(share: Share, form: str) -> str:
    """A digest of what a share is in one form, known before it is made."""
    parts = [form, *(file.sha256 for file in share.files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def place_of(share: Share, form: str) -> str:
    """The URI of the whole share in one form, beside its files at rest, whether made or not."""
    if form == "parquet" and len(share.files) == 1:
        return share.files[0].uri
    folder = PurePosixPath(share.files[0].uri).parent
    return f"{folder}/{share.kind}-{tag_of(share, form)[:16]}.{form}"


def turn(hub: Hub, share: Share, uri: str) -> None:
    """Make the whole share in the form of its URI, unless somebody has.

    Raises `BadRequest` for what an Excel sheet cannot hold.
    """
    with shares.alone(hub, share.grant_id):  # else it could outlive the files at rest
        if not hub.store.path(uri).is_file():
            _make(hub, share, uri)


def _make(hub: Hub, share: Share, uri: str) -> None:
    try:
        with hub.store.writing(uri) as temporary:
            shares.write_form(hub, share, temporary)
    except DoesNotFit as error:
        raise BadRequest(*error.told) from None
    except FileNotFoundError:
        raise Missing from None  # pruned between the question and the answer
