"""The encoding of a delivered text file, decided over the whole file, strictly and in order."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from connectors.protocol import SourceRefused

BLOCK = 1 << 20  # bytes
ESCAPED = re.compile("[\ud800-\udfff]")
"""Bytes that the encoding does not know, as `surrogateescape` shows them."""


@dataclass(frozen=True)
class Encoding:
    """`exact`: every byte of the file decodes; otherwise some lines hold escaped bytes."""

    name: str
    exact: bool


def choose_encoding(path: Path, encodings: tuple[str, ...]) -> Encoding:
    """The first encoding in which every byte decodes, else the one with the fewest bad lines."""
    for name in encodings:
        if _decodes(path, name):
            return Encoding(name, True)
    return Encoding(min(encodings, key=lambda name: _bad_lines(path, name)), False)


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file as text with its own line ends, without a byte order mark."""
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as text:
        if text.read(1) != "\ufeff":
            text.seek(0)
        yield text


def shown(text: str) -> str:
    """The text with undecodable bytes as `\\xff`, fit to be stored."""
    if not ESCAPED.search(text):
        return text
    return ESCAPED.sub(_backslashed, text)


def _backslashed(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _decodes(path: Path, name: str) -> bool:
    decoder = _decoder(name)
    with path.open("rb") as data:
        try:
            while block := data.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _bad_lines(path: Path, name: str) -> int:
    try:
        with path.open(encoding=name, errors="surrogateescape", newline="") as lines:
            return sum(1 for line in lines if ESCAPED.search(line))
    except UnicodeError:
        return 1 << 62  # a byte order mark that is not there: no line can be read


def _decoder(name: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(name)("strict")
    except LookupError:
        raise SourceRefused(f"the contract names an encoding that is not known: {name}") from None
