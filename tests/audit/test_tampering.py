"""Every kind of tampering with a log, its checkpoints and its receipts is found, and named."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.proof.exporting import lines_of
from hub.proof.verifier.chain import Anchor, Found, check_log
from hub.proof.verifier.documents import Key
from hub.proof.verifier.faults import Fault
from hub.proof.verifying import keys_of
from tests.audit.conftest import opened, work

EVENTS = 24
MARKS, RECEIPTS = (10, 24), (6, 18)
places = st.integers(1, EVENTS)
Parts = list[dict[str, Any]]


@cache
def made() -> tuple[tuple[str, ...], Key]:
    """The lines of a log of 24 events, and the key that signed it."""
    with TemporaryDirectory() as folder, opened(Path(folder)) as hub:
        work(hub)
        return tuple(lines_of(hub)), keys_of(hub)[0]


def parts() -> tuple[Parts, Parts]:
    """The log as data: what stands before the events, and the events."""
    told = [json.loads(line) for line in made()[0]]
    before = [part for part in told if "event" not in part]
    return before, [part["event"] for part in told if "event" in part]


def found(before: Parts, events: Parts, known: list[Anchor] | None = None) -> Found:
    lines = [json.dumps(part) + "\n" for part in before]
    lines += ['{"event":' + json.dumps(event) + "}\n" for event in events]
    return check_log(lines, [made()[1]], known or [])


def first(before: Parts, events: Parts, known: list[Anchor] | None = None) -> Fault:
    faults = found(before, events, known).faults
    assert faults, "the tampering was not found"
    return faults[0]


def edited(event: dict[str, Any], /, **new: Any) -> dict[str, Any]:
    """An event with another text, and the hash it had."""
    body = {**json.loads(event["body"]), **new}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"hash": event["hash"], "body": text}


def hashed(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "hash": hashlib.sha256(event["body"].encode()).hexdigest()}


def relinked(events: Parts, start: int = 1) -> Parts:
    """The work of one who knows how the log is made: numbers, hashes and chain are right again."""
    events, previous = list(events), "0" * 64
    for n, event in enumerate(events, 1):
        if n >= start:
            event = hashed(edited(event, seq=n, previous=previous))
            events[n - 1] = event
        previous = event["hash"]
    return events


def everything() -> list[Anchor]:
    """What an auditor with an earlier export knows."""
    return [Anchor(n, event["hash"], "x", "x") for n, event in enumerate(parts()[1], 1)]


def test_the_log_as_it_was_made_is_sound() -> None:
    result = found(*parts(), everything())
    assert (result.events, result.checkpoints, result.receipts) == (EVENTS, 2, 2)
    assert result.faults == []


@given(places, st.sampled_from(["by", "subject", "department", "event", "at"]))
@settings(deadline=None, max_examples=16)
def test_an_event_that_was_changed_is_named(n: int, field: str) -> None:
    before, events = parts()
    events[n - 1] = edited(events[n - 1], **{field: "somebody else"})
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("changed", n)


@given(places, st.data())
@settings(deadline=None, max_examples=20)
def test_any_other_character_in_a_line_is_found(n: int, data: st.DataObject) -> None:
    before, events = parts()
    key = data.draw(st.sampled_from(["body", "hash"]))
    old = events[n - 1][key]
    at = data.draw(st.integers(0, len(old) - 1))
    new = data.draw(st.characters(codec="utf-8").filter(lambda c: c != old[at]))
    events[n - 1] = {**events[n - 1], key: old[:at] + new + old[at + 1 :]}
    fault = first(before, events)
    assert fault.seq == n and fault.kind in ("changed", "added", "missing")


@given(places)
@settings(deadline=None, max_examples=12)
def test_an_event_that_was_changed_and_hashed_again_is_named(n: int) -> None:
    before, events = parts()
    events[n - 1] = hashed(edited(events[n - 1], subject="other"))
    fault = first(before, events)
    if n == EVENTS:  # nothing was chained to it: only the checkpoint and the header know
        assert (fault.kind, fault.seq) == ("rewritten", 19)
    else:
        assert (fault.kind, fault.seq) == ("changed", n)


@given(places)
@settings(deadline=None, max_examples=12)
def test_an_event_that_is_missing_is_named(n: int) -> None:
    before, events = parts()
    del events[n - 1]
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("cut" if n == EVENTS else "missing", n)


@given(places, places)
@settings(deadline=None, max_examples=16)
def test_an_event_that_stands_twice_is_named(n: int, at: int) -> None:
    before, events = parts()
    events.insert(at - 1, copy.deepcopy(events[n - 1]))
    fault = first(before, events)
    assert fault.kind == "added" and fault.seq in (at, at + 1)
    assert fault.seq == at + (at in (n, n))


@given(places, st.booleans(), st.booleans())
@settings(deadline=None, max_examples=16)
def test_an_event_that_was_added_is_named(n: int, chained: bool, numbered: bool) -> None:
    before, events = parts()
    previous = events[n - 2]["hash"] if n > 1 else "0" * 64
    own = {"seq": n} if numbered else {"seq": 999}
    link = {"previous": previous} if chained else {"previous": "1" * 64}
    events.insert(n - 1, hashed(edited(events[n - 1], subject="intruder", **own, **link)))
    fault = first(before, events)
    assert fault.seq in ((n, n + 1) if numbered else (n,))
    assert fault.kind in ("added", "changed")


@given(places, places)
@settings(deadline=None, max_examples=16)
def test_events_in_another_order_are_named(one: int, other: int) -> None:
    before, events = parts()
    events.insert(other - 1, events.pop(one - 1))
    if one == other:
        assert found(before, events).faults == []
        return
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("reordered", min(one, other))


@given(places)
@settings(deadline=None, max_examples=12)
def test_a_tail_that_was_cut_is_told_by_checkpoints_receipts_and_header(n: int) -> None:
    before, events = parts()
    fault = first(before, events[: n - 1])
    assert (fault.kind, fault.seq) == ("cut", n)


def cut_with_care(n: int) -> tuple[Parts, Parts]:
    """The tail from event n on is cut, with everything in the file that could tell of it."""
    before, events = parts()
    events = events[: n - 1]
    head = {"seq": n - 1, "hash": events[-1]["hash"]}
    kept: Parts = []
    for part in before:
        ((kind, value),) = part.items()
        if kind == "header":
            kept.append({"header": {"format": 1, "head": head}})
        elif value["document"].get("event", value["document"])["seq"] < n:
            kept.append(part)
    return kept, events


@given(st.integers(2, EVENTS), st.data())
@settings(deadline=None, max_examples=12)
def test_a_tail_that_was_cut_with_care_is_told_by_an_earlier_head(
    n: int, data: st.DataObject
) -> None:
    held = everything()[data.draw(st.integers(n, EVENTS)) - 1]
    kept, events = cut_with_care(n)
    inside = [fault for fault in found(kept, events).faults if fault.kind != "unsigned"]
    assert inside == [], "nothing else inside of the file tells"
    fault = next(fault for fault in found(kept, events, [held]).faults if fault.kind == "cut")
    assert (fault.kind, fault.seq) == ("cut", n)


SMART: dict[str, Callable[[Parts, int], Parts]] = {
    "changed": lambda e, n: [*e[: n - 1], edited(e[n - 1], subject="other"), *e[n:]],
    "removed": lambda e, n: e[: n - 1] + e[n:],
    "added": lambda e, n: [*e[: n - 1], edited(e[n - 1], subject="intruder"), *e[n - 1 :]],
    "swapped": lambda e, n: e[: n - 1] + e[n : n + 1] + e[n - 1 : n] + e[n + 1 :],
}


@pytest.mark.parametrize("how", SMART)
@given(n=st.integers(1, EVENTS - 1))
@settings(deadline=None, max_examples=12)
def test_a_log_that_was_written_anew_contradicts_what_is_signed(how: str, n: int) -> None:
    before, events = parts()
    anew = relinked(SMART[how](events, n), n)
    fault = first(before, anew)
    anchors = sorted({0, *MARKS, *RECEIPTS})
    since = max(a for a in anchors if a < n)
    if fault.kind == "cut":
        assert how == "removed" and fault.seq == EVENTS and n > since >= RECEIPTS[-1]
    else:
        assert fault.seq == since + 1 <= n, "the first event that may have been changed"
    exact = first(before, anew, everything())
    assert (exact.kind, exact.seq) == ("changed", n), "an earlier export tells which"


@given(st.integers(0, 3), st.data())
@settings(deadline=None, max_examples=20)
def test_a_signed_document_that_was_changed_is_named(which: int, data: st.DataObject) -> None:
    before, events = parts()
    part = [p for p in before if "header" not in p][which]
    ((kind, envelope),) = part.items()
    seq = (*MARKS, *RECEIPTS)[which]
    what = data.draw(st.sampled_from(["value", "rows", "hash", "at", "algorithm", "key_id"]))
    document, signature = envelope["document"], envelope["signature"]
    if what == "value":
        at = data.draw(st.integers(0, 80))
        old = signature["value"]
        signature["value"] = old[:at] + ("A" if old[at] != "A" else "B") + old[at + 1 :]
    elif what == "algorithm":
        signature["algorithm"] = "sm2"
    elif what == "key_id":
        signature["key_id"] = "0" * 32
    elif what == "hash":
        document.get("event", document)["hash"] = "0" * 64
    else:
        document[what] = 8
    fault = first(before, events)
    assert (fault.kind, fault.seq) == (kind, seq)


@pytest.mark.parametrize("which", range(2))
def test_a_receipt_that_was_taken_away_is_missed(which: int) -> None:
    before, events = parts()
    receipts = [part for part in before if "receipt" in part]
    before.remove(receipts[which])
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("receipt", RECEIPTS[which])
    assert "is missing" in fault.en


def test_the_newest_checkpoint_is_missed() -> None:
    before, events = parts()
    before.remove([part for part in before if "checkpoint" in part][-1])
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("unsigned", MARKS[-2] + 1)


@pytest.mark.parametrize("which", range(1))
def test_a_checkpoint_that_was_taken_away_is_missed(which: int) -> None:
    before, events = parts()
    marks = [part for part in before if "checkpoint" in part]
    before.remove(marks[which])
    fault = first(before, events)
    assert (fault.kind, fault.seq) == ("checkpoint", MARKS[which])


def test_a_checkpoint_handed_in_as_a_receipt_is_refused() -> None:
    before, events = parts()
    mark = next(part for part in before if "checkpoint" in part)
    fault = first([*before, {"receipt": mark["checkpoint"]}], events)
    assert (fault.kind, fault.seq) == ("receipt", 10)


@given(st.lists(st.sampled_from(list(range(32))), min_size=1, max_size=6), st.randoms())
@settings(deadline=None, max_examples=20)
def test_whatever_is_done_to_the_lines_is_found(removed: list[int], random: Any) -> None:
    lines = list(made()[0])
    for n in removed:
        at = random.randrange(len(lines))
        if n % 3 == 0:
            del lines[at]
        elif n % 3 == 1:
            lines.insert(at, lines[random.randrange(len(lines))])
        else:
            cut = random.randrange(len(lines[at]))
            lines[at] = lines[at][:cut] + random.choice('{}[]"\\x0,:') + lines[at][cut + 1 :]
    result = check_log(lines, [made()[1]])
    now, then = parted(lines), parted(made()[0])
    assert result.faults or now == then


def parted(lines: Sequence[str]) -> tuple[set[str], list[str]]:
    """What stands before the events may stand in any order, and twice."""
    told = [line.rstrip("\n") for line in lines]
    events = [line for line in told if line.startswith('{"event"')]
    return {line for line in told if not line.startswith('{"event"')}, events
