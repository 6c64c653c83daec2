"""Record ids and pseudonyms: HMAC-SHA-256 (RFC 2104) under a key of the grant or its subscriber."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from duckdb import DuckDBPyConnection

ENTITY = "entity"
"""The domain of record ids, and of every field that refers to an entity."""

HEX = 32  # characters shown: 128 bits, so that no two of a billion values meet
PART = "\x1f"
_BLOCK = 64  # bytes of a block of SHA-256
_INNER, _OUTER = "hub_scope_inner", "hub_scope_outer"


def scope_key(
    secret: str, scope: Literal["grant", "subscriber"], grant_id: str, subscriber: str
) -> bytes:
    """The key under which ids and pseudonyms are made; `secret` is the installation's digest key.

    Equal for all grants of a subscriber whose terms say so, else the grant's own.
    """
    name = f"scope:{grant_id}" if scope == "grant" else f"subscriber:{subscriber}"
    return hmac.digest(secret.encode(), name.encode(), "sha256")


def pseudonym(key: bytes, domain: str, value: str) -> str:
    """32 hex digits for one value of one domain; equal to what `pseudonym_sql` gives."""
    return hmac.digest(key, f"{domain}{PART}{value}".encode(), "sha256").hex()[:HEX]


def record_id(key: bytes, entity_id: str) -> str:
    """How a subscriber knows the row of an entity."""
    return pseudonym(key, ENTITY, entity_id)


def bring_scope(connection: DuckDBPyConnection, key: bytes) -> None:
    """Give a connection the key of a scope; it stands in no statement and in no message."""
    padded = key.ljust(_BLOCK, b"\0") if len(key) <= _BLOCK else hashlib.sha256(key).digest()
    for name, pad in ((_INNER, 0x36), (_OUTER, 0x5C)):
        block = bytes(byte ^ pad for byte in padded.ljust(_BLOCK, b"\0"))
        connection.execute(f"SET VARIABLE {name} = ?", [block])


def record_id_sql(entity_id: str) -> str:
    """SQL of the record id of a column of entity ids."""
    return pseudonym_sql(f"'{ENTITY}'", entity_id)


def pseudonym_sql(domain: str, text: str) -> str:
    """SQL of a pseudonym; `domain` is a literal, `text` a text expression. Null stays null."""
    message = f"encode({domain} || chr(31) || {text})"
    inner = f"unhex(sha256(getvariable('{_INNER}') || {message}))"
    return f"left(sha256(getvariable('{_OUTER}') || {inner}), {HEX})"
