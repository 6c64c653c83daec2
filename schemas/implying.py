"""Conditions on rows held against each other: whether whoever meets one meets another one."""

from __future__ import annotations

from schemas.sharing import Condition, Scalar, Terms


def atoms(condition: Condition) -> list[Condition]:
    """A condition as several with one test each."""
    tests = condition.model_dump(exclude={"field"}, exclude_none=True)
    return [Condition(field=condition.field, **{name: value}) for name, value in tests.items()]


def all_atoms(terms: Terms) -> list[Condition]:
    """All conditions of terms, each with one test."""
    return [atom for condition in terms.rows for atom in atoms(condition)]


def implies(own: Condition, other: Condition) -> bool:
    """Whether every row that meets one single test meets another one; never wrongly yes."""
    if own.field != other.field:
        return False
    if other.present is not None:
        return own.present == other.present if own.present is not None else other.present
    if own.one_of is not None:
        return all(_meets(value, other) for value in own.one_of)
    if own.starts_with is not None and other.starts_with is not None:
        return all(p.startswith(other.starts_with) for p in own.starts_with)
    if own.since is not None and other.since is not None:
        return _not_less(own.since, other.since)
    if own.before is not None and other.before is not None:
        return _not_less(other.before, own.before)
    return False


def _meets(value: Scalar, test: Condition) -> bool:
    if test.one_of is not None:
        return any(_same(value, other) for other in test.one_of)
    if test.starts_with is not None:
        return isinstance(value, str) and value.startswith(test.starts_with)
    if test.since is not None:
        return _not_less(value, test.since)
    return test.before is not None and (
        _not_less(test.before, value) and not _same(test.before, value)
    )


def _same(one: Scalar, other: Scalar) -> bool:
    return _not_less(one, other) and _not_less(other, one)


def _not_less(one: Scalar, other: Scalar) -> bool:
    """Whether one >= other; a date and its ISO text are equal, other kinds are not compared."""
    if isinstance(one, int) or isinstance(other, int):
        return isinstance(one, int) and isinstance(other, int) and one >= other
    return str(one) >= str(other)
