"""Requests for data, from the application to the grant (共享申请)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from hub.opened import Hub
from hub.records import Request
from schemas.sharing import Application, Terms

Decision = Literal["grant", "narrow", "refuse"]


def file(hub: Hub, application: Application, by: str) -> Request:
    """File a request; an unconditional and complete one is granted by rule at once."""
    raise NotImplementedError


def missing(hub: Hub, application: Application) -> tuple[str, ...]:
    """Everything that an application lacks, in both languages, each as one sentence."""
    raise NotImplementedError


def give_back(hub: Hub, request_id: str, by: str, notes: Sequence[str] = ()) -> Request:
    """Return a request, once, with one notice of everything that is missing (一次性告知)."""
    raise NotImplementedError


def resubmit(hub: Hub, request_id: str, application: Application, by: str) -> Request:
    """Hand in what was missing; the application must be complete now."""
    raise NotImplementedError


def accept(hub: Hub, request_id: str, by: str) -> Request:
    """The supervisor finds it complete; the provider decides next (受理)."""
    raise NotImplementedError


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
    raise NotImplementedError


def ask_extension(hub: Hub, request_id: str, by: str, days: int, reason: str) -> Request:
    """The provider asks for working days more."""
    raise NotImplementedError


def consent(hub: Hub, request_id: str, by: str) -> Request:
    """The supervisor consents to the extension that was asked for."""
    raise NotImplementedError


def dispute(hub: Hub, request_id: str, by: str, reason: str) -> Request:
    """The subscriber disagrees with a refusal or a narrowing."""
    raise NotImplementedError


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
    raise NotImplementedError


def withdraw(hub: Hub, request_id: str, by: str, reason: str = "") -> Request:
    """The subscriber takes an undecided request back."""
    raise NotImplementedError


def lapse(hub: Hub) -> list[Request]:
    """End what its subscriber let lie past the last day; `watch` calls it."""
    raise NotImplementedError


def request_of(hub: Hub, request_id: str) -> Request:
    """One request; raises `NotFound`."""
    raise NotImplementedError
