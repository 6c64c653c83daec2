"""From a doubt to the notice that others get: through front ends, releases and deliveries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub import objections, recalls, steps
from hub.clocks import clocks_of
from hub.errors import DecisionError, NotFound
from hub.ledger import objections as ledger
from hub.ledger.recalls import recalls as noted
from hub.objections.view import rows, shown
from hub.records import Grant
from tests.objections.town import Town, town

pytestmark = pytest.mark.slow


def cells(place: Town, grant: Grant) -> set[tuple[str, str, str]]:
    """(record, field, change) of everything that a grant was told."""
    return {
        (line["record_id"], line["field"], line["change"])
        for one in recalls.recalls_of(place.hub, grant)
        for batch in recalls.rows_of(place.hub, one)
        for line in batch.to_pylist()
    }


def test_an_objection_goes_to_whoever_supplied_the_value_and_closes_when_it_is_mended(
    place: Town,
) -> None:
    hub = place.hub
    tax = place.grant(
        "tax", "tom", "name", {"name": "phone", "mask": {"kind": "partial", "last": 2}}
    )
    school = place.grant("school", "sam", "name", "born")
    later = place.grant("school", "sam", "name")
    for grant in (tax, school):
        place.pull(grant)
    entity = place.entity("register/people", "p1")
    record = place.record(tax, entity)
    filed = objections.file(hub, tax.id, record, "name", "tom", "姓名有误", suggestion="甲甲")
    assert (filed.department, filed.supply) == ("register", "register/people")
    assert filed.batch_id is not None and filed.batch_id.startswith("register.people-")
    (clock,) = clocks_of(hub, "objection", filed.id)
    assert (clock.department, clock.working_days) == ("register", 10)
    with pytest.raises(DecisionError, match=filed.id):
        objections.file(hub, tax.id, record, "name", "tina", "again")
    objections.uphold(hub, filed.id, "rita")
    place.run()  # nothing has changed
    assert objections.objection_of(hub, filed.id).state == "upheld"
    place.people["p1"] = (*place.people["p1"][:1], "甲甲", *place.people["p1"][2:])
    place.run()
    closed = objections.objection_of(hub, filed.id)
    assert (closed.state, closed.mended_in) == ("mended", place.newest)
    place.pull(later)  # received nothing of what was wrong
    place.run()
    assert cells(place, tax) == {(record, "name", "updated")}
    assert cells(place, school) == {(place.record(school, entity), "name", "updated")}
    assert cells(place, later) == set()
    assert {(one.cause, one.cause_id) for one in noted(hub.ledger)} == {("objection", filed.id)}
    assert [c.stopped_on is not None for c in clocks_of(hub, "objection", filed.id)] == [True] * 2
    assert "甲" not in json.dumps(rows(hub), default=str, ensure_ascii=False)


def test_whose_masked_value_is_the_same_is_not_bothered(place: Town) -> None:
    exact = place.grant("tax", "tom", "born")
    year = place.grant(
        "school", "sam", {"name": "born", "mask": {"kind": "generalise", "to": "year"}}
    )
    for grant in (exact, year):
        place.pull(grant)
    entity = place.entity("register/people", "p2")
    objections.file(place.hub, exact.id, place.record(exact, entity), "born", "tom", "日期有误")
    number, name, _, phone = place.people["p2"]
    place.people["p2"] = (number, name, "1990-01-02", phone)
    place.run()
    assert cells(place, exact) == {(place.record(exact, entity), "born", "updated")}
    assert cells(place, year) == set()


def test_who_objects_is_answered_by_another_and_the_dispute_settled_by_a_third(place: Town) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", "name")
    record = place.record(grant, place.entity("register/people", "p3"))
    filed = objections.file(hub, grant.id, record, "name", "tom", "姓名有误")
    with pytest.raises(DecisionError):
        objections.uphold(hub, filed.id, "hal")  # another department's approver
    with pytest.raises(DecisionError, match="理由"):
        objections.reject(hub, filed.id, "rita", " ")
    objections.reject(hub, filed.id, "rita", "与户籍一致")
    with pytest.raises(DecisionError):
        objections.settle(hub, filed.id, "bea", True, "too early")
    objections.dispute(hub, filed.id, "tina", "与证件不符")
    assert objections.settle(hub, filed.id, "bea", True, "证件为准").state == "upheld"
    assert [event.kind for event in _events(place, filed.id)] == [
        "file", "reject", "dispute", "overturn",
    ]  # fmt: skip
    with pytest.raises(DecisionError):
        objections.withdraw(hub, filed.id, "sam")
    assert objections.withdraw(hub, filed.id, "tom").state == "withdrawn"


def _events(place: Town, objection_id: str) -> list:  # type: ignore[type-arg]
    with place.hub.ledger.reading() as connection:
        return ledger.events_in(connection, objection_id)


def test_a_rejection_that_nobody_disputes_in_time_stands(place: Town) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", "name")
    record = place.record(grant, place.entity("register/people", "p3"))
    filed = objections.file(hub, grant.id, record, "name", "tom", "姓名有误")
    objections.reject(hub, filed.id, "rita", "与户籍一致")
    place.days(30)
    with pytest.raises(DecisionError, match="期限"):
        objections.dispute(hub, filed.id, "tom", "late")
    assert [one.id for one in steps.watch(hub).dismissed] == [filed.id]
    assert objections.objection_of(hub, filed.id).state == "dismissed"
    assert steps.watch(hub).dismissed == []


def test_the_supervisor_answers_where_the_subscriber_supplied_the_value_itself(
    place: Town,
) -> None:
    grant = place.grant("register", "rob", "name")
    record = place.record(grant, place.entity("register/people", "p3"))
    filed = objections.file(place.hub, grant.id, record, "name", "rob", "姓名有误")
    with pytest.raises(DecisionError):
        objections.uphold(place.hub, filed.id, "rita")
    objections.reject(place.hub, filed.id, "bea", "一致")
    objections.dispute(place.hub, filed.id, "rob", "不一致")
    with pytest.raises(DecisionError, match="原核实人"):
        objections.settle(place.hub, filed.id, "bea", False, "维持")
    assert objections.settle(place.hub, filed.id, "ben", False, "维持").state == "dismissed"


def test_what_the_grant_does_not_show_cannot_be_doubted(place: Town) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", "name", rows=[{"field": "phone", "present": True}])
    entity = place.entity("register/people", "p1")
    record = place.record(grant, entity)
    with pytest.raises(NotFound):
        objections.file(hub, grant.id, record, "born", "tom", "not granted")
    with pytest.raises(NotFound):
        objections.file(hub, grant.id, entity, "name", "tom", "an id of the hub's own")
    with pytest.raises(NotFound):
        objections.file(hub, grant.id, record, "name", "tom", "no such release", version=9)
    with pytest.raises(DecisionError):
        objections.file(hub, grant.id, record, "name", "sam", "of another department")


def test_what_was_said_is_shown_to_those_whom_it_concerns_alone(place: Town) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", {"name": "phone", "mask": {"kind": "partial", "last": 2}})
    record = place.record(grant, place.entity("register/people", "p1"))
    filed = objections.file(hub, grant.id, record, "phone", "tom", "号码有误")
    mine = shown(hub, filed.id, "tina")
    assert mine["said"] == "号码有误" and "value" not in mine and "source_keys" not in mine
    theirs = shown(hub, filed.id, "rita")
    assert theirs["value"] == "13800000001" and theirs["source_keys"] == ["p1"]
    with pytest.raises(DecisionError):
        shown(hub, filed.id, "sam")


def test_an_entity_that_was_joined_to_another_is_recalled_with_the_record_it_is_now(
    place: Town,
) -> None:
    grant = place.grant("tax", "tom", "name", "phone")
    place.pull(grant)
    alone, other = place.entity("health/cards", "c9"), place.entity("register/people", "p4")
    place.cards["c9"] = ("99010119900101004", "13900000009")
    place.run()
    place.run()
    told = [
        line
        for one in recalls.recalls_of(place.hub, grant)
        for batch in recalls.rows_of(place.hub, one)
        for line in batch.to_pylist()
    ]
    assert [(one.cause, one.mended_in) for one in noted(place.hub.ledger)] == [("entity", 2)]
    living = place.entity("health/cards", "c9")
    gone = other if living == alone else alone
    left = [line for line in told if line["change"] == "left"]
    assert [(line["record_id"], line["field"], line["now_record"]) for line in left] == [
        (place.record(grant, gone), "record_id", place.record(grant, living))
    ]


def test_a_conflict_that_the_surviving_side_mends_is_a_recall_and_the_other_sides_is_none(
    place: Town,
) -> None:
    grant = place.grant("tax", "tom", "phone")
    place.cards["c1"] = ("99010119900101001", "13811111111")  # the departments disagree
    place.run()
    place.pull(grant)
    number, name, born, _ = place.people["p1"]
    place.people["p1"] = (number, name, born, "13811111111")  # the register was wrong
    place.run()
    (told,) = recalls.recalls_of(place.hub, grant)
    assert (told.cause, told.fields, told.records) == ("work_order", {"phone": 1}, 1)
    assert told.cause_id is not None and told.cause_id.startswith("health.cards-")
    place.cards["c1"] = ("99010119900101001", "13822222222")
    place.run()
    place.cards["c1"] = ("99010119900101001", "13811111111")  # this time the clinic was
    place.run()
    assert len(recalls.recalls_of(place.hub, grant)) == 1


def test_a_crash_between_release_and_recall_is_made_up_for_by_the_watch(place: Town) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", "name")
    place.pull(grant)
    record = place.record(grant, place.entity("register/people", "p1"))
    filed = objections.file(hub, grant.id, record, "name", "tom", "姓名有误")
    place.people["p1"] = (place.people["p1"][0], "戊", *place.people["p1"][2:])
    place.fill()
    place.days(1)
    for batch_id in steps.collect(hub, "register/people", place.at):
        steps.check(hub, batch_id)
    assert steps.publish(hub, "people", place.at) is not None  # and here the hub is killed
    assert noted(hub.ledger) == []
    watched = steps.watch(hub)
    assert [one.id for one in watched.mended] == [filed.id]
    assert [one.grant_id for one in watched.recalls] == [grant.id]
    again = steps.watch(hub)
    assert (again.mended, again.recalls) == ([], [])
    assert cells(place, grant) == {(record, "name", "updated")}


def test_an_old_release_that_is_read_after_its_correction_is_recalled_too(place: Town) -> None:
    grant = place.grant("tax", "tom", "name", history=True)
    entity = place.entity("register/people", "p1")
    asked = place.grant("school", "sam", "name")
    objections.file(place.hub, asked.id, place.record(asked, entity), "name", "sam", "有误")
    place.people["p1"] = (place.people["p1"][0], "戊", *place.people["p1"][2:])
    place.run()
    assert noted(place.hub.ledger) == []  # nobody had received it
    place.pull(grant, 1)
    assert [one.grant_id for one in steps.watch(place.hub).recalls] == [grant.id]
    assert cells(place, grant) == {(place.record(grant, entity), "name", "updated")}


def test_a_stewards_recall_tells_who_received_the_value_and_is_told_once(
    place: Town, tmp_path: Path
) -> None:
    hub = place.hub
    grant = place.grant("tax", "tom", "name", "born")
    place.pull(grant)
    entity = place.entity("register/people", "p1")
    with pytest.raises(DecisionError, match="mend it first"):
        recalls.ask(hub, "people", entity, "name", 1, "bea", "错误")
    place.people["p1"] = (place.people["p1"][0], "戊", "1991-01-01", "13800000001")
    place.run()
    assert noted(hub.ledger) == []  # people move on: not every change mends something
    with pytest.raises(DecisionError):
        recalls.ask(hub, "people", entity, "name", 1, "tom", "错误")
    asked = recalls.ask(hub, "people", entity, "name", 1, "bea", "错误")
    assert asked.mended_in == 2 and [one.fields for one in asked.recalls] == [{"name": 1}]
    assert recalls.ask(hub, "people", entity, "name", 1, "bea", "错误").recalls == ()
    whole = recalls.ask(hub, "people", entity, None, 1, "rita", "错误")
    assert [one.fields for one in whole.recalls] == [{"born": 1}]  # the name was told before
    assert steps.deliver(hub, "people", place.at).faults == {}
    assert [one.told_at is not None for one in noted(hub.ledger)] == [True, True]
    inbox = hub.settings.home / "inbox" / "tax"
    assert len(list(inbox.rglob("*.parquet"))) >= 2
    done = recalls.acknowledge(hub, whole.recalls[0].id, "tom")
    assert done.acknowledged_by == "tom"
    with pytest.raises(DecisionError):
        recalls.acknowledge(hub, asked.recalls[0].id, "sam")
    target = tmp_path / "notices.csv"
    assert recalls.write(hub, recalls.recalls_of(hub, grant), target) == 2
    assert "戊" not in target.read_text() and "1991" not in target.read_text()


def test_a_reference_that_followed_a_merge_is_a_recall_of_the_dataset_that_refers(
    tmp_path: Path,
) -> None:
    with town(tmp_path, visits=True) as place:
        place.visits = {"v1": ("99010119900101004", "c9"), "v2": ("99010119900101002", None)}
        place.run()
        grant = place.grant("tax", "tom", "holder", "bearer", dataset="visits")
        place.pull(grant)
        place.cards["c9"] = ("99010119900101004", "13900000009")  # the card is the fourth's
        place.run()
        place.run()
        record = place.record(grant, place.entity("health/visits", "v1", "visits"))
        ((told, field, change),) = cells(place, grant)
        assert (told, change) == (record, "updated") and field in ("holder", "bearer")
        assert {one.cause for one in recalls.recalls_of(place.hub, grant)} == {"entity"}


def test_a_row_found_wrong_after_it_was_delivered_is_a_recall_once_it_is_mended(
    place: Town,
) -> None:
    """The third was mistyped after the delivery, and its wrong value never released."""
    for number in range(5, 30):
        place.people[f"p{number}"] = (f"99010119900101{number:03d}", "戊", "1990-01-01", None)
    number, name, born, right = place.people["p4"]
    place.people["p4"] = (number, name, born, "4")
    place.run()
    grant = place.grant("tax", "tom", "phone", "name")
    place.pull(grant)
    place.promise(phone="^1[0-9]{10}$")
    other = place.people["p3"]
    place.people["p3"] = (*other[:3], "3")
    place.run()
    place.run()
    assert noted(place.hub.ledger) == []
    place.people["p4"] = (number, "丁丁", born, right)
    place.people["p3"] = (*other[:3], "13912345678")
    place.run()
    record = place.record(grant, place.entity("register/people", "p4"))
    assert cells(place, grant) == {(record, "phone", "updated")}
    (told,) = recalls.recalls_of(place.hub, grant)
    assert told.cause == "work_order" and told.cause_id is not None
    assert told.cause_id.startswith("register.people-")


def test_an_objection_follows_a_record_that_was_joined_to_another(place: Town) -> None:
    place.people["p4"] = (*place.people["p4"][:3], None)
    place.run()
    grant = place.grant("tax", "tom", "phone")
    record = place.record(grant, place.entity("health/cards", "c9"))
    filed = objections.file(place.hub, grant.id, record, "phone", "tom", "号码有误")
    assert filed.department == "health"
    place.cards["c9"] = ("99010119900101004", "13900000009")
    place.run()
    place.run()
    now = objections.objection_of(place.hub, filed.id)
    assert (now.state, now.same_until) == ("filed", place.newest)
    place.cards["c9"] = ("99010119900101004", "13900000000")
    place.run()
    assert objections.objection_of(place.hub, filed.id).mended_in == place.newest
