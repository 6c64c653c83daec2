"""The desk: what people may do with a request, who may not, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub import clocks, grants, requests
from hub.errors import DecisionError, NotFound
from hub.ledger.audit_tables import audit_event
from hub.opened import Hub
from schemas.clocks import Duty
from schemas.sharing import Condition, GrantedField, Terms, Way
from tests.requests.city import (
    ASKED,
    BORN,
    FREE,
    INCOMPLETE,
    LESS,
    NAME,
    SEX,
    TERMS,
    Clock,
    asking,
    sharing_documents,
    sharing_hub,
)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[tuple[Hub, Clock]]:
    with sharing_hub(tmp_path) as opened:
        yield opened


def accepted(hub: Hub) -> str:
    filed = requests.file(hub, ASKED, "ann")
    return requests.accept(hub, filed.id, "sue").id


def duties(hub: Hub, case: str) -> list[str]:
    """The duties whose clocks run or stand still."""
    found = clocks.clocks_of(hub, "request", case)
    return [clock.duty for clock in found if clock.stopped_on is None]


def events(hub: Hub) -> list[str]:
    """What was logged of sharing; the keys that the hub makes itself are another matter."""
    with hub.ledger.reading() as connection:
        found = connection.execute(audit_event.select().order_by(audit_event.c.seq))
        return [row.kind for row in found if row.kind != "administrative_act"]


def test_a_conditional_request_is_filed_accepted_and_granted(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, ASKED, "ann")
    assert (filed.id, filed.state, filed.provider) == ("R2026-000001", "filed", "police")
    assert duties(hub, filed.id) == [Duty.REVIEW_REQUEST]
    requests.accept(hub, filed.id, "sue")
    assert duties(hub, filed.id) == [Duty.DECIDE_CONDITIONAL]
    done = requests.decide(hub, filed.id, "grant", "paul")
    assert (done.state, duties(hub, filed.id)) == ("granted", [])
    assert done.grant_id is not None
    grant = grants.grant_of(hub, done.grant_id)
    assert (grant.terms, grant.subscriber, grant.granted_by) == (TERMS, "civil", "paul")
    assert grant.expires_at == datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    [delivery] = clocks.clocks_of(hub, "delivery", grant.id)
    assert (delivery.duty, delivery.department, delivery.working_days) == ("deliver", "police", 20)
    logged = ["request_filed", "request_accepted", "grant_made", "request_decided"]
    assert events(hub) == logged


def test_what_is_unconditional_is_granted_by_rule_when_filed(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, FREE, "ann")
    assert filed.state == "granted"
    assert filed.grant_id is not None
    assert grants.grant_of(hub, filed.grant_id).granted_by == "hub"
    assert [event.kind for event in requests.history_of(hub, filed.id)] == ["file", "grant_by_rule"]


def test_an_incomplete_unconditional_request_is_granted_once_it_is_complete(
    city: tuple[Hub, Clock],
) -> None:
    hub, _ = city
    filed = requests.file(hub, FREE.model_copy(update={"purpose": ""}), "ann")
    assert filed.state == "filed"
    requests.give_back(hub, filed.id, "sue")
    assert requests.resubmit(hub, filed.id, FREE, "amy").state == "granted"


def test_one_notice_names_everything_that_is_missing(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    denied = (GrantedField(name="nobody"), *INCOMPLETE.terms.fields)
    terms = Terms(fields=denied, ways=(Way.FILE, Way.DATABASE))
    wrong = INCOMPLETE.model_copy(update={"terms": terms, "contact": ""})
    lacking = requests.missing(hub, wrong)
    filed = requests.file(hub, wrong, "ann")
    with pytest.raises(DecisionError, match="not complete"):
        requests.accept(hub, filed.id, "sue")
    requests.give_back(hub, filed.id, "sue", ["请附依据原文 / attach the text"])
    [_, returned] = requests.history_of(hub, filed.id)
    assert returned.detail["notice"] == [*lacking, "请附依据原文 / attach the text"]
    assert len(lacking) == 7  # purpose, basis, contact, last day, a field, two inboxes
    for word in ("purpose", "legal basis", "contact", "last day", "nobody", "files", "database"):
        assert any(word in line for line in lacking), word


def test_it_is_returned_only_once_and_mended_before_it_goes_on(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, INCOMPLETE, "ann")
    requests.give_back(hub, filed.id, "sue")
    with pytest.raises(DecisionError, match="not complete"):
        requests.resubmit(hub, filed.id, asking(purpose=""), "ann")
    assert requests.resubmit(hub, filed.id, ASKED, "ann").state == "filed"
    with pytest.raises(DecisionError, match="returned once"):
        requests.give_back(hub, filed.id, "sue", ["再补一份"])
    requests.accept(hub, filed.id, "sue")
    with pytest.raises(DecisionError, match="returned once"):
        requests.give_back(hub, filed.id, "paul", ["再补一份"])


def test_nothing_complete_is_returned_without_saying_why(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, ASKED, "ann")
    with pytest.raises(DecisionError, match="nothing is missing"):
        requests.give_back(hub, filed.id, "sue", ["  "])


def test_the_clock_stands_still_while_the_applicant_owes_material(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    case = accepted(hub)  # Monday, 10 working days: until Monday the 16th
    clock.days(2)
    requests.give_back(hub, case, "paul", ["请说明频次"])
    assert duties(hub, case) == [Duty.DECIDE_CONDITIONAL, Duty.COMPLETE_REQUEST]
    clock.days(9)  # Friday the 13th
    requests.resubmit(hub, case, ASKED, "ann")
    [decide] = [c for c in clocks.clocks_of(hub, "request", case) if c.duty == "decideConditional"]
    assert decide.due_on == date(2026, 3, 25)  # 8 working days are left
    assert requests.request_of(hub, case).state == "accepted"


def test_after_acceptance_a_resubmission_asks_for_no_more(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, asking(terms=LESS), "ann")
    requests.accept(hub, filed.id, "sue")
    requests.give_back(hub, filed.id, "paul", ["请说明频次"])
    with pytest.raises(DecisionError, match="not ask for more"):
        requests.resubmit(hub, filed.id, ASKED, "ann")
    assert requests.resubmit(hub, filed.id, asking(terms=LESS), "ann").state == "accepted"


def test_a_decision_may_be_less_and_never_more(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    whole_name = Terms(fields=(GrantedField(name="name"), SEX), rows=TERMS.rows, ways=TERMS.ways)
    all_rows = Terms(fields=(NAME, SEX), ways=TERMS.ways)
    for terms in (whole_name, all_rows):
        with pytest.raises(DecisionError, match="more than was asked"):
            requests.decide(hub, case, "narrow", "paul", "最小必要", terms)
    with pytest.raises(DecisionError, match="longer than was asked"):
        requests.decide(hub, case, "narrow", "paul", "最小必要", LESS, date(2027, 1, 1))
    with pytest.raises(DecisionError, match="reason"):
        requests.decide(hub, case, "narrow", "paul", " ", LESS)
    with pytest.raises(DecisionError, match="all that was asked"):
        requests.decide(hub, case, "narrow", "paul", "全部", TERMS)
    done = requests.decide(hub, case, "narrow", "paul", "最小必要", LESS, date(2026, 6, 30))
    assert (done.state, done.decided, done.until) == ("narrowed", LESS, date(2026, 6, 30))
    assert done.grant_id is not None
    assert grants.grant_of(hub, done.grant_id).terms == LESS


def test_unconditional_fields_are_kept_when_the_rest_is_narrowed(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    without_sex = Terms(fields=(NAME, BORN), rows=TERMS.rows, ways=TERMS.ways)
    with pytest.raises(DecisionError, match="sex is shared unconditionally"):
        requests.decide(hub, case, "narrow", "paul", "最小必要", without_sex)


def test_denied_fields_are_never_granted(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    fields = (GrantedField(name="payee_id"), GrantedField(name="amount"))
    wants = asking(dataset="fund", terms=Terms(fields=fields, ways=(Way.PULL,)))
    filed = requests.file(hub, wants, "ann")
    with pytest.raises(DecisionError, match="denied to everybody"):
        requests.accept(hub, filed.id, "sue")


def test_a_denied_dataset_is_refused_at_the_door_with_its_basis(tmp_path: Path) -> None:
    files = sharing_documents()
    fund = files["contracts/dataset/fund.odcs.yaml"]
    for entry in fund["customProperties"]:
        if entry["property"] == "directory":
            entry["value"] |= {"shareType": "denied", "shareCondition": "《某法》第一条"}
    with sharing_hub(tmp_path, files) as (hub, _), pytest.raises(DecisionError, match="《某法》"):
        requests.file(hub, asking(dataset="fund"), "ann")


PEOPLE = [
    ("file", "bob", "is no applicant"),  # an approver of the subscriber
    ("file", "pat", "is no officer of civil"),  # an applicant elsewhere
    ("file", "nobody", "is no officer"),
    ("accept", "paul", "is no officer of bureau"),
    ("grant", "sue", "is no officer of police"),
    ("grant", "bob", "is no officer of police"),
    ("withdraw", "paul", "is no officer of civil"),
]


@pytest.mark.parametrize(("what", "by", "why"), PEOPLE)
def test_only_who_has_the_role_there_may(
    city: tuple[Hub, Clock], what: str, by: str, why: str
) -> None:
    hub, _ = city
    with pytest.raises(DecisionError, match=why):
        if what == "file":
            requests.file(hub, ASKED, by)
        elif what == "accept":
            requests.accept(hub, requests.file(hub, ASKED, "ann").id, by)
        elif what == "grant":
            requests.decide(hub, accepted(hub), "grant", by)
        else:
            requests.withdraw(hub, accepted(hub), by)


def test_the_supervisor_decides_where_the_provider_asks_for_its_own(
    city: tuple[Hub, Clock],
) -> None:
    hub, _ = city
    filed = requests.file(hub, asking(subscriber="police"), "pat")
    requests.accept(hub, filed.id, "sue")
    with pytest.raises(DecisionError):
        requests.decide(hub, filed.id, "grant", "paul")
    [clock] = [c for c in clocks.running(hub, "bureau") if c.subject == "request"]
    assert clock.duty == Duty.DECIDE_CONDITIONAL
    assert requests.decide(hub, filed.id, "grant", "sam").state == "granted"


def test_nobody_decides_on_what_they_filed(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, asking(subscriber="bureau"), "sid")
    with pytest.raises(DecisionError, match="sid filed it"):
        requests.accept(hub, filed.id, "sid")
    assert requests.accept(hub, filed.id, "sam").state == "accepted"


def test_who_decided_does_not_settle_the_dispute(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, asking(subscriber="police"), "pat")
    requests.accept(hub, filed.id, "sue")
    requests.decide(hub, filed.id, "refuse", "sam", "依据不足")
    requests.dispute(hub, filed.id, "pat", "依据充分")
    with pytest.raises(DecisionError, match="sam decided it"):
        requests.settle(hub, filed.id, "sam", True, "维持")
    assert requests.settle(hub, filed.id, "sue", True, "维持").state == "upheld"
    assert duties(hub, filed.id) == []


def test_an_overturned_narrowing_replaces_the_narrow_grant(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    narrow = requests.decide(hub, case, "narrow", "paul", "最小必要", LESS).grant_id
    requests.dispute(hub, case, "amy", "核验需要出生日期")
    done = requests.settle(hub, case, "sue", False, "确有必要")
    assert done.state == "overturned"
    assert done.grant_id != narrow
    assert [grant.id for grant in grants.active_grants(hub)] == [done.grant_id]
    assert done.grant_id is not None
    assert grants.grant_of(hub, done.grant_id).terms == TERMS
    running = [clock.subject_id for clock in clocks.running(hub)]
    assert running == [done.grant_id]


def test_a_refusal_that_is_overturned_opens_no_more_than_was_asked(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    requests.decide(hub, case, "refuse", "paul", "依据不足")
    assert grants.active_grants(hub) == []
    requests.dispute(hub, case, "ann", "依据充分")
    more = Terms(fields=(GrantedField(name="name"),), ways=(Way.PULL,))
    with pytest.raises(DecisionError, match="more than was asked"):
        requests.settle(hub, case, "sue", False, "确有必要", more)
    assert requests.settle(hub, case, "sue", False, "确有必要", LESS).decided == LESS


def test_a_decision_is_disputed_in_time_or_stands(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    case = accepted(hub)
    requests.decide(hub, case, "refuse", "paul", "依据不足")
    clock.days(15)
    assert clocks.overdue(hub) == []  # nobody had to dispute it
    with pytest.raises(DecisionError, match="until 2026-03-16"):
        requests.dispute(hub, case, "ann", "依据充分")
    assert [request.state for request in requests.lapse(hub)] == ["refused"]
    assert requests.lapse(hub) == []
    assert duties(hub, case) == []
    with pytest.raises(DecisionError):
        requests.dispute(hub, case, "ann", "依据充分")


def test_what_is_not_mended_in_time_lapses(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    filed = requests.file(hub, INCOMPLETE, "ann")
    requests.give_back(hub, filed.id, "sue")
    clock.days(14)
    assert requests.lapse(hub) == []  # the last day itself
    clock.days(1)
    assert [request.state for request in requests.lapse(hub)] == ["lapsed"]
    with pytest.raises(DecisionError):
        requests.resubmit(hub, filed.id, ASKED, "ann")
    assert duties(hub, filed.id) == []


def test_an_extension_is_asked_for_and_consented_to(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    with pytest.raises(DecisionError, match="at most 10"):
        requests.ask_extension(hub, case, "paul", 11, "数据复杂")
    with pytest.raises(DecisionError, match="no extension"):
        requests.consent(hub, case, "sue")
    requests.ask_extension(hub, case, "paul", 5, "数据复杂")
    with pytest.raises(DecisionError, match="asked for already"):
        requests.ask_extension(hub, case, "pia", 5, "数据复杂")
    requests.consent(hub, case, "sue")
    [clock] = clocks.running(hub)
    assert (clock.extended_days, clock.due_on) == (5, date(2026, 3, 23))
    with pytest.raises(DecisionError, match="extended already"):
        requests.ask_extension(hub, case, "paul", 5, "还要")


def test_who_asks_for_an_extension_does_not_consent(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    filed = requests.file(hub, asking(subscriber="police"), "pat")
    requests.accept(hub, filed.id, "sue")
    requests.ask_extension(hub, filed.id, "sam", 5, "数据复杂")
    with pytest.raises(DecisionError, match="sam asked for it"):
        requests.consent(hub, filed.id, "sam")
    requests.consent(hub, filed.id, "sue")


def test_the_hour_is_late_nothing_is_extended_after_the_last_day(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    case = accepted(hub)
    clock.days(15)
    with pytest.raises(DecisionError, match="last day is over"):
        requests.ask_extension(hub, case, "paul", 5, "数据复杂")
    [late] = clocks.overdue(hub, "police")
    assert late.subject_id == case
    assert clocks.overdue(hub, "civil") == []


def test_a_request_is_withdrawn_before_it_is_decided(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    case = accepted(hub)
    assert requests.withdraw(hub, case, "amy").state == "withdrawn"
    assert duties(hub, case) == []
    with pytest.raises(DecisionError):
        requests.decide(hub, case, "grant", "paul")


def test_a_refused_act_leaves_nothing_behind(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    with pytest.raises(DecisionError):
        requests.file(hub, ASKED, "bob")
    assert requests.requests_of(hub) == []
    assert events(hub) == []
    with pytest.raises(NotFound):
        requests.request_of(hub, "R2026-000001")


def test_a_last_day_that_has_passed_meanwhile_cannot_be_granted(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    filed = requests.file(hub, asking(until=date(2026, 3, 4)), "ann")
    requests.accept(hub, filed.id, "sue")
    clock.days(3)
    with pytest.raises(DecisionError, match="is over"):
        requests.decide(hub, filed.id, "grant", "paul")


def test_numbers_follow_one_another_within_a_year(city: tuple[Hub, Clock]) -> None:
    hub, clock = city
    assert [requests.file(hub, ASKED, "ann").id[-6:] for _ in range(3)] == [
        "000001",
        "000002",
        "000003",
    ]
    clock.at = datetime(2027, 1, 4, tzinfo=UTC)
    assert requests.file(hub, ASKED, "ann").id == "R2027-000001"


@pytest.mark.parametrize("text", ["\x1b[2J", "\x00", "a\u202eb", "\ud800", "长" * 2001])
def test_words_that_act_on_who_reads_them_are_refused(city: tuple[Hub, Clock], text: str) -> None:
    hub, _ = city
    with pytest.raises(DecisionError):
        requests.file(hub, asking(contact=text), "ann")
    accepted_one = accepted(hub)
    with pytest.raises(DecisionError):
        requests.decide(hub, accepted_one, "refuse", "paul", text)
    rows = (Condition(field="sex", one_of=(text,)),)
    for terms in (Terms(fields=(GrantedField(name=text),)), Terms(rows=rows)):
        with pytest.raises(DecisionError):
            requests.file(hub, asking(terms=terms), "ann")
        with pytest.raises(DecisionError):
            requests.decide(hub, accepted_one, "narrow", "paul", "少", terms=terms)


def test_lines_in_words_are_fine(city: tuple[Hub, Clock]) -> None:
    hub, _ = city
    assert requests.file(hub, asking(contact="一\u3000处\n二处\t❤️"), "ann").state == "filed"


@pytest.mark.parametrize("until", [date.max, date(2127, 1, 1)])
def test_a_last_day_that_nobody_can_mean_is_told(city: tuple[Hub, Clock], until: date) -> None:
    hub, _ = city
    [told] = requests.missing(hub, asking(until=until))
    assert "years away" in told


def test_an_application_that_nests_without_end_is_refused(tmp_path: Path) -> None:
    from hub.errors import SettingsError
    from hub.requests.template import read_application

    (tmp_path / "deep.yaml").write_text("terms: " + "[" * 100_000)
    with pytest.raises(SettingsError, match="deep"):
        read_application(tmp_path / "deep.yaml")
    (tmp_path / "huge.yaml").write_text("#" * (1 << 20) + "\na: 1")
    with pytest.raises(SettingsError, match="huge"):
        read_application(tmp_path / "huge.yaml")
