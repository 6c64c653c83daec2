"""The command that an auditor runs."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.proof.verifier.chain import Anchor, check_log, prologue, read_event, signed_as
from hub.proof.verifier.documents import Key, loads, read_key, trusted
from hub.proof.verifier.faults import Fault, fault

ABOUT = """Verifies proof that an exchange hub gave out: exports of its audit log, and receipts.
核验交换枢纽的审计日志导出文件与交付回执。

KEY.pub must have come to you by another way than the files that it verifies.
Exit codes: 0 sound 核验通过, 1 not sound 核验不通过, 2 not to be read 无法读取."""


def main() -> int:
    """Check files, print what was found."""
    chosen = arguments().parse_args()
    try:
        keys = [read_key(Path(name).read_text("ascii")) for name in chosen.key]
        known = [*map(head_given, chosen.head), *(a for e in chosen.earlier for a in of_earlier(e))]
        results = check_files(chosen.files, keys, known, [])
        if chosen.delivered:
            hold_against(results, digests_in(chosen.delivered))
    except (OSError, ValueError) as error:
        print(f"cannot be read 无法读取: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        for result in results:
            print_result(result)
    return 1 if any(result["faults"] for result in results) else 0


def arguments() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    parser = argparse.ArgumentParser(
        description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", help="exports, histories of keys, receipts")
    parser.add_argument("--key", action="append", required=True, help="a public key that you trust")
    parser.add_argument(
        "--head", action="append", default=[], help="SEQ:HASH of an event that you wrote down"
    )
    parser.add_argument("--earlier", action="append", default=[], help="an export that you kept")
    parser.add_argument("--delivered", help="the folder with what the receipts speak of")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def check_files(
    names: list[str], keys: list[Key], known: list[Anchor], vouches: list[Any]
) -> list[dict[str, Any]]:
    """Receipts first: those that are sound say what the log must hold.

    `vouches`: what keys are known to say of each other, besides what the logs hold.
    """
    single = {name: document_of(name) for name in names}
    logs = [name for name, envelope in single.items() if envelope is None]
    more = [vouch for name in logs for vouch in prologue(lines_of(name))[0]["key"]]
    every = [*vouches, *more]
    told, faults = trusted(keys, every)
    results, anchors = [], list(known)
    for name, envelope in single.items():
        if envelope is None:
            continue
        kind = kind_of(envelope)
        wrong, place = signed_as(kind, envelope, told)
        found = [*faults, fault(kind, place, *wrong)] if wrong else []
        results.append(result_of(name, found, document=envelope.get("document")))
        if not wrong:
            document = envelope["document"]
            told_hash = str(document.get("event", document).get("hash"))
            anchors.append(Anchor(place, told_hash, name, name))
    for name in logs:
        if next(lines_of(name)).startswith('{"key":'):
            continue  # only what keys say of each other
        log = check_log(lines_of(name), keys, anchors, vouches=every)
        counts = {"checkpoints": log.checkpoints, "receipts": log.receipts}
        head = {"seq": log.events, "hash": log.head}
        results.append(result_of(name, log.faults, events=log.events, head=head, **counts))
    return results


def result_of(name: str, faults: list[Fault], **more: Any) -> dict[str, Any]:
    """What is printed of one file."""
    told = [{"kind": f.kind, "seq": f.seq, "zh": f.zh, "en": f.en} for f in faults]
    return {"file": name, "sound": not faults, **more, "faults": told}


def digests_in(folder: str) -> set[str]:
    """SHA-256 of every file below a folder."""
    found = set()
    for path in (p for p in Path(folder).rglob("*") if p.is_file()):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
        found.add(digest.hexdigest())
    return found


def hold_against(results: list[dict[str, Any]], present: set[str]) -> None:
    """Add a fault for each file that a sound receipt names and that is not there as it was."""
    for result in (one for one in results if one["sound"] and "document" in one):
        told = result["document"].get("files")
        for file in told if isinstance(told, list) else []:
            if file.get("sha256") not in present:
                name = str(file.get("name") or file.get("sha256"))
                missed = fault("delivered", 0, name, name)
                result["faults"].append(
                    {"kind": missed.kind, "seq": 0, "zh": missed.zh, "en": missed.en}
                )
                result["sound"] = False


def document_of(name: str) -> dict[str, Any] | None:
    """The signed document that a file is; None when it is a log, or a history of keys."""
    if next(lines_of(name), "").startswith(('{"header":', '{"key":')):
        return None
    found = loads("".join(lines_of(name)))
    if not isinstance(found, dict):
        raise ValueError(f"{name} is neither a log nor a receipt")
    return found


def kind_of(envelope: dict[str, Any]) -> str:
    """Receipt, unless it says that it is a checkpoint."""
    document = envelope.get("document")
    is_mark = isinstance(document, dict) and document.get("kind") == "checkpoint"
    return "checkpoint" if is_mark else "receipt"


def lines_of(name: str) -> Iterator[str]:
    """The lines of a file; bytes that are no text become characters that no JSON of ours has."""
    with Path(name).open(encoding="utf-8", errors="surrogateescape") as file:
        yield from file


def head_given(text: str) -> Anchor:
    """`SEQ:HASH`; raises ValueError."""
    seq, _, told = text.partition(":")
    if not seq.isdecimal() or len(told) != 64:
        raise ValueError(f"--head takes SEQ:HASH, not {text}")
    return Anchor(int(seq), told.lower(), "审计员记下的日志头", "the head that you gave")


def of_earlier(name: str) -> Iterator[Anchor]:
    """What an earlier export knows of each event."""
    for line in lines_of(name):
        if line.startswith('{"event":'):
            event = read_event(line)
            yield Anchor(event.seq, event.hash, "先前的导出文件", "the earlier export")


def print_result(result: dict[str, Any]) -> None:
    """One file in sentences."""
    print(f"{result['file']}: {'sound 核验通过' if result['sound'] else 'NOT SOUND 核验不通过'}")
    for told in result["faults"]:
        print(f"  {told['en']}\n  {told['zh']}")
    if "events" in result:
        head = result["head"]
        print(
            f"  events 事件 {result['events']}  checkpoints 检查点 {result['checkpoints']}", end=""
        )
        print(f"  receipts 回执 {result['receipts']}\n  head {head['seq']}:{head['hash']}")
    elif result["sound"]:
        print(json.dumps(result["document"], ensure_ascii=False, indent=1, sort_keys=True))


if __name__ == "__main__":
    sys.exit(main())
