"""A document and its signature; what is signed is the canonical JSON of the document."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from hub.canonical import canonical
from hub.signing.algorithms import ALGORITHMS, algorithm
from hub.signing.keys import PublicKey, Signer

Envelope = dict[str, Any]
"""{document: {kind, …}, signature: {algorithm, key_id, value}}; `value` is base64."""


def sign(by: Signer, document: Mapping[str, Any]) -> Envelope:
    """Sign a document; its `kind` (receipt, checkpoint, key …) must be set.

    So nobody can hand one kind of document for another. Numbers are whole.
    """
    if not document.get("kind"):
        raise ValueError("a signed document names its kind")
    value = algorithm(by.algorithm).sign(by.private, canonical(document).encode())
    return {
        "document": dict(document),
        "signature": {
            "algorithm": by.algorithm,
            "key_id": by.key_id,
            "value": base64.b64encode(value).decode(),
        },
    }


def verify(envelope: Envelope, keys: Mapping[str, PublicKey]) -> str | None:
    """None when the envelope is as signed by one of the keys (by key id), else what is wrong."""
    try:
        document, signature = envelope["document"], envelope["signature"]
        name, key_id = signature["algorithm"], signature["key_id"]
        value = base64.b64decode(signature["value"], validate=True)
        message = canonical(document).encode()
    except (KeyError, TypeError, ValueError, AttributeError):
        return "is no signed document"
    key = keys.get(key_id) if isinstance(key_id, str) else None
    if key is None:
        return "is signed with a key that is not known"
    if name != key.algorithm or name not in ALGORITHMS:
        return "names another algorithm than its key's"
    once = base64.b64encode(value).decode("ascii") == signature["value"]  # one spelling alone
    if not once or not ALGORITHMS[name].check(key.pem, message, value):
        return "was changed, or is not signed by this key"
    return None
