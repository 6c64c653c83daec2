"""Public keys, JSON of one meaning, and signed documents."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from hub.proof.verifier.ed25519 import ed25519_verify
from hub.proof.verifier.faults import Fault, fault
from hub.proof.verifier.sm2 import sm2_verify

HEADS = {
    "ed25519": (bytes.fromhex("302a300506032b6570032100"), 32, ed25519_verify),
    "sm2": (
        bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
        64,
        sm2_verify,
    ),
}


class Key(NamedTuple):
    """A public key; signatures on events after `until` do not count."""

    id: str
    algorithm: str
    raw: bytes
    until: int | None = None


def read_key(pem: str) -> Key:
    """A SubjectPublicKeyInfo in PEM; raises ValueError."""
    body = "".join(line for line in pem.split("\n") if line and "-----" not in line)
    der = base64.b64decode(body.strip())
    for algorithm, (head, size, _) in HEADS.items():
        if der.startswith(head) and len(der) == len(head) + size:
            return Key(hashlib.sha256(der).hexdigest()[:32], algorithm, der[len(head) :])
    raise ValueError("neither an Ed25519 nor an SM2 public key")


def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def fraction(text: str) -> Any:
    raise ValueError("a fraction")


def loads(text: str) -> Any:
    """JSON of one meaning: no name twice, whole numbers."""
    try:
        return json.loads(
            text, object_pairs_hook=whole, parse_float=fraction, parse_constant=fraction
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def unsigned(envelope: Any, keys: dict[str, Key]) -> tuple[str, str] | None:
    """None when it is as signed, else what is wrong, in two languages."""
    try:
        document, signature = envelope["document"], envelope["signature"]
        value = base64.b64decode(signature["value"], validate=True)
        name, key_id = signature["algorithm"], signature["key_id"]
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        message, place = text.encode(), place_of(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        return "不是签名文件", "is no signed document"
    key = keys.get(key_id) if isinstance(key_id, str) else None
    if key is None:
        return "签名密钥未知", "is signed with a key that is not known"
    if key.until is not None and (place is None or place > key.until):
        return "签名密钥当时已停用", "is signed with a key that was no longer in use"
    once = base64.b64encode(value).decode("ascii") == signature["value"]  # one spelling alone
    if (
        name != key.algorithm
        or not once
        or len(value) != 64
        or not HEADS[name][2](key.raw, message, value)
    ):
        return "签名与内容不符", "was changed, or is not signed by this key"
    return None


def place_of(document: Any) -> int | None:
    """The number of the event that a document stands on."""
    place = document["event"]["seq"] if document["kind"] == "receipt" else document.get("seq")
    return int(place) if place is not None else None


def trusted(given: Iterable[Key], vouches: Iterable[Any]) -> tuple[dict[str, Key], list[Fault]]:
    """The keys given, and those that they vouch for: a key for its one successor and, up to the
    event at which it took over, for those before it. Keys that are out of use vouch for nobody."""
    keys = {key.id: key for key in given}
    named = [(v["signature"]["key_id"], v) for v in vouches if vouch_of(v)]
    faults: list[Fault] = []

    def told_by(key: Key, over: bool) -> dict[str, Key]:
        mine = [v for by, v in named if by == key.id and not unsigned(v, {key.id: key})]
        found = [(read_key(v["document"]["public_key"]), v["document"]["until"]) for v in mine]
        return {k.id: k._replace(until=n) for k, n in found if (n is not None) == over}

    waiting = list(keys.values())
    for key in waiting:
        keys.update(told_by(key, over=True))
    while waiting:
        key = keys[waiting.pop().id]
        after = told_by(key, over=False) if key.until is None else {}
        if len(after) > 1:
            faults.append(
                fault("key", 0, f"{key.id} 有多个继任者", f"{key.id} has many successors")
            )
            continue
        for new in (new for new in after.values() if new.id not in keys):
            keys[new.id] = new
            keys.update(told_by(new, over=True))
            waiting.append(new)
    return keys, faults


def vouch_of(envelope: Any) -> bool:
    """Whether it has the shape of one key's word for another."""
    try:
        document = envelope["document"]
        until = document["until"]
        return (
            document["kind"] == "key"
            and (until is None or type(until) is int)
            and read_key(document["public_key"]).id == document["key_id"]
            and isinstance(envelope["signature"]["key_id"], str)
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
