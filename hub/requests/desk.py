"""What people do at the desk; each is one transaction, and raises `DecisionError` when refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from hub import clocks
from hub.clocks.counting import is_over
from hub.errors import DecisionError
from hub.ledger import clocks as clock_ledger
from hub.ledger import requests as ledger
from hub.ledger.orders import HUB
from hub.officers import provider_of, sharing_of
from hub.opened import Hub
from hub.records import Request
from hub.requests import completeness
from hub.requests.acting import act, carry_out
from hub.requests.cases import case_of
from hub.requests.completeness import check_names, free_fields
from hub.requests.life import Case
from hub.requests.states import Act
from schemas.clocks import Duty
from schemas.sharing import Application, Terms

Decision = Literal["grant", "narrow", "refuse"]
LAPSING = (Duty.COMPLETE_REQUEST, Duty.DISPUTE_DECISION)


def missing(hub: Hub, application: Application) -> tuple[str, ...]:
    """Everything that an application lacks, in both languages, each as one sentence."""
    check_names(hub.catalog, application)
    return completeness.missing(hub.catalog, application, clocks.today(hub))


def file(hub: Hub, application: Application, by: str) -> Request:
    """File a request; an unconditional and complete one is granted by rule at once."""
    given = _as_kept(application)
    check_names(hub.catalog, given)
    provider = provider_of(hub.catalog, given.dataset)
    with hub.ledger.writing() as connection:
        number = ledger.add_request(connection, given, provider, by, hub.now())
        new = Case(
            number,
            given.subscriber,
            provider,
            sharing_of(hub.catalog).supervisor,
            given,
            free_fields(hub.catalog, given.dataset),
        )
        carry_out(hub, connection, new, Act.FILE, by, application=given)
    return ledger.request_of(hub.ledger, number)


def give_back(hub: Hub, request_id: str, by: str, notes: Sequence[str] = ()) -> Request:
    """Return a request, once, with one notice of everything that is missing (一次性告知).

    The hub lists what it can tell itself; `notes` come to it.
    """
    told = tuple(text.strip() for text in notes if text.strip())
    return act(hub, request_id, Act.RETURN, by, notice=told)


def resubmit(hub: Hub, request_id: str, application: Application, by: str) -> Request:
    """Hand in what was missing; the application must be complete now."""
    given = _as_kept(application)
    check_names(hub.catalog, given)
    return act(hub, request_id, Act.RESUBMIT, by, application=given)


def accept(hub: Hub, request_id: str, by: str) -> Request:
    """The supervisor finds it complete; the provider decides next (受理)."""
    return act(hub, request_id, Act.ACCEPT, by)


def decide(
    hub: Hub,
    request_id: str,
    decision: Decision,
    by: str,
    reason: str = "",
    terms: Terms | None = None,
    until: date | None = None,
) -> Request:
    """The provider grants what was asked, less (`terms`, `until`), or nothing, with its reason."""
    if decision != "narrow" and (terms is not None or until is not None):
        raise DecisionError(
            f"{request_id}: 只有部分同意可以另定条款 / only narrow takes terms or a last day"
        )
    given = {"terms": terms and _terms_as_kept(terms), "until": until}
    return act(hub, request_id, Act(decision), by, reason=reason, **given)


def ask_extension(hub: Hub, request_id: str, by: str, days: int, reason: str) -> Request:
    """The provider asks for working days more."""
    return act(hub, request_id, Act.ASK_EXTENSION, by, days=days, reason=reason)


def consent(hub: Hub, request_id: str, by: str) -> Request:
    """The supervisor consents to the extension that was asked for."""
    return act(hub, request_id, Act.CONSENT, by)


def dispute(hub: Hub, request_id: str, by: str, reason: str) -> Request:
    """The subscriber disagrees with a refusal or a narrowing, within its time."""
    today = clocks.today(hub)
    for clock in clocks.clocks_of(hub, "request", request_id):
        if clock.duty == Duty.DISPUTE_DECISION and is_over(clock, today):
            raise DecisionError(
                f"{request_id}: 提出争议的期限 {clock.due_on} 已过 / it could be disputed until "
                f"{clock.due_on}"
            )
    return act(hub, request_id, Act.DISPUTE, by, reason=reason)


def settle(
    hub: Hub,
    request_id: str,
    by: str,
    upheld: bool,
    reason: str,
    terms: Terms | None = None,
    until: date | None = None,
) -> Request:
    """The supervisor upholds the decision, or overturns it and grants `terms` (None: all)."""
    if upheld and (terms is not None or until is not None):
        raise DecisionError(
            f"{request_id}: 维持原决定时不得另定条款 / a decision that is upheld takes no terms"
        )
    kind = Act.UPHOLD if upheld else Act.OVERTURN
    given = {"terms": terms and _terms_as_kept(terms), "until": until}
    return act(hub, request_id, kind, by, reason=reason, **given)


def withdraw(hub: Hub, request_id: str, by: str, reason: str = "") -> Request:
    """The subscriber takes an undecided request back."""
    return act(hub, request_id, Act.WITHDRAW, by, reason=reason)


def lapse(hub: Hub) -> list[Request]:
    """End what its subscriber let lie past the last day; `watch` calls it.

    A returned request is as if withdrawn; a decision that nobody disputed in time stands.
    """
    today = clocks.today(hub)
    over = [
        clock.subject_id
        for clock in clocks.running(hub)
        if clock.subject == "request" and clock.duty in LAPSING and is_over(clock, today)
    ]
    return [request for request_id in over if (request := _lapse(hub, request_id)) is not None]


def _lapse(hub: Hub, request_id: str) -> Request | None:
    with hub.ledger.writing() as connection:
        request, events = ledger.locked(connection, request_id)
        today = clocks.today(hub)
        due = clock_ledger.running(connection, "request", request_id)
        if not any(clock.duty in LAPSING and is_over(clock, today) for clock in due):
            return None  # somebody acted meanwhile
        carry_out(hub, connection, case_of(hub, request, events), Act.LAPSE, HUB)
    return ledger.request_of(hub.ledger, request_id)


def _as_kept(application: Application) -> Application:
    """The application as the ledger gives it back: what is compared later is the same."""
    return Application.model_validate(application.model_dump(mode="json"))


def _terms_as_kept(terms: Terms) -> Terms:
    return Terms.model_validate(terms.model_dump(mode="json"))
