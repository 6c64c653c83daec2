"""Rule sets by their first day in force: a changed regulation is configuration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub import clocks, requests
from hub.errors import CatalogError
from hub.ledger.audit_tables import audit_event
from schemas.catalog import read_catalog
from schemas.clocks import ClockRule, Duty, RuleSet, in_force
from schemas.regulation import SHIPPED
from tests.requests.city import ASKED, sharing_documents, sharing_hub


def rules(name: str, effective: str, days: int) -> dict[str, object]:
    """A rule set in which every duty has the same limit."""
    return {
        "name": name,
        "effective": effective,
        "title": {"zh": "时限", "en": "Limits"},
        "source": "样例",
        "confirmed": False,
        "duties": {
            one.value: {"workingDays": days, "extension": 3, "warnBefore": 2} for one in Duty
        },
    }


def test_the_shipped_rule_sets_name_every_duty_and_claim_no_confirmation() -> None:
    files = sorted(SHIPPED.glob("*.yaml"))
    assert {path.stem.partition("-")[0] for path in files} == {"national", "county", "guizhou"}
    for path in files:
        read = RuleSet.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        assert read.key == path.stem
        assert set(read.duties) == set(Duty)
        assert not read.confirmed
    national = RuleSet.model_validate(
        yaml.safe_load((SHIPPED / "national-2025-08-01.yaml").read_text(encoding="utf-8"))
    )
    limits = {duty: (rule.working_days, rule.extension) for duty, rule in national.duties.items()}
    assert limits[Duty.GRANT_UNCONDITIONAL] == (1, 0)
    assert limits[Duty.DECIDE_CONDITIONAL] == (10, 10)
    assert limits[Duty.DELIVER] == (20, 0)
    assert limits[Duty.ANSWER_OBJECTION] == (10, 0)


def test_the_newest_set_that_is_in_force_counts() -> None:
    old, new = (
        RuleSet.model_validate(rules("own", day, 3)) for day in ("2026-01-01", "2026-07-01")
    )
    sets = {"own": (old, new)}
    assert in_force(sets, "own", date(2025, 12, 31)) is None
    assert in_force(sets, "own", date(2026, 6, 30)) is old
    assert in_force(sets, "own", date(2026, 7, 1)) is new
    assert in_force(sets, "other", date(2026, 7, 1)) is None


@given(st.sets(st.dates(date(2025, 1, 1), date(2027, 1, 1)), min_size=1), st.dates())
def test_on_every_day_the_last_set_that_has_begun_is_in_force(days: set[date], on: date) -> None:
    made = [RuleSet.model_construct(name="own", effective=day, duties={}) for day in sorted(days)]
    found = in_force({"own": tuple(made)}, "own", on)
    begun = [day for day in days if day <= on]
    assert (found.effective if found else None) == (max(begun) if begun else None)


def test_a_clock_keeps_the_rules_of_the_day_that_it_started(tmp_path: Path) -> None:
    files = sharing_documents()
    files["clocks/own-2026-01-01.yaml"] = rules("own", "2026-01-01", 3)
    files["clocks/own-2026-03-04.yaml"] = rules("own", "2026-03-04", 30)
    files["sharing.yaml"]["clocks"] = "own"
    with sharing_hub(tmp_path, files) as (hub, clock):
        before = requests.file(hub, ASKED, "ann").id  # on the 2nd of March
        clock.days(2)
        after = requests.file(hub, ASKED, "ann").id
        [old], [new] = (clocks.clocks_of(hub, "request", one) for one in (before, after))
        assert (old.rules, old.due_on) == ("own-2026-01-01", date(2026, 3, 5))
        assert (new.rules, new.working_days) == ("own-2026-03-04", 30)
        requests.give_back(hub, before, "sue", ["补充"])
        clock.days(7)
        requests.resubmit(hub, before, ASKED, "ann")
        [moved, _] = clocks.clocks_of(hub, "request", before)
        assert (moved.rules, moved.due_on) == ("own-2026-01-01", date(2026, 3, 12))


def test_a_file_of_the_catalog_replaces_a_shipped_one_of_the_same_day(tmp_path: Path) -> None:
    files = sharing_documents()
    files["clocks/national-2025-08-01.yaml"] = rules("national", "2025-08-01", 7)
    with sharing_hub(tmp_path, files) as (hub, _):
        [own] = hub.catalog.clocks["national"]
        assert own.duties[Duty.DELIVER] == ClockRule(working_days=7, extension=3, warn_before=2)
        assert "county" in hub.catalog.clocks


def test_before_the_first_rules_no_clock_starts(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        clock.at = datetime(2025, 7, 1, tzinfo=UTC)
        with pytest.raises(CatalogError, match="in force on 2025-07-01"):
            requests.file(hub, ASKED, "ann")
        assert requests.requests_of(hub) == []


def test_without_sharing_yaml_nothing_is_filed(tmp_path: Path) -> None:
    files = sharing_documents()
    del files["sharing.yaml"]
    with sharing_hub(tmp_path, files) as (hub, _):
        assert read_catalog(hub.catalog.root, environ={}).catalog.sharing is None
        with pytest.raises(CatalogError, match=r"sharing\.yaml"):
            requests.file(hub, ASKED, "ann")


def test_a_warning_comes_before_and_a_breach_after_the_last_day_each_once(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        case = requests.file(hub, ASKED, "ann").id
        requests.accept(hub, case, "sue")  # due on the 16th, warned 3 working days before
        told = []
        for _ in range(24):
            told += [(clocks.today(hub).day, [len(some) for some in clocks.warn_and_breach(hub)])]
            clock.days(1)
        assert [one for one in told if any(one[1])] == [(11, [1, 0]), (17, [0, 1])]
        [late] = clocks.overdue(hub)
        assert (late.warned_on, late.breached_on) == (date(2026, 3, 11), date(2026, 3, 17))
        with hub.ledger.reading() as connection:
            kinds = [row.kind for row in connection.execute(audit_event.select())]
        assert kinds.count("clock_moved") == 2


def test_a_calendar_that_learns_of_a_holiday_moves_the_last_day(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        case = requests.file(hub, ASKED, "ann").id
        requests.accept(hub, case, "sue")  # due on the 16th
        days = hub.catalog.root / "calendars" / "workdays.csv"
        days.parent.mkdir()
        days.write_text("date,kind,name,source\n2026-03-05,holiday,x,y\n2026-03-14,makeup,x,y\n")
        assert clocks.warn_and_breach(hub) == ([], [])
        assert clocks.running(hub)[0].due_on == date(2026, 3, 16)  # one less, one more
        days.write_text("date,kind,name,source\n2026-03-05,holiday,x,y\n")
        clocks.warn_and_breach(hub)
        assert clocks.running(hub)[0].due_on == date(2026, 3, 17)
        clock.days(16)
        assert len(clocks.warn_and_breach(hub)[1]) == 1
        days.write_text("date,kind,name,source\n2026-03-06,holiday,x,y\n2026-03-05,holiday,x,y\n")
        assert clocks.warn_and_breach(hub) == ([], [])
        assert clocks.overdue(hub)[0].due_on == date(2026, 3, 17)  # a breach stays one


def test_an_extended_clock_warns_again(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        case = requests.file(hub, ASKED, "ann").id
        requests.accept(hub, case, "sue")
        clock.days(10)  # the 12th
        assert len(clocks.warn_and_breach(hub)[0]) == 1
        requests.ask_extension(hub, case, "paul", 10, "会商")
        requests.consent(hub, case, "sue")  # the 30th
        assert clocks.warn_and_breach(hub) == ([], [])
        clock.days(13)  # the 25th
        assert len(clocks.warn_and_breach(hub)[0]) == 1


def test_the_day_is_that_of_the_zone(tmp_path: Path) -> None:
    with sharing_hub(tmp_path) as (hub, clock):
        clock.at = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
        assert clocks.today(hub) == date(2026, 3, 2)
        clock.at = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
        assert clocks.today(hub) == date(2026, 3, 3)
