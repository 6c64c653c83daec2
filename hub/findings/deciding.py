"""What persons do to findings: confirm, recover, dismiss; everything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from hub.asking import due, today
from hub.errors import DecisionError, SettingsError
from hub.ledger import finding_life as life
from hub.ledger.crosschecks import decide
from hub.ledger.findings import finding_of
from hub.opened import Hub


def fen_of(text: str) -> int:
    """An amount in yuan as people type it, in fen; raises `SettingsError`."""
    try:
        amount = Decimal(text.replace(",", "").strip()) * 100
    except ArithmeticError:  # no number, or one beyond all bounds
        raise SettingsError(f"an amount is written in yuan, e.g. 1234.50; found {text!r}") from None
    if not amount.is_finite() or abs(amount) > life.MOST_FEN:
        raise SettingsError(f"no sum of money is that large; found {text!r}")
    if amount != amount.to_integral_value():
        raise SettingsError(f"an amount has at most two decimals; found {text!r}")
    return int(amount)


def confirm(hub: Hub, starts: Sequence[str], by: str, reason: str | None) -> list[str]:
    """The department says that it is so."""
    return _each(hub, starts, "confirm", by, reason)


def dismiss(hub: Hub, starts: Sequence[str], by: str, reason: str) -> list[str]:
    """There is a reason why it is all right; it is kept, and the finding stays away."""
    if not reason.strip():
        raise DecisionError("to be dismissed, a finding needs a reason")
    return _each(hub, starts, "dismiss", by, reason)


def recover(
    hub: Hub, start: str, amount_fen: int, by: str, reason: str | None, beyond: str | None
) -> str:
    """Money came back. Less than nothing corrects an earlier amount and needs a reason.

    `beyond` is the reason why more came back than was at stake.
    """
    if amount_fen < 0 and not (reason or "").strip():
        raise DecisionError("a correction needs a reason")
    found = finding_of(hub.ledger, start)
    last_day = due(hub, hub.catalog.crosschecks.get(found.crosscheck))(found.department)
    what = partial(life.recover, fen=amount_fen, due_on=last_day, beyond=bool(beyond))
    told = "; ".join(text for text in (reason, beyond) if text) or None
    decide(hub.ledger, {found.id: what}, by, told, hub.now, today(hub))
    return str(found.id)


def _each(hub: Hub, starts: Sequence[str], wish: str, by: str, reason: str | None) -> list[str]:
    what: dict[str, Callable[[life.Standing], life.Event]] = {}
    for row in [finding_of(hub.ledger, start) for start in starts]:
        last_day = due(hub, hub.catalog.crosschecks.get(row.crosscheck))(row.department)
        confirmed = partial(life.confirm, due_on=last_day)
        what[row.id] = confirmed if wish == "confirm" else life.dismiss
    decide(hub.ledger, what, by, reason, hub.now, today(hub))
    return list(what)
