"""A small city that shares: officers of every role, a bureau, and a clock that a test can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hub.grants import pass_of_token
from hub.ledger import open_ledger
from hub.opened import Hub, open_hub
from hub.records import Grant
from schemas.sharing import Application, Condition, GrantedField, Partial, Pseudonym, Terms, Way
from tests.schemas.small_city import department, documents, write

OFFICERS = {
    "civil": {"ann": ["applicant"], "amy": ["applicant"], "bob": ["approver"]},
    "police": {"pat": ["applicant", "approver"], "paul": ["approver"], "pia": ["approver"]},
    "treasury": {"tom": ["applicant"], "tess": ["approver"]},
    "bureau": {"sue": ["supervisor"], "sam": ["supervisor"], "sid": ["applicant", "supervisor"]},
}
SHARE_TYPES = {
    "population": dict.fromkeys(("resident_id", "name", "birth_date"), "conditional"),
    "fund": {"payee_id": "denied"},
}
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai; no holiday until April


@dataclass
class Clock:
    """The time that it is in a test."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def days(self, count: int) -> None:
        """Let days pass."""
        self.at += timedelta(days=count)


def sharing_documents() -> dict[str, Any]:
    """The small city's files, with everything that sharing needs."""
    files = documents()
    files["departments/bureau.yaml"] = department("bureau", "大数据局", "11990100MB00040429")
    for name, officers in OFFICERS.items():
        files[f"departments/{name}.yaml"]["officers"] = officers
    for dataset, types in SHARE_TYPES.items():
        contract = files[f"contracts/dataset/{dataset}.odcs.yaml"]
        for entry in contract["schema"][0]["properties"]:
            if share_type := types.get(entry["name"]):
                given = {"shareType": share_type, "shareCondition": "《某法》第一条"}
                entry["customProperties"] += [
                    {"property": name, "value": value} for name, value in given.items()
                ]
    open_to_all(files["contracts/dataset/population.odcs.yaml"])
    files["sharing.yaml"] = {"supervisor": "bureau", "clocks": "national"}
    return files


def open_to_all(contract: dict[str, Any]) -> None:
    """What its fields do not say otherwise is shared unconditionally."""
    for entry in contract["customProperties"]:
        if entry["property"] == "directory":
            entry["value"] |= {"shareType": "unconditional", "shareCondition": ""}


@cache
def _new_ledger() -> bytes:
    """A ledger in which nothing has happened, made once: migrating takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        open_ledger(f"sqlite:///{path}", Path(folder)).engine.dispose()
        return path.read_bytes()


@contextmanager
def sharing_hub(root: Path, files: dict[str, Any] | None = None) -> Iterator[tuple[Hub, Clock]]:
    """An open hub of that city, and its clock."""
    catalog = write(files or sharing_documents(), root / "catalog")
    clock = Clock()
    (root / "home").mkdir()
    (root / "home" / "ledger.db").write_bytes(_new_ledger())
    with open_hub(root / "home", catalog) as hub:
        yield replace(hub, now=clock), clock


NAME = GrantedField(name="name", mask=Partial(first=1))
BORN = GrantedField(name="birth_date")
SEX = GrantedField(name="sex")
NUMBER = GrantedField(name="resident_id", mask=Pseudonym())
TERMS = Terms(
    fields=(NAME, BORN, SEX, NUMBER),
    rows=(Condition(field="birth_date", before="1966-01-01"),),
    ways=(Way.PULL, Way.DOWNLOAD),
)
UNTIL = date(2026, 12, 31)
ASKED = Application(
    subscriber="civil",
    dataset="population",
    purpose="高龄津贴资格核验",
    legal_basis="老年人权益保障法第三十三条",
    scenario="每月发放前比对",
    terms=TERMS,
    until=UNTIL,
    contact="民政局福利科",
)
LESS = Terms(fields=(NAME, SEX), rows=TERMS.rows, ways=(Way.PULL,))
FREE = ASKED.model_copy(update={"terms": Terms(fields=(SEX,), ways=(Way.PULL,))})
INCOMPLETE = ASKED.model_copy(update={"purpose": "", "legal_basis": " ", "until": None})


def asking(**changes: Any) -> Application:
    """The usual application with some of it changed."""
    return ASKED.model_copy(update=changes)


def opened_by(hub: Hub, token: str) -> Grant | None:
    """The grant that a token opens now."""
    held = pass_of_token(hub, token)
    return held.grant if held is not None and held.active(hub.now()) else None
