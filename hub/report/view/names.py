"""Names of report files that every file system takes."""

from __future__ import annotations

import hashlib
import re

MOST = 100  # characters; with language and extension far below the usual 255 bytes
# The ids that the hub gives: no two share a name, because what follows a name in them has no `_`.
_USUAL = re.compile(
    r"hub:[0-9-]+|(department|release):[a-z][a-z0-9_]*:[0-9][0-9-]*"
    r"|crosschecks:([a-z][a-z0-9_]*:)?[0-9][0-9-]*"
    r"|batch:[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*-([0-9]{8}T[0-9]{6}Z-)?[0-9a-f]{10}"
)
_UNSAFE = re.compile(r"[^a-z0-9-]+")


def file_stem(document_id: str) -> str:
    """`department:police:2026-11` becomes `department_police_2026-11`.

    Any id that is not of the usual form ends in eight digits of its SHA-256, so that two ids never
    share a name, on file systems without capitals either.
    """
    if _USUAL.fullmatch(document_id) and len(document_id) <= MOST:
        return document_id.replace(":", "_")
    digest = hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"report-{_UNSAFE.sub('-', document_id)[:MOST].strip('-')}-{digest}"
