"""The words of requests, acts and duties in both languages."""

from __future__ import annotations

from hub.requests.states import Act, State
from schemas.clocks import Duty

STATES = {
    State.FILED: "filed 待受理",
    State.RETURNED: "returned 退回补正",
    State.ACCEPTED: "accepted 待审批",
    State.GRANTED: "granted 同意",
    State.NARROWED: "narrowed 部分同意",
    State.REFUSED: "refused 不同意",
    State.DISPUTED: "disputed 有争议",
    State.UPHELD: "upheld 维持",
    State.OVERTURNED: "overturned 改变",
    State.WITHDRAWN: "withdrawn 已撤回",
    State.LAPSED: "lapsed 逾期失效",
}
ACTS = {
    Act.FILE: "filed 提交申请",
    Act.RETURN: "returned 一次性告知补正",
    Act.RESUBMIT: "resubmitted 补正后提交",
    Act.ACCEPT: "accepted 受理",
    Act.GRANT: "granted 同意",
    Act.GRANT_BY_RULE: "granted by rule 无条件共享，按规则同意",
    Act.NARROW: "narrowed 部分同意",
    Act.REFUSE: "refused 不同意",
    Act.ASK_EXTENSION: "asked for more time 申请延期",
    Act.CONSENT: "consented 同意延期",
    Act.DISPUTE: "disputed 提出争议",
    Act.UPHOLD: "upheld 维持原决定",
    Act.OVERTURN: "overturned 改变原决定",
    Act.WITHDRAW: "withdrawn 撤回",
    Act.LAPSE: "lapsed 期限已过",
}
CLOCKS = {
    "running": "running 进行中",
    "paused": "paused 中止",
    "overdue": "overdue 逾期",
    "over": "over 期满",
    "stopped": "stopped 已办结",
}
DUTIES = {
    Duty.REVIEW_REQUEST: "review a request 受理申请",
    Duty.COMPLETE_REQUEST: "bring what is missing 补正材料",
    Duty.GRANT_UNCONDITIONAL: "grant, unconditional 无条件共享答复",
    Duty.DECIDE_CONDITIONAL: "decide, conditional 有条件共享答复",
    Duty.DELIVER: "deliver 提供数据",
    Duty.DISPUTE_DECISION: "may dispute 可提出争议",
    Duty.SETTLE_DISPUTE: "settle a dispute 协调争议",
    Duty.ANSWER_OBJECTION: "answer an objection 校核答复",
    Duty.DISPUTE_ANSWER: "may dispute the answer 可对答复提出争议",
    Duty.SETTLE_OBJECTION: "settle an objection 协调校核争议",
    Duty.MEND_OBJECTION: "mend the value 更正数据",
}
