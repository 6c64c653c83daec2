"""Rule sets of clocks: how many working days each duty of sharing may take, from which day on.

`clocks/<name>-<first day in force>.yaml` of the catalog folder, or the ones that come with the hub.
A clock keeps the rule set in force on the day that it started: a changed regulation is one more
file, and moves no clock that runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field, model_validator

from schemas.promise import Promise
from schemas.properties import Title


class Duty(StrEnum):
    """What has to be done in time; every rule set says how long each of them may take."""

    REVIEW_REQUEST = "reviewRequest"  # 共享主管部门: complete and in order?
    COMPLETE_REQUEST = "completeRequest"  # 申请部门: brings what was missing
    GRANT_UNCONDITIONAL = "grantUnconditional"  # 提供部门, 无条件共享
    DECIDE_CONDITIONAL = "decideConditional"  # 提供部门, 有条件共享
    DELIVER = "deliver"  # 提供部门: data flow after the decision
    DISPUTE_DECISION = "disputeDecision"  # 申请部门: may disagree until then
    SETTLE_DISPUTE = "settleDispute"  # 共享主管部门
    ANSWER_OBJECTION = "answerObjection"  # 数源部门: 校核
    DISPUTE_ANSWER = "disputeAnswer"  # 申请部门: may disagree with the answer
    SETTLE_OBJECTION = "settleObjection"  # 共享主管部门
    MEND_OBJECTION = "mendObjection"  # 数源部门: the value itself


RIGHTS = frozenset({Duty.DISPUTE_DECISION, Duty.DISPUTE_ANSWER})
"""What somebody may do until then and need not: when the time is over, nothing is overdue."""


class ClockRule(Promise):
    """The limit of one duty, in working days."""

    working_days: int = Field(ge=1, le=250)
    extension: int = Field(default=0, ge=0, le=250, description="working days more, with consent")
    warn_before: int = Field(default=1, ge=0, le=60, description="working days before the last")
    source: str | None = Field(default=None, description="the clause that says so")
    confirmed: bool | None = None  # None: as the rule set


class RuleSet(Promise):
    """One regulation's limits, from its first day in force."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    effective: date
    title: Title
    source: str
    confirmed: bool = Field(description="whether a lawyer has compared it with the text in force")
    duties: dict[Duty, ClockRule]

    @model_validator(mode="after")
    def _every_duty(self) -> RuleSet:
        if missing := [duty.value for duty in Duty if duty not in self.duties]:
            raise ValueError(f"no limit for {', '.join(missing)}")
        return self

    @property
    def key(self) -> str:
        """What a clock keeps of its rule set: name and first day in force."""
        return f"{self.name}-{self.effective.isoformat()}"


def in_force(sets: Mapping[str, tuple[RuleSet, ...]], name: str, day: date) -> RuleSet | None:
    """The newest rule set of a profile that is in force on a day; None before its first."""
    known = [one for one in sets.get(name, ()) if one.effective <= day]
    return max(known, key=lambda one: one.effective, default=None)
