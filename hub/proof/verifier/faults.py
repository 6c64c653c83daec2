"""What can be wrong with a log or a receipt, in words."""

from __future__ import annotations

from typing import NamedTuple

WORDS = {
    "changed": ("第 {seq} 号事件被改动", "event {seq} was changed"),
    "missing": ("第 {seq} 号事件缺失", "event {seq} is missing"),
    "added": ("第 {seq} 位的事件系添加", "the event in place {seq} was added"),
    "reordered": ("第 {seq} 号事件不在其位", "event {seq} does not stand in its place"),
    "rewritten": (
        "第 {seq} 至 {last} 号事件中有改动：与{zh}不符",
        "of events {seq} to {last} one was changed at least: they contradict {en}",
    ),
    "cut": (
        "日志止于第 {last} 号事件，而{zh}证明还有第 {seq} 号及以后的事件",
        "the log ends at event {last}, yet {en} proves that there is an event {seq}, at least",
    ),
    "checkpoint": ("第 {seq} 号事件处的检查点{zh}", "the checkpoint at event {seq} {en}"),
    "unsigned": (
        "第 {seq} 号及以后的事件没有检查点",
        "no checkpoint signs event {seq} and those after it",
    ),
    "receipt": ("第 {seq} 号事件的回执{zh}", "the receipt of event {seq} {en}"),
    "grant": ("授权 {zh}", "the grant {en}"),
    "delivered": ("文件 {zh} 与回执不符或缺失", "{en} is missing, or not as the receipt says"),
    "key": ("密钥{zh}", "a key {en}"),
    "file": ("文件{zh}", "the file {en}"),
}


class Fault(NamedTuple):
    """One thing that is wrong; `seq` is the number of the first event that it touches."""

    kind: str
    seq: int
    zh: str
    en: str

    @property
    def rank(self) -> tuple[int, int]:
        """Faults of the file and of keys first, then by the event that is touched first."""
        return (0 if self.kind in ("file", "key") else 1, self.seq)


def fault(kind: str, seq: int, zh: str = "", en: str = "", last: int = 0) -> Fault:
    """A fault, told in both languages."""
    chinese, english = WORDS[kind]
    known = {"seq": seq, "last": last, "zh": zh, "en": en}
    return Fault(kind, seq, chinese.format(**known), english.format(**known))
