"""The life of an objection, as a pure function: a case and an act give the case that follows.

Laws, tested by property: nobody answers what they filed; who answered does not settle the dispute
about it; what has ended stays so; every state that is not final has an owner and a duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from hub.errors import DecisionError
from schemas.clocks import Duty
from schemas.sharing import Role


class State(StrEnum):
    FILED = "filed"  # 已提出，待核实
    UPHELD = "upheld"  # 属实，待更正
    REJECTED = "rejected"  # 经核实无误
    DISPUTED = "disputed"  # 有争议，待协调
    MENDED = "mended"  # 已更正：后续版本为另一值
    DISMISSED = "dismissed"  # 维持原值
    WITHDRAWN = "withdrawn"  # 已撤回


class Act(StrEnum):
    FILE = "file"
    UPHOLD = "uphold"
    REJECT = "reject"
    DISPUTE = "dispute"
    OVERTURN = "overturn"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"
    MEND = "mend"  # by the hub: a release carries another value
    LAPSE = "lapse"  # by the hub: nobody disputed in time


class Seat(StrEnum):
    SUBSCRIBER = "subscriber"
    SUPPLIER = "supplier"
    SUPERVISOR = "supervisor"
    HUB = "hub"


STANDING = (State.FILED, State.UPHELD, State.REJECTED, State.DISPUTED)
"""States in which a release with another value still closes the objection."""

TABLE: dict[tuple[State | None, Act], tuple[Seat, State]] = {
    (None, Act.FILE): (Seat.SUBSCRIBER, State.FILED),
    (State.FILED, Act.UPHOLD): (Seat.SUPPLIER, State.UPHELD),
    (State.FILED, Act.REJECT): (Seat.SUPPLIER, State.REJECTED),
    (State.FILED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.UPHELD, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.REJECTED, Act.DISPUTE): (Seat.SUBSCRIBER, State.DISPUTED),
    (State.REJECTED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.REJECTED, Act.LAPSE): (Seat.HUB, State.DISMISSED),
    (State.DISPUTED, Act.OVERTURN): (Seat.SUPERVISOR, State.UPHELD),
    (State.DISPUTED, Act.DISMISS): (Seat.SUPERVISOR, State.DISMISSED),
    (State.DISPUTED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
} | {(state, Act.MEND): (Seat.HUB, State.MENDED) for state in STANDING}

OWNERS: dict[State, tuple[Seat, Duty]] = {
    State.FILED: (Seat.SUPPLIER, Duty.ANSWER_OBJECTION),
    State.UPHELD: (Seat.SUPPLIER, Duty.MEND_OBJECTION),
    State.REJECTED: (Seat.SUBSCRIBER, Duty.DISPUTE_ANSWER),
    State.DISPUTED: (Seat.SUPERVISOR, Duty.SETTLE_OBJECTION),
}
FILING = (Act.FILE, Act.DISPUTE)
ANSWERING = (Act.UPHOLD, Act.REJECT)
JUDGING = (*ANSWERING, Act.OVERTURN, Act.DISMISS)
SETTLING = (Act.OVERTURN, Act.DISMISS)
REASONED = (Act.FILE, Act.REJECT, Act.DISPUTE, *SETTLING)


@dataclass(frozen=True)
class Case:
    """One objection as the rules see it; departments by name, people by theirs.

    `supplier` answers: the department whose value survived, or the supervisor where that is the
    subscriber itself or has nobody who could.
    """

    id: str
    subscriber: str
    supplier: str
    supervisor: str
    state: State | None = None
    filers: frozenset[str] = frozenset()
    answerers: frozenset[str] = frozenset()

    @property
    def owner(self) -> tuple[str, Duty] | None:
        """The department that has to act next, and its duty; None when all is over."""
        if self.state not in OWNERS:
            return None
        seat, duty = OWNERS[self.state]
        return post(self, seat)[1], duty


def post(case: Case, seat: Seat) -> tuple[Role | None, str]:
    """The role and department that a seat stands for in this case."""
    match seat:
        case Seat.SUBSCRIBER:
            return Role.APPLICANT, case.subscriber
        case Seat.SUPPLIER if case.supplier != case.supervisor:
            return Role.APPROVER, case.supplier
        case Seat.HUB:
            return None, ""
        case _:
            return Role.SUPERVISOR, case.supervisor


def seat_of(case: Case, act: Act) -> Seat:
    """Who may do an act now; raises `DecisionError` when nobody may."""
    if (case.state, act) not in TABLE:
        raise _no(case, f"状态为 {case.state}，不能 {act}", f"it is {case.state}: no {act} now")
    return TABLE[case.state, act][0]


def then(case: Case, act: Act, by: str, reason: str = "") -> Case:
    """The case after an act; raises `DecisionError` when it may not be done, saying why."""
    seat_of(case, act)
    if act in JUDGING and by in case.filers:
        raise _no(case, "不得处理本人提出的异议", f"{by} filed it and decides nothing on it")
    if act in SETTLING and by in case.answerers:
        raise _no(case, "原核实人不得处理争议", f"{by} answered it and settles no dispute")
    if act in REASONED and not reason.strip():
        raise _no(case, "须说明理由", "a reason is needed")
    return replace(
        case,
        state=TABLE[case.state, act][1],
        filers=case.filers | {by} if act in FILING else case.filers,
        answerers=case.answerers | {by} if act in ANSWERING else case.answerers,
    )


def _no(case: Case, zh: str, en: str) -> DecisionError:
    return DecisionError(f"{case.id}: {zh} / {en}")
