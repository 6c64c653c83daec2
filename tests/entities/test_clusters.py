"""Pairs become entities: what is known never gives way, and the order of work changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.reconcile.clusters import Clusters, Edge, KeyHeld, Node, Word, cluster
from hub.reconcile.typing_mistakes import edits, mistyped

MATCH = 0.95
KEYS = ("990101198001020013", "990101198001020031", "990101199003040027", "990101200005060035")


def node(number: int, once: int = 0, *keys: KeyHeld) -> Node:
    return Node((number % 3, f"r{number}"), once, keys)


def edge(a: int, b: int, weight: float, agrees: bool = True) -> Edge:
    return Edge(a, b, weight, 2**weight / (1 + 2**weight), agrees)


def groups(found: Clusters, nodes: Sequence[int]) -> list[set[int]]:
    made: dict[int, set[int]] = {}
    for number in nodes:
        made.setdefault(found.root.get(number, number), set()).add(number)
    return list(made.values())


NODES = st.integers(2, 7).flatmap(
    lambda count: st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 3]),
            st.sampled_from(KEYS) | st.none(),
            st.booleans(),
        ),
        min_size=count,
        max_size=count,
    )
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[int, Node], list[Edge], list[Word]]:
    made = draw(NODES)
    nodes = {
        n: node(n, once, *([KeyHeld(0, key, attested)] if key else []))
        for n, (once, key, attested) in enumerate(made)
    }
    pairs = list(combinations(nodes, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    weights = draw(
        st.lists(
            st.floats(-2, 30).map(lambda w: round(w, 2)),
            min_size=len(chosen),
            max_size=len(chosen),
        )
    )
    edges = [edge(a, b, w) for (a, b), w in zip(chosen, weights, strict=True)]
    words = [
        Word(a, b, kind)
        for (a, b), kind in draw(
            st.lists(
                st.tuples(st.sampled_from(pairs), st.sampled_from(["confirm", "forbid"])),
                max_size=3,
            )
        )
    ]
    return nodes, edges, words


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_no_entity_breaks_a_constraint(
    world: tuple[dict[int, Node], list[Edge], list[Word]],
) -> None:
    nodes, edges, _ = world
    for members in groups(cluster(nodes, edges, MATCH), list(nodes)):
        for a, b in combinations(sorted(members), 2):
            assert not nodes[a].once & nodes[b].once
            for one in nodes[a].keys:
                for two in nodes[b].keys:
                    assert one.key == two.key or (
                        not (one.attested and two.attested) and mistyped(one.key, two.key)
                    )


@settings(max_examples=120, deadline=None)
@given(worlds(), st.randoms())
def test_the_order_of_pairs_changes_nothing(
    world: tuple[dict[int, Node], list[Edge], list[Word]], dice: object
) -> None:
    nodes, edges, words = world
    first = cluster(nodes, edges, MATCH, words)
    dice.shuffle(edges)  # type: ignore[attr-defined]
    again = cluster(dict(reversed(nodes.items())), edges, MATCH, words)
    assert (first.root, first.decisions) == (again.root, again.decisions)


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_the_newest_word_of_a_steward_holds(
    world: tuple[dict[int, Node], list[Edge], list[Word]],
) -> None:
    nodes, edges, words = world
    if not words:
        return
    found = cluster(nodes, edges, MATCH, words)
    newest = words[0]
    together = found.root.get(newest.a, newest.a) == found.root.get(newest.b, newest.b)
    assert together is (newest.kind == "confirm")


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_every_pair_has_a_decision_and_joined_pairs_alone_are_called_linked(
    world: tuple[dict[int, Node], list[Edge], list[Word]],
) -> None:
    nodes, edges, _ = world
    found = cluster(nodes, edges, MATCH)
    for one in edges:
        together = found.root.get(one.a, one.a) == found.root.get(one.b, one.b)
        assert (found.decisions[one.a, one.b] == "linked") is together


@settings(max_examples=80, deadline=None)
@given(worlds(), st.data())
def test_a_group_without_pairs_to_others_is_untouched_by_them(
    world: tuple[dict[int, Node], list[Edge], list[Word]], data: st.DataObject
) -> None:
    nodes, edges, _ = world
    shift = len(nodes)
    more = {n + shift: node(n + shift, *([one.once])) for n, one in nodes.items()}
    far = [Edge(e.a + shift, e.b + shift, e.weight, e.probability) for e in edges]
    alone = cluster(nodes, edges, MATCH)
    beside = cluster(nodes | more, [*edges, *far], MATCH)
    assert {n: r for n, r in beside.root.items() if n < shift} == alone.root


def test_two_equally_good_partners_that_cannot_both_be_it_are_left_to_a_person() -> None:
    attested = [KeyHeld(0, key, True) for key in (KEYS[0], KEYS[2])]
    nodes = {0: node(0, 0), 1: node(1, 0, attested[0]), 2: node(2, 0, attested[1])}
    found = cluster(nodes, [edge(0, 1, 20), edge(0, 2, 19)], MATCH)
    assert found.root == {}
    assert set(found.decisions.values()) == {"ambiguous"}
    far = cluster(nodes, [edge(0, 1, 20), edge(0, 2, 12)], MATCH)
    assert far.root[0] == far.root[1] == 1  # the attested number heads the entity
    assert far.decisions[0, 2] == "keys"


def test_a_rival_with_a_better_partner_of_its_own_is_no_rival() -> None:
    nodes = {0: node(0, 1), 3: node(3, 1), 1: node(1, 2), 4: node(4, 2)}
    found = cluster(nodes, [edge(0, 1, 14), edge(0, 4, 12), edge(3, 4, 13)], MATCH)
    assert found.root[0] == found.root[1] != found.root[3] == found.root[4]


def test_twins_whose_numbers_others_attest_never_merge() -> None:
    nodes = {n: node(n, 0, KeyHeld(0, key, True)) for n, key in enumerate(KEYS[:2])}
    assert mistyped(*KEYS[:2])
    found = cluster(nodes, [edge(0, 1, 40)], MATCH)
    assert found.root == {} and found.decisions[0, 1] == "keys"


def test_a_mistyped_number_needs_a_name_that_agrees() -> None:
    nodes = {0: node(0, 0, KeyHeld(0, KEYS[0], True)), 1: node(1, 0, KeyHeld(0, KEYS[1], False))}
    assert cluster(nodes, [edge(0, 1, 30, agrees=False)], MATCH).root == {}
    assert cluster(nodes, [edge(0, 1, 30)], MATCH).root == {0: 0, 1: 0}


@settings(max_examples=120, deadline=None)
@given(st.text("0123X", max_size=6), st.text("0123X", max_size=6))
def test_edits_are_a_measure(a: str, b: str) -> None:
    assert edits(a, b) == edits(b, a)
    assert (edits(a, b) == 0) is (a == b)
    assert edits(a, b) <= max(len(a), len(b))
    assert abs(len(a) - len(b)) <= edits(a, b)


def test_edits_count_swapped_neighbours_once() -> None:
    assert edits("1234", "1324") == 1
    assert edits("1234", "12345") == 1
    assert edits("1234", "2345") == 2
