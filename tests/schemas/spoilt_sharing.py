"""One way to break each rule of sharing: code -> edits of the small city's files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.clocks import Duty
from tests.schemas.spoilt import FUND, POLICE, Files

SHARING = "sharing.yaml"
OFFICERS = {
    "police": {"paul": ["approver"]},
    "civil": {"ann": ["applicant"], "sue": ["supervisor"]},
    "treasury": {"tess": ["approver"]},
}
CLOCKS = "clocks/own-2026-01-01.yaml"


def sharing(files: Files) -> Files:
    """Add sound officers, an inbox, sharing.yaml and a rule set of clocks."""
    for name, officers in OFFICERS.items():
        files[f"departments/{name}.yaml"]["officers"] = officers | {}
    files[POLICE]["inbox"] = {
        "file": {"url": "file://${HUB_HOME}/inbox"},
        "database": {"url": "postgresql+psycopg://hub@inbox/db", "password": "${HUB_HOME}"},
    }
    files[SHARING] = {"supervisor": "civil", "clocks": "own"}
    files[CLOCKS] = {
        "name": "own",
        "effective": "2026-01-01",
        "title": {"zh": "时限", "en": "Limits"},
        "source": "样例",
        "confirmed": False,
        "duties": {duty.value: {"workingDays": 5} for duty in Duty},
    }
    return files


def given(name: str, **values: Any) -> Callable[[Files], None]:
    """A spoil that changes keys of one of these files."""
    return lambda files: sharing(files)[name].update(values)


def provider(files: Files, name: str) -> None:
    sharing(files)[FUND]["customProperties"].append({"property": "provider", "value": name})


SPOILT_SHARING: dict[str, Callable[[Files], object]] = {
    "clocks_name": lambda f: f.update({"clocks/mine-2026-01-01.yaml": sharing(f)[CLOCKS] | {}}),
    "clocks_unknown": given(SHARING, clocks="ovn"),
    "supervisor_unknown": given(SHARING, supervisor="civic"),
    "supervisor_lacking": given("departments/civil.yaml", officers={"ann": ["applicant"]}),
    "supervisor_elsewhere": given(POLICE, officers={"paul": ["approver", "supervisor"]}),
    "sharing_missing": lambda f: sharing(f).pop(SHARING),
    "provider_unknown": lambda f: provider(f, "treasure"),
    "approver_lacking": lambda f: provider(f, "civil"),
    "officer_name": given(POLICE, officers={"paul": ["approver"], "hub": ["applicant"]}),
    "inbox_url": given(POLICE, inbox={"file": {"url": "ftp://host/folder"}}),
}
