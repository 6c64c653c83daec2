"""Changes of a dataset whose rows also find each other without a number equal wholes, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from hub.reconcile.increment import opening

FAMILY, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋勇艳"
PEOPLE = 30


def _person(number: int) -> dict[str, Any]:
    random = Random(number)
    return {
        "no": f"9900{number:04d}",
        "name": random.choice(FAMILY) + random.choice(GIVEN) + random.choice(GIVEN),
        "born": date(1950, 1, 1) + timedelta(days=random.randrange(15000)),
        "address": f"人民路{random.randrange(1, 90)}号{random.randrange(1, 9)}室",
        "phone": f"13{random.randrange(10**9):09d}",
    }


def _row(random: Random, supply: str) -> dict[str, Any]:
    """What a clerk makes of a person: numbers missing or mistyped, fields empty or a bit off."""
    row = _person(random.randrange(PEOPLE))
    if supply == "school/pupils" or random.random() < 0.15:
        row["no"] = None
    elif random.random() < 0.1:
        row["no"] = row["no"][:-1] + str(random.randrange(10))
    if random.random() < 0.2:
        row["name"] = row["name"][:2] + random.choice(GIVEN)
    if random.random() < 0.1:
        row["born"] += timedelta(days=random.choice([1, 30, 400]))
    for name in ("phone", "address"):
        if random.random() < 0.2:
            row[name] = None
    return row


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4])
def test_rows_without_a_number_link_alike_in_changes_and_wholes(
    parishes: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(opening, "MOST_TOUCHED", 9.9)
    monkeypatch.setattr(opening, "FEWEST", 0)
    random, town = Random(seed), parishes()
    supplies = sorted(town.supplies)

    def somebody() -> tuple[str, str]:
        supply = random.choice(supplies)
        return supply, random.choice(sorted(town.rows[supply]))

    for supply in supplies:
        town.batch(supply, {f"{supply[0]}{n}": _row(random, supply) for n in range(PEOPLE)})
    town.release("people", town.reconcile("people", whole=True))
    for step in range(5):
        for _ in range(random.randint(1, 2)):
            supply = random.choice(supplies)
            keys = [f"{supply[0]}{random.randrange(PEOPLE)}" for _ in range(2)]
            lost = random.random() < 0.25
            town.batch(supply, {key: None if lost else _row(random, supply) for key in keys})
        if step in (1, 3):
            town.decide("forbid" if step == 3 else "confirm", somebody(), somebody())
        if step == 4:
            town.decisions.pop()  # taken back
        change = town.reconcile("people", whole=False)
        assert change.record.change is not None
        assert town.told(change) == town.told(town.reconcile("people", whole=True))
        town.release("people", change)
    assert town.told(change)["pairs"]
