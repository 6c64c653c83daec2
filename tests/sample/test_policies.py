"""Support policies on a city, held against a computation of their own over the raw rows."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow.parquet as pq
import pytest

from hub.ledger.questions import last_policy_run
from hub.ledger.releases import last_release
from hub.opened import Hub
from hub.publish import read_manifest
from hub.released import relation
from sample.target import Target
from sample.truth import read_truth
from tests.sample.reading import read_city

pytestmark = pytest.mark.slow


def org(number: Any) -> str | None:
    """The organisation code within a number of 18 or 15 places."""
    if not isinstance(number, str):
        return None
    return number[8:17] if len(number) == 18 else number[6:]


@pytest.fixture(scope="module")
def firms(clean_hub: Hub) -> pd.DataFrame:
    """One line per firm with what the policies ask about, from what the departments wrote."""
    home = clean_hub.settings.home
    day = date.fromisoformat(read_truth(home / "city")["day"])
    rows = {name: pd.DataFrame(found) for name, found in read_city(Target(home), day).items()}
    firms = rows["market/enterprises"].assign(org=lambda f: f.uscc.map(org)).set_index("org")
    tax = rows["tax/taxpayers"].assign(org=lambda f: f.tax_id.map(org)).set_index("org")
    firms["taxed"] = tax.tax_status.map({"3": True, "07": False})
    units = rows["statistics/units"].assign(org=lambda f: f.uscc.map(org)).set_index("org")
    firms["employees"] = units.employees.astype(float)
    firms["revenue"] = units.revenue_qian.astype(float)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().replace(day=1)  # asOf: month
    licences = rows["approval/licences"]
    held = licences[
        (licences.kind == "51") & (licences.valid_from <= str(today))
        & (licences.valid_to >= str(today))
    ]  # fmt: skip
    firms["certified"] = firms.index.isin(held.uscc.map(org))
    insured = rows["human_resources/insured"].query("insured_status == '1'").employer_uscc.map(org)
    firms["insured"] = pd.Series(Counter(insured.dropna())).reindex(firms.index).fillna(0)
    paid = rows["treasury/payments"].payee_uscc.map(org)
    firms["paid"] = firms.index.isin(paid.dropna())
    firms["new"] = firms.established_on > str(today - timedelta(days=1095))
    return firms


def answers(hub: Hub, policy: str) -> pd.DataFrame:
    """The newest answers of a policy, by organisation code."""
    run = last_policy_run(hub.ledger, policy)
    assert run is not None
    found = pq.read_table(hub.store.path(run.uri)).to_pandas()
    release = last_release(hub.ledger, "enterprise")
    assert release is not None
    with hub.store.connect() as connection:
        golden = relation(hub.store, read_manifest(hub.store, release), "golden")
        known = connection.execute(f"SELECT entity_id, org_code FROM ({golden})").df()
    return found.merge(known, on="entity_id").set_index("org_code")


def known(values: pd.Series, within: pd.Series) -> list[bool | None]:
    """A condition that is unknown where its value is."""
    pairs = zip(values.isna(), within, strict=True)
    return [None if missing else bool(met) for missing, met in pairs]


def expected(firms: pd.DataFrame) -> dict[str, dict[str, list[bool | None]]]:
    active = [status == "1" for status in firms.status]
    taxed = known(firms.taxed, firms.taxed == True)  # noqa: E712
    small = known(firms.employees, (firms.employees < 1000) | (firms.revenue < 400_000))
    return {
        "high_tech_sme": {
            "active": active, "small": small, "certified": list(firms.certified), "taxed": taxed,
        },
        "job_retention": {
            "active": active, "company": list(firms.legal_form != "9500"),
            "insures": list(firms.insured >= 3), "taxed": taxed,
        },
        "new_micro_firm": {
            "active": active, "new": list(firms.new),
            "micro": known(firms.employees, firms.employees < 20), "taxed": taxed,
            "unsupported": list(~firms.paid),
        },
        "farmers_cooperative": {
            "active": active, "cooperative": list(firms.legal_form == "5000"),
            "funded": list(firms.capital_wan.astype(float) >= 10), "taxed": taxed,
        },
    }  # fmt: skip


def test_every_policy_answers_for_every_firm_as_the_departments_rows_say(
    clean_hub: Hub, firms: pd.DataFrame
) -> None:
    wanted = expected(firms)
    assert set(wanted) == set(clean_hub.catalog.policies)
    for policy, conditions in wanted.items():
        found = answers(clean_hub, policy).loc[firms.index]
        assert len(found) == len(firms) > 150
        for name, met in conditions.items():
            told = [None if pd.isna(value) else bool(value) for value in found[name]]
            assert told == met, (policy, name)
        assert set(conditions) == set(clean_hub.catalog.policies[policy].conditions)


def test_every_policy_finds_somebody_and_leaves_somebody_out(clean_hub: Hub) -> None:
    unknown = 0
    for policy in clean_hub.catalog.policies:
        run = last_policy_run(clean_hub.ledger, policy)
        assert run is not None
        assert run.counts["eligible"] and run.counts["not_eligible"], policy
        unknown += run.counts["unknown"]
    assert unknown  # of whom statistics knows nothing
