"""The encoding of a delivered text file, decided over the whole file, strictly and in order."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from connectors.protocol import SourceRefused

BLOCK = 1 << 20  # bytes
ESCAPED = re.compile("[\ud800-\udfff]")
"""Bytes that the encoding does not know, as `surrogateescape` shows them."""


@dataclass(frozen=True)
class Encoding:
    """`exact`: every byte of the file decodes; otherwise some lines hold escaped bytes.

    `bare_returns`: it holds carriage returns without a line feed.
    """

    name: str
    exact: bool
    bare_returns: bool = False


def choose_encoding(path: Path, encodings: tuple[str, ...]) -> Encoding:
    """The first encoding in which every byte decodes, else the one with the fewest bad lines."""
    for name in encodings:
        with suppress(UnicodeError):
            return Encoding(name, True, _bare_returns(path, name))
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


def _bare_returns(path: Path, name: str) -> bool:
    """Decode the whole file strictly; raises UnicodeError where it cannot be."""
    decoder, bare, last = _decoder(name), 0, ""
    with path.open("rb") as data:
        while block := data.read(BLOCK):
            text = last + decoder.decode(block)
            last = "\r" if text.endswith("\r") else ""
            text = text.removesuffix(last)
            bare += text.count("\r") - text.count("\r\n")
        last += decoder.decode(b"", final=True)
    return bool(bare or last.startswith("\r"))


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
