"""The states of a request, the acts between them, and who has to act next: one table."""

from __future__ import annotations

from enum import StrEnum

from schemas.clocks import Duty


class State(StrEnum):
    FILED = "filed"  # 已提交，待受理
    RETURNED = "returned"  # 已退回补正
    ACCEPTED = "accepted"  # 已受理，待审批
    GRANTED = "granted"  # 同意
    NARROWED = "narrowed"  # 部分同意
    REFUSED = "refused"  # 不同意
    DISPUTED = "disputed"  # 有争议，待协调
    UPHELD = "upheld"  # 维持原决定
    OVERTURNED = "overturned"  # 改变原决定
    WITHDRAWN = "withdrawn"  # 已撤回
    LAPSED = "lapsed"  # 逾期未补正，视为撤回


class Act(StrEnum):
    FILE = "file"
    RETURN = "return"
    RESUBMIT = "resubmit"
    ACCEPT = "accept"
    GRANT = "grant"
    GRANT_BY_RULE = "grant_by_rule"
    NARROW = "narrow"
    REFUSE = "refuse"
    ASK_EXTENSION = "ask_extension"
    CONSENT = "consent"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


class Seat(StrEnum):
    """On whose behalf an act is done."""

    SUBSCRIBER = "subscriber"
    PROVIDER = "provider"
    SUPERVISOR = "supervisor"
    RULE = "rule"  # the hub itself; no person


BEGIN = "begin"
TABLE: dict[tuple[str, Act], tuple[Seat, State]] = {
    (BEGIN, Act.FILE): (Seat.SUBSCRIBER, State.FILED),
    (State.FILED, Act.RETURN): (Seat.SUPERVISOR, State.RETURNED),
    (State.FILED, Act.ACCEPT): (Seat.SUPERVISOR, State.ACCEPTED),
    (State.FILED, Act.GRANT_BY_RULE): (Seat.RULE, State.GRANTED),
    (State.FILED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.RETURNED, Act.RESUBMIT): (Seat.SUBSCRIBER, State.FILED),  # or where it came from
    (State.RETURNED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.RETURNED, Act.LAPSE): (Seat.RULE, State.LAPSED),
    (State.ACCEPTED, Act.RETURN): (Seat.PROVIDER, State.RETURNED),
    (State.ACCEPTED, Act.GRANT): (Seat.PROVIDER, State.GRANTED),
    (State.ACCEPTED, Act.GRANT_BY_RULE): (Seat.RULE, State.GRANTED),
    (State.ACCEPTED, Act.NARROW): (Seat.PROVIDER, State.NARROWED),
    (State.ACCEPTED, Act.REFUSE): (Seat.PROVIDER, State.REFUSED),
    (State.ACCEPTED, Act.ASK_EXTENSION): (Seat.PROVIDER, State.ACCEPTED),
    (State.ACCEPTED, Act.CONSENT): (Seat.SUPERVISOR, State.ACCEPTED),
    (State.ACCEPTED, Act.WITHDRAW): (Seat.SUBSCRIBER, State.WITHDRAWN),
    (State.NARROWED, Act.DISPUTE): (Seat.SUBSCRIBER, State.DISPUTED),
    (State.NARROWED, Act.LAPSE): (Seat.RULE, State.NARROWED),
    (State.REFUSED, Act.DISPUTE): (Seat.SUBSCRIBER, State.DISPUTED),
    (State.REFUSED, Act.LAPSE): (Seat.RULE, State.REFUSED),
    (State.DISPUTED, Act.UPHOLD): (Seat.SUPERVISOR, State.UPHELD),
    (State.DISPUTED, Act.OVERTURN): (Seat.SUPERVISOR, State.OVERTURNED),
}
OWNERS: dict[State, tuple[Seat, Duty]] = {
    State.FILED: (Seat.SUPERVISOR, Duty.REVIEW_REQUEST),
    State.RETURNED: (Seat.SUBSCRIBER, Duty.COMPLETE_REQUEST),
    State.ACCEPTED: (Seat.PROVIDER, Duty.DECIDE_CONDITIONAL),
    State.NARROWED: (Seat.SUBSCRIBER, Duty.DISPUTE_DECISION),
    State.REFUSED: (Seat.SUBSCRIBER, Duty.DISPUTE_DECISION),
    State.DISPUTED: (Seat.SUPERVISOR, Duty.SETTLE_DISPUTE),
}
"""Who has to act next, and which clock runs; a state that is missing here is final."""

FILING = {Act.FILE, Act.RESUBMIT, Act.DISPUTE}
DECIDING = {Act.GRANT, Act.NARROW, Act.REFUSE}
SETTLING = {Act.UPHOLD, Act.OVERTURN}
JUDGING = {Act.RETURN, Act.ACCEPT, Act.ASK_EXTENSION, Act.CONSENT, *DECIDING, *SETTLING}
REASONED = {Act.NARROW, Act.REFUSE, Act.ASK_EXTENSION, Act.DISPUTE, *SETTLING}
OPENING = {Act.GRANT, Act.GRANT_BY_RULE, Act.NARROW, Act.OVERTURN}
"""Acts by which a grant is made."""
