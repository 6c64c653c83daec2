"""What stewards write about sharing: officers, inboxes, terms of a grant, applications."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from schemas.promise import Names, Promise


class Role(StrEnum):
    """What an officer of a department may do; one person may have several, never on one case."""

    APPLICANT = "applicant"  # 申请人: files requests and objections of a subscriber
    APPROVER = "approver"  # 审批人: decides for the provider, answers objections
    SUPERVISOR = "supervisor"  # 共享主管: reviews, consents to extensions, settles disputes
    AUDITOR = "auditor"  # 审计: reads the log


class Way(StrEnum):
    """交付方式: how a release reaches the subscriber."""

    PULL = "pull"  # Delta Sharing
    DOWNLOAD = "download"  # Parquet, CSV or Excel over HTTP
    FILE = "file"  # pushed into a folder, local or over SFTP
    DATABASE = "database"  # pushed into the subscriber's own database


class FileInbox(Promise):
    """Where files are pushed to: `sftp://user@host:port/folder` or `file:///folder`."""

    url: str
    password: str | None = None
    private_key: str | None = None
    host_key: str | None = None
    content: Literal["rows", "changes"] = "rows"  # of each version: all rows, or what changed
    form: Literal["parquet", "csv"] = "parquet"


class DatabaseInbox(Promise):
    """The subscriber's database: a SQLAlchemy URL without password (postgresql, mysql, sqlite)."""

    url: str
    password: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")


class Inbox(Promise):
    """Where deliveries of a department go; secrets are `${NAME}` only."""

    file: FileInbox | None = None
    database: DatabaseInbox | None = None


class Keep(Promise):
    """As published."""

    kind: Literal["keep"] = "keep"


class Partial(Promise):
    """The first and last characters; each of the others becomes `*`.

    At least two characters are hidden, and either end shows at most half of the rest, so that a
    mask that names fewer characters never shows one more.
    """

    kind: Literal["partial"] = "partial"
    first: int = Field(default=0, ge=0, le=64)
    last: int = Field(default=0, ge=0, le=64)


class Pseudonym(Promise):
    """A keyed digest (HMAC-SHA-256, hex): equal values are equal within the grant's scope."""

    kind: Literal["pseudonym"] = "pseudonym"


class Generalise(Promise):
    """Coarser: a date by its year or month, a code by its first characters, a number by steps."""

    kind: Literal["generalise"] = "generalise"
    to: Literal["year", "quarter", "month"] | None = None
    first: int | None = Field(default=None, ge=1, le=64)
    step: int | None = Field(default=None, ge=1, le=10**12)

    @model_validator(mode="after")
    def _one_measure(self) -> Generalise:
        if [self.to, self.first, self.step].count(None) != 2:
            raise ValueError("generalise takes exactly one of to, first, step")
        return self


Mask = Annotated[Keep | Partial | Pseudonym | Generalise, Field(discriminator="kind")]


class GrantedField(Promise):
    """One field and how it is masked; a field that is not listed is dropped."""

    name: str
    mask: Mask = Keep()


Scalar = str | int | date


class Condition(Promise):
    """One condition on the rows; all must hold. An empty cell meets none but `present: false`.

    A day selects timestamps by the day of the hub's zone. Texts are compared by their characters.
    """

    field: str
    one_of: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    starts_with: Names | None = Field(default=None, min_length=1)
    since: Scalar | None = None  # inclusive
    before: Scalar | None = None  # exclusive
    present: bool | None = None

    @model_validator(mode="after")
    def _some_test(self) -> Condition:
        if not self.model_dump(exclude={"field"}, exclude_none=True):
            raise ValueError("a condition takes one of oneOf, startsWith, since, before, present")
        if self.starts_with is not None and "" in self.starts_with:
            raise ValueError("startsWith names at least one character")
        return self


class Terms(Promise):
    """What a grant lets out of the hub: fields with masks, rows, ways, and how pseudonyms join."""

    fields: tuple[GrantedField, ...] = ()
    rows: tuple[Condition, ...] = ()
    ways: tuple[Way, ...] = ()
    scope: Literal["grant", "subscriber"] = "grant"  # in which record ids and pseudonyms are equal
    history: bool = False  # releases before the grant can be read, too

    @model_validator(mode="after")
    def _each_once(self) -> Terms:
        if len({granted.name for granted in self.fields}) < len(self.fields):
            raise ValueError("a field is named twice")
        return self


class Application(Promise):
    """What a department asks for; what is missing is told all at once: nothing is required here."""

    subscriber: str
    dataset: str
    purpose: str = ""
    legal_basis: str = ""
    scenario: str = ""
    terms: Terms = Terms()
    until: date | None = None  # last day of use
    contact: str = ""


class Sharing(Promise):
    """`sharing.yaml` of a catalog folder: who supervises sharing, and whose clocks run."""

    supervisor: str = Field(description="department that is the 共享主管部门 (大数据局)")
    clocks: str = Field(default="national", description="name of the rule sets of clocks/")
    zone: str = "Asia/Shanghai"

    def day(self, moment: datetime) -> date:
        """The day that it is at a moment, in the zone in which clocks are counted."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def end_of(self, day: date) -> datetime:
        """The moment (UTC) at which a day is over."""
        over = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.zone))
        return over.astimezone(UTC)
