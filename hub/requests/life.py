"""The life of a request, as a pure function: a case and an act give the case that follows.

Laws, tested by property: what is decided lies within what was asked; nobody decides on what they
filed; who decided does not settle the dispute; nothing but a settled dispute changes a decision;
every state that is not final has an owner and a duty with a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from hub.errors import DecisionError, NotAllowed
from hub.requests.states import (
    BEGIN,
    DECIDING,
    FILING,
    JUDGING,
    OPENING,
    OWNERS,
    REASONED,
    SETTLING,
    TABLE,
    Act,
    Seat,
    State,
)
from schemas.clocks import Duty
from schemas.sharing import Application, Role, Terms
from schemas.terms import fields_used, within


@dataclass(frozen=True)
class Case:
    """One request as the rules see it; departments by name, people by theirs."""

    id: str
    subscriber: str
    provider: str
    supervisor: str
    application: Application
    free: frozenset[str] = frozenset()  # fields of the dataset that are shared unconditionally
    state: State | None = None
    decided: Terms | None = None
    until: date | None = None
    returned_from: State | None = None  # it has been returned, once and for all
    asked_days: int = 0  # of an extension that nobody has consented to yet
    asked_by: str = ""
    closed: bool = False  # the time for a dispute is over
    filers: frozenset[str] = frozenset()
    deciders: frozenset[str] = frozenset()

    @property
    def owner(self) -> tuple[str, Duty] | None:
        """The department that has to act next, and its duty; None when all is over."""
        if self.state is None or self.closed or self.state not in OWNERS:
            return None
        seat, duty = OWNERS[self.state]
        return post(self, seat)[1], duty

    @property
    def unconditional(self) -> bool:
        """Whether everything that is asked for is shared unconditionally."""
        used = fields_used(self.application.terms)
        return bool(used) and self.free.issuperset(used)


@dataclass(frozen=True)
class Acted:
    """What somebody does. `lacking` is everything wrong with the application that is looked at."""

    act: Act
    by: str
    department: str
    on: date
    reason: str = ""
    application: Application | None = None
    terms: Terms | None = None
    until: date | None = None
    notice: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    days: int = 0


def post(case: Case, seat: Seat) -> tuple[Role | None, str]:
    """The role and department that a seat stands for in this case.

    Where the provider asks for its own dataset, the supervisor decides in its place.
    """
    if seat is Seat.SUBSCRIBER:
        return Role.APPLICANT, case.subscriber
    if seat is Seat.PROVIDER and case.provider != case.subscriber:
        return Role.APPROVER, case.provider
    return (None, "") if seat is Seat.RULE else (Role.SUPERVISOR, case.supervisor)


def seat_of(case: Case, act: Act) -> Seat:
    """Who may do an act now; raises `DecisionError` when nobody may."""
    known = TABLE.get((case.state or BEGIN, act))
    if known is None or case.closed:
        raise _no(case, f"状态为 {case.state}，不能 {act}", f"it is {case.state}: no {act} now")
    return known[0]


def then(case: Case, acted: Acted) -> Case:
    """The case after an act; raises `DecisionError` when it may not be done, saying why."""
    seat = seat_of(case, acted.act)
    _people(case, acted, seat)
    if acted.act in REASONED and not acted.reason.strip():
        raise _no(case, "须说明理由", "a reason is needed")
    state = TABLE[(case.state or BEGIN, acted.act)][1]
    after = replace(case, state=state)
    match acted.act:
        case Act.RETURN:
            after = _returned(case, acted, after)
        case Act.RESUBMIT:
            after = _resubmitted(case, acted, after)
        case Act.ACCEPT:
            _complete(case, acted)
        case Act.ASK_EXTENSION:
            after = _asked(case, acted, after)
        case Act.CONSENT:
            after = _consented(case, after)
        case Act.REFUSE:
            after = _refused(case, after)
        case Act.LAPSE:
            after = replace(after, closed=True)
        case _ if acted.act in OPENING:
            after = _opened(case, acted, after)
    filers = case.filers | {acted.by} if acted.act in FILING else case.filers
    deciders = case.deciders | {acted.by} if acted.act in DECIDING else case.deciders
    return replace(after, filers=filers, deciders=deciders)


def _people(case: Case, acted: Acted, seat: Seat) -> None:
    if acted.department != post(case, seat)[1]:
        raise _not_you(
            case, f"{acted.department} 无权办理", f"{acted.department} may not {acted.act}"
        )
    if acted.act in JUDGING and acted.by in case.filers:
        raise _not_you(
            case, "不得审批本人提交的申请", f"{acted.by} filed it and decides nothing on it"
        )
    if acted.act in SETTLING and acted.by in case.deciders:
        raise _not_you(
            case, "原审批人不得处理争议", f"{acted.by} decided it and settles no dispute"
        )
    if acted.act is Act.CONSENT and acted.by == case.asked_by:
        raise _not_you(
            case, "不得同意本人提出的延期", f"{acted.by} asked for it: somebody else consents"
        )


def _returned(case: Case, acted: Acted, after: Case) -> Case:
    if case.returned_from is not None:
        raise _no(case, "只能一次性告知补正", "it was returned once: nothing more may be asked for")
    if not acted.notice:
        raise _no(case, "材料齐全，无须补正", "nothing is missing: say with --note what is")
    return replace(after, returned_from=case.state, asked_days=0, asked_by="")


def _resubmitted(case: Case, acted: Acted, after: Case) -> Case:
    new = acted.application
    assert new is not None
    if (new.subscriber, new.dataset) != (case.application.subscriber, case.application.dataset):
        raise _no(case, "不得变更部门或数据集", "it is for the same subscriber and dataset")
    _complete(case, acted)
    if case.returned_from is State.ACCEPTED and not _less(new, case.application):
        raise _no(case, "受理后不得扩大申请范围", "once accepted it may not ask for more")
    assert case.returned_from is not None
    return replace(after, state=case.returned_from, application=new)


def _less(new: Application, old: Application) -> bool:
    lasts = old.until is None or (new.until is not None and new.until <= old.until)
    return lasts and not within(new.terms, old.terms)


def _complete(case: Case, acted: Acted) -> None:
    if acted.lacking:
        listed = "; ".join(acted.lacking)
        raise _no(case, f"申请不完整：{listed}", f"it is not complete ({len(acted.lacking)})")


def _asked(case: Case, acted: Acted, after: Case) -> Case:
    if case.asked_days:
        raise _no(case, "已提出延期", "an extension was asked for already")
    return replace(after, asked_days=acted.days, asked_by=acted.by)


def _consented(case: Case, after: Case) -> Case:
    if not case.asked_days:
        raise _no(case, "没有待同意的延期", "no extension was asked for")
    return replace(after, asked_days=0, asked_by="")


def _refused(case: Case, after: Case) -> Case:
    if case.unconditional:
        raise _no(case, "无条件共享不得拒绝", "what is shared unconditionally cannot be refused")
    return replace(after, decided=None, until=None)


def _opened(case: Case, acted: Acted, after: Case) -> Case:
    asked = case.application
    _complete(case, acted)
    terms, until = asked_terms(case, acted)
    if acted.act is Act.GRANT_BY_RULE and not case.unconditional:
        raise _no(case, "含有条件共享项", "not everything is shared unconditionally")
    if faults := within(terms, asked.terms):
        listed = "; ".join(f"{fault.zh} / {fault.en}" for fault in faults)
        raise _no(case, f"超出申请范围：{listed}", "this is more than was asked for")
    if asked.until is None or until is None or until > asked.until:
        raise _no(case, "期限超出申请", "this lasts longer than was asked for")
    if until < acted.on:
        raise _no(case, f"使用期限 {until} 已过", f"its last day {until} is over")
    if acted.act is Act.NARROW:
        _fairly_narrowed(case, terms, until)
    return replace(after, decided=terms, until=until)


def asked_terms(case: Case, acted: Acted) -> tuple[Terms, date | None]:
    """What an act would grant: as asked, unless the act itself names less."""
    asked = case.application
    if acted.act in (Act.GRANT, Act.GRANT_BY_RULE):
        return asked.terms, asked.until
    return acted.terms or asked.terms, acted.until or asked.until


def _fairly_narrowed(case: Case, terms: Terms, until: date) -> None:
    asked = case.application
    if terms == asked.terms and until == asked.until:
        raise _no(case, "与申请相同，请直接同意", "this is all that was asked for: grant it")
    if case.unconditional:
        raise _no(
            case, "无条件共享不得附加条件", "no condition may be put on unconditional sharing"
        )
    kept = {granted.name: granted for granted in terms.fields}
    for granted in asked.terms.fields:
        if granted.name in case.free and kept.get(granted.name) != granted:
            name = granted.name
            raise _no(case, f"{name} 为无条件共享", f"{name} is shared unconditionally: keep it")


def _no(case: Case, zh: str, en: str) -> DecisionError:
    return DecisionError(f"{case.id}: {zh} / {en}")


def _not_you(case: Case, zh: str, en: str) -> NotAllowed:
    return NotAllowed(f"{case.id}: {zh} / {en}")
