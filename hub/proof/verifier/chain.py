"""The audit log as lines of JSON: a header, keys, checkpoints, receipts, then every event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from hub.proof.verifier.documents import Key, loads, place_of, trusted, unsigned
from hub.proof.verifier.faults import Fault, fault
from hub.proof.verifier.sm3 import sm3

GENESIS = "0" * 64


class Anchor(NamedTuple):
    """Something outside of the chain that knows the hash of one event."""

    seq: int
    hash: str
    zh: str
    en: str


class Event(NamedTuple):
    """One event as it stands in the log; `seq` is 0 when its text is none."""

    seq: int
    hash: str
    sound: bool  # the hash is that of the text
    previous: str
    receipt: str | None


class Found(NamedTuple):
    """What was found out about a log; the first fault names the first event touched."""

    events: int
    head: str
    checkpoints: int
    receipts: int
    faults: list[Fault]


def check_log(
    lines: Iterable[str],
    keys: Iterable[Key],
    known: Iterable[Anchor] = (),
    sealed: bool = True,
    vouches: Iterable[Any] = (),
) -> Found:
    """Check a log with the public keys that are trusted and what is known from elsewhere.

    `sealed`: it ends with a checkpoint, as every export does. `vouches`: what keys are known to say
    of each other, besides what the log holds.
    """
    rest = iter(lines)
    parts, first = prologue(rest)
    told, faults = trusted(keys, [*vouches, *parts["key"]])
    anchors = list(known)
    marks = of_kind("checkpoint", parts["checkpoint"], told, anchors, faults)
    faults += gaps(marks)
    receipts = of_kind("receipt", parts["receipt"], told, anchors, faults)
    anchors += header_anchor(parts["header"], faults)
    faults += [
        fault("file", 0, f"有 {n} 行无法识别", f"has {n} strange lines") for n in parts["bad"]
    ]
    events = (read_event(line) for line in ([first] if first else []))
    events = (event for group in (events, map(read_event, rest)) for event in group)
    ids = {i for envelope in parts["receipt"] if isinstance(i := id_of(envelope), str)}
    count, head = chain(events, anchors, ids, faults)
    covered = max((mark["seq"] for mark in marks), default=0)
    if sealed and count > covered and not faults:
        faults.append(fault("unsigned", covered + 1))
    return Found(count, head, len(marks), len(receipts), sorted(faults, key=lambda f: f.rank))


def prologue(lines: Iterator[str]) -> tuple[dict[str, list[Any]], str | None]:
    """Everything before the events, by kind, and the line of the first event."""
    parts: dict[str, list[Any]] = {"header": [], "key": [], "checkpoint": [], "receipt": []}
    strange = 0
    for line in lines:
        if line.startswith('{"event":'):
            return {**parts, "bad": [strange] if strange else []}, line
        try:
            ((kind, value),) = loads(line).items()
            parts[kind].append(value)
        except (ValueError, KeyError, AttributeError):
            strange += 1
    return {**parts, "bad": [strange] if strange else []}, None


def header_anchor(headers: list[Any], faults: list[Fault]) -> list[Anchor]:
    """What the file itself says of its last event."""
    try:
        head = headers[0]["head"]
        if headers[0]["format"] != 1:
            faults.append(fault("file", 0, "格式未知", "has a format that is not known here"))
        return [Anchor(int(head["seq"]), str(head["hash"]), "文件头", "the file's own header")]
    except (IndexError, KeyError, TypeError, ValueError):
        faults.append(fault("file", 0, "没有文件头", "has no header"))
        return []


def of_kind(
    kind: str,
    envelopes: list[Any],
    keys: dict[str, Key],
    anchors: list[Anchor],
    faults: list[Fault],
) -> list[dict[str, Any]]:
    """The documents that are as signed; each becomes an anchor, the others become faults."""
    sound = []
    for envelope in envelopes:
        wrong, place = signed_as(kind, envelope, keys)
        if wrong:
            faults.append(fault(kind, place, *wrong))
            continue
        document = envelope["document"]
        on = document["event"] if kind == "receipt" else document
        zh = "回执" if kind == "receipt" else "检查点"
        anchors.append(Anchor(place, str(on.get("hash")), zh, f"a {kind}"))
        sound.append(document)
    return sound


def signed_as(kind: str, envelope: Any, keys: dict[str, Key]) -> tuple[tuple[str, str] | None, int]:
    """What is wrong with a signed document of a kind, and the event that it stands on."""
    try:
        place = place_of(envelope["document"]) or 0
    except (KeyError, TypeError, ValueError, AttributeError):
        return ("不是签名文件", "is no signed document"), 0
    if envelope["document"]["kind"] != kind:
        return ("是另一种文件", "is another kind of document"), place
    return unsigned(envelope, keys), place


def id_of(envelope: Any) -> Any:
    """The id that a receipt says it has, sound or not."""
    try:
        return envelope["document"]["id"]
    except (KeyError, TypeError):
        return None


def gaps(marks: list[dict[str, Any]]) -> list[Fault]:
    """Checkpoints that later ones name and that are not there."""
    there = {mark["seq"] for mark in marks}
    named = {int(mark["previous"]) for mark in marks if mark.get("previous") is not None}
    return [fault("checkpoint", seq, "缺失", "is missing") for seq in sorted(named - there)]


def read_event(line: str) -> Event:
    """One line of the log."""
    try:
        told = loads(line)["event"]
        text, hash_ = told["body"], told["hash"]
        body = loads(text)
        digest = sm3 if body["digest"] == "sm3" else lambda data: hashlib.sha256(data).digest()
        known = body["digest"] in ("sm3", "sha256") and type(body["seq"]) is int
        sound = known and digest(text.encode()).hex() == hash_
        receipt = body["detail"].get("receipt")
        receipt = receipt if isinstance(receipt, str) else None
        return Event(body["seq"] if known else 0, hash_, sound, body["previous"], receipt)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Event(0, "", False, "", None)


def chain(
    events: Iterator[Event], anchors: list[Anchor], receipts: set[str], faults: list[Fault]
) -> tuple[int, str]:
    """Walk the events to the first that is not as it was; returns how many were sound, the head."""
    at: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        at.setdefault(anchor.seq, []).append(anchor)
    place, good, before, previous = 0, 0, "", GENESIS
    for event in events:
        place += 1
        wrong = misplaced(event, place, events)
        if wrong is None and event.previous != previous:
            wrong = broken(event, place, good, (before, previous), events)
        if wrong is None:
            wrong = contradicted(event, place, good, at.get(place, []), events)
        if wrong:
            faults.append(wrong)
            return place - 1, previous
        good = place if place in at else good
        before, previous = previous, event.hash
        if event.receipt is not None and event.receipt not in receipts:
            faults.append(fault("receipt", place, "缺失", "is missing"))
    beyond = sorted(anchor for anchor in anchors if anchor.seq > place)
    if beyond:
        last = beyond[-1]
        faults.append(fault("cut", last.seq, last.zh, last.en, place)._replace(seq=place + 1))
    return place, previous


def misplaced(event: Event, place: int, rest: Iterator[Event]) -> Fault | None:
    """What is wrong with an event by itself; what follows is read to tell why."""
    if event.seq == place and event.sound:
        return None
    later = [after.seq for after in rest]
    if place in later:
        foreign = event.seq in later or not place < event.seq <= place + len(later)
        return fault("added" if foreign else "reordered", place)
    if event.seq == place or not event.sound:
        return fault("changed", place)
    return fault("missing", place) if event.seq > place else fault("added", place)


def broken(
    event: Event, place: int, good: int, chain_so_far: tuple[str, str], rest: Iterator[Event]
) -> Fault:
    """An event that was chained to another one than the one before it."""
    before, previous = chain_so_far
    if event.previous == before:
        return fault("added", place - 1)
    after = next(rest, None)
    if after is not None and after.previous == previous:
        return fault("added", place)
    return fault("changed", place if place - 1 == good else place - 1)


def contradicted(
    event: Event, place: int, good: int, anchors: list[Anchor], rest: Iterator[Event]
) -> Fault | None:
    """An event whose hash is another one than what is known from outside of the chain."""
    against = [anchor for anchor in anchors if anchor.hash != event.hash]
    if not against:
        return None
    after = next(rest, None)
    if after is not None and after.previous == event.previous:
        return fault("added", place)
    alone = after is not None and after.previous in [anchor.hash for anchor in against]
    if alone or place == good + 1:
        return fault("changed", place)
    return fault("rewritten", good + 1, against[0].zh, against[0].en, place)
