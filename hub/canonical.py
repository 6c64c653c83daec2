"""One spelling of a document, so that whoever reads it again hashes the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping


def canonical(value: Mapping[str, object]) -> str:
    """JSON with sorted keys and no white space; numbers are whole, so there is one spelling.

    Raises `TypeError` for a fraction.
    """
    _whole(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _whole(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a signed document holds no fractions")
    if isinstance(value, Mapping):
        for part in value.values():
            _whole(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _whole(part)
