"""A cross-check on the real path: released, asked, found, cleared, found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.ledger.findings import events_of, findings, last_run
from hub.ledger.questions import faults
from hub.ledger.tallies import tallies
from schemas.catalog import load_catalog
from tests.crosschecks.village import (
    DEAD_BUT_PAID,
    DEATHS,
    PAYMENTS,
    PEOPLE,
    Village,
    village,
    write,
)

CHECK = "dead_but_paid"


def states(place: Village) -> list[str]:
    return sorted(row.state for row in findings(place.hub.ledger, CHECK))


def edit(place: Village, **changes: Any) -> None:
    """Change the cross-check's file and read the catalog again."""
    root = place.hub.settings.catalog
    write(root / f"crosschecks/{CHECK}.yaml", DEAD_BUT_PAID | changes)
    object.__setattr__(place.hub, "catalog", load_catalog(root, place.hub.settings.home))


def test_a_question_waits_until_everything_that_it_reads_is_there(tmp_path: Path) -> None:
    with village(tmp_path, fill=False) as place:
        place.fill("register/people", *PEOPLE)
        place.fill("funeral/deaths", *DEATHS)
        asked = place.ask()[CHECK]
        assert asked.status == "waits"
        assert set(asked.lacking) == {"people", "funeral/deaths", "treasury/payments"}
        assert last_run(place.hub.ledger, CHECK) is None


def test_the_planted_case_is_found_and_no_other_with_evidence_and_a_deadline(
    place: Village,
) -> None:
    [found] = findings(place.hub.ledger)
    assert (found.crosscheck, found.amount_fen, found.state) == (CHECK, 12_050, "open")
    assert found.department == "treasury", "the column held the department's Chinese title"
    assert str(found.due_on) == "2026-03-10", "five working days after Tuesday the third"


def test_nothing_changed_nothing_runs(place: Village) -> None:
    before = last_run(place.hub.ledger, CHECK)
    assert {asked.status for asked in place.ask().values()} == {"unchanged"}
    place.publish()
    assert last_run(place.hub.ledger, CHECK) == before


def test_a_payment_that_is_taken_back_is_cleared_and_opened_when_it_returns(
    place: Village,
) -> None:
    place.fill("treasury/payments", *PAYMENTS[:1], *PAYMENTS[2:])
    place.publish()
    assert states(place) == ["cleared"]
    place.fill("treasury/payments", *PAYMENTS)
    place.publish()
    assert states(place) == ["open"]
    [found] = findings(place.hub.ledger)
    kinds = [event.kind for event in events_of(place.hub.ledger, found.id)]
    assert kinds == ["found", "cleared", "reopened"]


def test_a_changed_file_asks_again_and_an_equal_one_does_not(place: Village) -> None:
    edit(place)
    assert place.ask()[CHECK].status == "unchanged"
    edit(place, parameters={"grace_days": 60})
    assert place.ask()[CHECK].status == "ran"
    assert states(place) == ["cleared"]


def test_a_question_that_names_the_day_is_asked_anew_on_another_day(place: Village) -> None:
    sql = DEAD_BUT_PAID["sql"] + "AND t.paid < $as_of\n"
    edit(place, sql=sql)
    assert place.ask()[CHECK].status == "ran"
    assert place.ask()[CHECK].status == "unchanged"
    place.day += 1
    assert place.ask()[CHECK].status == "ran"
    edit(place, sql=sql, asOf="month")
    assert place.ask()[CHECK].status == "ran"
    place.day += 1
    assert place.ask()[CHECK].status == "unchanged", "the month is the same"


def test_a_broken_question_says_so_without_a_value_and_stops_nobody(place: Village) -> None:
    sql = DEAD_BUT_PAID["sql"].replace("p.name,", "p.name::INTEGER AS name,")
    edit(place, sql=sql)
    asked = place.ask()
    assert asked[CHECK].status == "failed" and asked["allowance"].status == "unchanged"
    message = asked[CHECK].message or ""
    assert CHECK in message and "sql" in message and "甲" not in message
    assert faults(place.hub.ledger, "crosscheck") == {CHECK: message}
    assert states(place) == ["open"], "what was found stays as it was"
    edit(place)
    assert place.ask()[CHECK].status == "unchanged"
    assert faults(place.hub.ledger, "crosscheck") == {}, "it was put right, and says so no more"
    edit(place, sql=sql)
    place.ask()
    edit(place)
    place.fill("treasury/payments", *PAYMENTS, ("p4", "n1", "1.00", "2026-02-06", None))
    place.publish()
    assert faults(place.hub.ledger, "crosscheck") == {}
    assert states(place) == ["open", "open"]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT * FROM read_text('/etc/hostname')", "select_function"),
        ("SELECT * FROM '/etc/hostname'", "not declared"),
        ("SELECT 1 AS x; DROP TABLE people", "select_invalid"),
        ("SELECT * FROM duckdb_settings", "not declared"),
        ("SELECT getenv('HOME') AS person_id", "select_function"),
        ("SELECT now() AS person_id FROM people", "select_clock"),
        ("SELECT entity_id AS person_id FROM people", "gives no column"),
        (DEAD_BUT_PAID["sql"].replace("t.payment,", "'one' AS payment,"), None),
        (DEAD_BUT_PAID["sql"].replace("* 100", "* -100"), "below zero"),
        (DEAD_BUT_PAID["sql"].replace("::BIGINT", "::HUGEINT * 1000000000000000000"), "more than"),
        (DEAD_BUT_PAID["sql"].replace("p.name,", "INTERVAL 1 DAY AS name,"), "no file can hold"),
        (DEAD_BUT_PAID["sql"].replace("::BIGINT", ""), "no whole number of fen"),
        (DEAD_BUT_PAID["sql"].replace("* 100", "* 100.0::DOUBLE").replace("::BIGINT", ""), "fen"),
        (DEAD_BUT_PAID["sql"].replace("t.payment,", "'one' AS payment,")
         .replace("WHERE", "CROSS JOIN range(2) WHERE"), "repeat the key"),
    ],
)  # fmt: skip
def test_sql_that_may_not_be_is_refused_when_it_runs_too(
    place: Village, sql: str, says: str | None
) -> None:
    edit(place, sql=sql)
    asked = place.ask(crosschecks=[CHECK])[CHECK]
    assert (asked.status == "ran") if says is None else (says in (asked.message or ""))


def test_the_days_of_a_question_are_those_of_the_city(place: Village) -> None:
    early = "CAST(TIMESTAMPTZ '2026-03-01 17:00:00+00' AS DATE) = DATE '2026-03-02'"
    edit(place, sql=DEAD_BUT_PAID["sql"] + f"AND {early}\n")
    assert place.ask()[CHECK].status == "ran"
    assert states(place) == ["open"], "one in the morning is no longer the day before"


def test_a_question_that_takes_too_long_is_stopped(place: Village) -> None:
    slow = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    edit(place, sql=f"SELECT entity_id AS person_id, ({slow}) AS payment FROM people")
    object.__setattr__(place.hub.settings, "question_s", 1)
    assert "stopped after 1 seconds" in (place.ask()[CHECK].message or "")


def test_the_ledger_holds_no_value_of_the_evidence(place: Village) -> None:
    with place.hub.ledger.reading() as connection:
        for table in ("finding", "finding_event", "crosscheck_run", "policy_run"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert "甲" not in rows and "n1" not in rows and "2026-01-10" not in rows


def test_a_run_that_dies_before_it_is_entered_leaves_nothing_half(
    place: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub.ledger.crosschecks as books

    before = last_run(place.hub.ledger, CHECK)
    place.fill("treasury/payments", *PAYMENTS, ("p4", "n1", "1.00", "2026-02-06", None))
    real = books._enter

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(books, "_enter", die)
    with pytest.raises(KeyboardInterrupt):
        place.publish()
    assert last_run(place.hub.ledger, CHECK) == before and states(place) == ["open"]
    monkeypatch.setattr(books, "_enter", real)
    assert place.ask()[CHECK].counts["found"] == 1
    assert states(place) == ["open", "open"]


def test_what_reads_a_later_dataset_is_asked_after_that_ones_release(place: Village) -> None:
    from hub.asking import _referring

    assert _referring(place.hub, "people") == set()
    assert [a.status for a in place.ask(after="people").values()] == ["unchanged", "unchanged"]


def test_tallies_of_events_are_the_findings_themselves(place: Village) -> None:
    place.fill("treasury/payments", *PAYMENTS[:1], ("p4", "n1", "7.00", "2026-02-06", "nobody"))
    place.publish()
    stood = tallies(place.hub.ledger, place.moment, place.moment.date())
    rows = findings(place.hub.ledger)
    assert sum(t.findings for t in stood) == len(rows) == 2
    assert sum(t.amount_fen for t in stood) == sum(row.amount_fen for row in rows)
    assert {t.state for t in stood} == {"open", "cleared"}
