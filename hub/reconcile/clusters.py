"""Scored pairs become entities: the best pair first, and never against what is known.

Two records of a supply that holds each entity once are two entities, as are two different numbers
that others attest; a steward's word comes before everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2

from hub.reconcile.typing_mistakes import mistyped

Place = tuple[int, str]
"""(place of the source, source key) of a row: what ties are broken by."""


@dataclass(frozen=True)
class KeyHeld:
    """One valid key of a group of rows; `attested`: by a second supply, or by the authority."""

    space: int
    key: str
    attested: bool


@dataclass(frozen=True)
class Node:
    """A group of rows that shared keys have joined already; `once` has a bit for each supply."""

    first: Place
    once: int = 0
    keys: tuple[KeyHeld, ...] = ()


@dataclass(frozen=True)
class Edge:
    """One scored pair; `agrees`: nothing that names the entity speaks against it."""

    a: int
    b: int
    weight: float
    probability: float
    agrees: bool = True


@dataclass(frozen=True)
class Word:
    """What a steward said of two groups of rows, the newest first in a sequence."""

    a: int
    b: int
    kind: str  # confirm or forbid


@dataclass
class _Group:
    members: list[int]
    once: int
    keys: set[KeyHeld]
    apart: set[int] = field(default_factory=set)  # roots that it must not join


@dataclass(frozen=True)
class Clusters:
    """`root` of each node that was joined to another one; `decisions` by pair of nodes."""

    root: Mapping[int, int]
    decisions: Mapping[tuple[int, int], str]


def cluster(
    nodes: Mapping[int, Node],
    edges: Sequence[Edge],
    match: float,
    words: Iterable[Word] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Join nodes by their edges; `apart` are pairs that evidence has parted.

    Decisions: confirmed, forbidden (stewards); linked; review (too unsure); ambiguous (another
    partner is almost as likely, and they cannot both be it); once, keys, evidence (not allowed).
    """
    work = _Work(nodes, edges, match)
    work.hear(words)
    for a, b in apart:
        work.part(a, b)
    work.join_best_first()
    return work.result()


class _Work:
    """Union-find with what each group may not be joined to."""

    def __init__(self, nodes: Mapping[int, Node], edges: Sequence[Edge], match: float) -> None:
        self.nodes = nodes
        self.parent = {code: code for code in nodes}
        self.groups = {
            code: _Group([code], node.once, set(node.keys)) for code, node in nodes.items()
        }
        self.edges = sorted(edges, key=self._order)
        self.match = match
        odds = min(max(match, 0.5), 1 - 1e-9)
        self.margin = log2(odds / (1 - odds))
        self.near: dict[int, list[Edge]] = {}
        for edge in self.edges:
            self.near.setdefault(edge.a, []).append(edge)
            self.near.setdefault(edge.b, []).append(edge)
        self.decisions: dict[tuple[int, int], str] = {}
        self.steward: dict[tuple[int, int], str] = {}

    def _order(self, edge: Edge) -> tuple[float, Place, Place]:
        """The heaviest first; ties by supply and source key, never by the engine's numbers."""
        low, high = sorted((self.nodes[edge.a].first, self.nodes[edge.b].first))
        return (-round(edge.weight, 6), low, high)

    def find(self, code: int) -> int:
        while self.parent[code] != code:
            self.parent[code] = self.parent[self.parent[code]]
            code = self.parent[code]
        return code

    def hear(self, words: Iterable[Word]) -> None:
        """Stewards' words, the newest first: a later one has the say."""
        for word in words:
            a, b = self.find(word.a), self.find(word.b)
            pair = (min(word.a, word.b), max(word.a, word.b))
            if word.kind == "forbid" and a != b:
                self.part(a, b)
                self.steward.setdefault(pair, "forbidden")
            elif word.kind == "confirm" and word.a != word.b and b not in self.groups[a].apart:
                self.steward.setdefault(pair, "confirmed")
                if a != b:
                    self._union(a, b)

    def part(self, a: int, b: int) -> None:
        one, two = self.find(a), self.find(b)
        if one != two:
            self.groups[one].apart.add(two)
            self.groups[two].apart.add(one)

    def join_best_first(self) -> None:
        for edge in self.edges:
            a, b = self.find(edge.a), self.find(edge.b)
            if a == b:
                continue
            reason = self._against(a, b, edge)
            if reason is None and edge.probability < self.match:
                reason = "review"
            if reason is None and self._ambiguous(edge, a, b):
                reason = "ambiguous"
            if reason is None:
                self._union(a, b)
            else:
                self.decisions[edge.a, edge.b] = reason

    def _against(self, a: int, b: int, edge: Edge) -> str | None:
        one, two = self.groups[a], self.groups[b]
        if b in one.apart:
            return "forbidden" if self._told(one, two) else "evidence"
        if one.once & two.once:
            return "once"
        return "keys" if _keys_differ(one.keys, two.keys, edge.agrees) else None

    def _told(self, one: _Group, two: _Group) -> bool:
        others = set(two.members)
        return any(
            word == "forbidden" and ((a in one.members) != (b in one.members))
            and (a in others or b in others)
            for (a, b), word in self.steward.items()
        )  # fmt: skip

    def _ambiguous(self, edge: Edge, a: int, b: int) -> bool:
        return self._rivalled(edge, a, b) or self._rivalled(edge, b, a)

    def _rivalled(self, edge: Edge, mine: int, partner: int) -> bool:
        """Whether a third group is nearly as good a partner of `mine`, and not the same as it."""
        for member in self.groups[mine].members:
            for other in self.near.get(member, ()):
                third = self.find(other.b if other.a == member else other.a)
                if third in (mine, partner) or other.weight < edge.weight - self.margin:
                    continue
                if self._against(mine, third, other) is not None:
                    continue
                # Both may be it: then they are one entity and no rivals.
                if self._against(partner, third, _PLAIN) is None:
                    continue
                if not self._better_off(third, mine, other.weight):
                    return True
        return False

    def _better_off(self, third: int, mine: int, weight: float) -> bool:
        """Whether the rival has a heavier partner of its own that it may still join."""
        for member in self.groups[third].members:
            for edge in self.near.get(member, ()):
                if edge.weight <= weight:
                    break  # edges of a node are in order of weight
                other = self.find(edge.b if edge.a == member else edge.a)
                if other not in (third, mine) and self._against(third, other, edge) is None:
                    return True
        return False

    def _union(self, a: int, b: int) -> None:
        one, two = self.groups[a], self.groups[b]
        if len(one.members) < len(two.members):
            a, b, one, two = b, a, two, one
        self.parent[b] = a
        one.members += two.members
        one.once |= two.once
        one.keys |= two.keys
        one.apart |= two.apart
        for root in two.apart:
            self.groups[root].apart.discard(b)
            self.groups[root].apart.add(a)
        del self.groups[b]

    def result(self) -> Clusters:
        root = {}
        for group in self.groups.values():
            if len(group.members) > 1:
                head = min(group.members, key=self._rank)
                root.update(dict.fromkeys(group.members, head))
        for edge in self.edges:
            if self.find(edge.a) == self.find(edge.b):
                self.decisions[edge.a, edge.b] = "linked"
        decisions = {(min(pair), max(pair)): word for pair, word in self.decisions.items()}
        return Clusters(root, decisions | self._kept_words())

    def _kept_words(self) -> dict[tuple[int, int], str]:
        joined = {"confirmed": True, "forbidden": False}
        return {
            (a, b): word
            for (a, b), word in self.steward.items()
            if (self.find(a) == self.find(b)) is joined[word]
        }

    def _rank(self, code: int) -> tuple[bool, bool, Place]:
        node = self.nodes[code]
        return (not any(k.attested for k in node.keys), not node.keys, node.first)


_PLAIN = Edge(0, 0, 0.0, 0.0, agrees=False)


def _keys_differ(one: set[KeyHeld], two: set[KeyHeld], agrees: bool) -> bool:
    """Whether two different keys of one space stand against each other."""
    return any(
        a.space == b.space and a.key != b.key and not (agrees and _one_mistyped(a, b))
        for a in one
        for b in two
    )


def _one_mistyped(a: KeyHeld, b: KeyHeld) -> bool:
    return not (a.attested and b.attested) and mistyped(a.key, b.key)
