"""The nouns of sharing: requests, clocks, grants, credentials, shares, objections, recalls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from schemas.sharing import Application, Terms


@dataclass(frozen=True)
class Grant:
    """What one subscriber may have of one dataset, why and until when (授权); never changed.

    What was decided otherwise later is another grant. `ended_at` is set when it was revoked.
    """

    id: str
    request_id: str
    subscriber: str
    dataset: str
    terms: Terms
    purpose: str
    legal_basis: str
    scenario: str
    since_version: int | None  # the oldest release it opens; None: from the first on
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: str | None = None

    def active(self, now: datetime) -> bool:
        """Whether anything may leave the hub under it at this moment."""
        return self.ended_at is None and self.granted_at <= now < self.expires_at


@dataclass(frozen=True)
class SharedFile:
    """One masked file at rest; its name is made of ids and digests alone."""

    uri: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Share:
    """What a grant lets out of one release: all rows, or the changes since the version before."""

    grant_id: str
    version: int
    kind: str  # rows or changes
    files: tuple[SharedFile, ...]
    rows: int


@dataclass(frozen=True)
class Credential:
    """What opens one grant by pull; the token itself is kept nowhere."""

    id: str
    grant_id: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def active(self, now: datetime) -> bool:
        """Whether a request that bears its token is let in."""
        return self.revoked_at is None and self.made_at <= now < self.expires_at


@dataclass(frozen=True)
class Clock:
    """One duty of one department, counted in working days of one rule set (时限).

    What the rules said on that day stays with it: `extension` working days more at the most, a
    warning `warn_before` working days before the last. `pauses` are over: working days after the
    first day of one, up to and with the last, do not count. It stands still from `paused_on` on,
    and then has no due day.
    """

    id: int
    subject: str  # request, delivery or objection
    subject_id: str
    duty: str
    department: str  # that has to act
    rules: str  # the rule set in force on the day that it started
    started_on: date
    working_days: int
    extension: int = 0
    warn_before: int = 1
    extended_days: int = 0
    paused_on: date | None = None
    pauses: tuple[tuple[date, date], ...] = ()
    due_on: date | None = None
    warned_on: date | None = None
    breached_on: date | None = None
    stopped_on: date | None = None


@dataclass(frozen=True)
class Request:
    """What one department asks of one dataset (共享申请), as it stands now."""

    id: str
    subscriber: str
    dataset: str
    provider: str  # 数源部门
    state: str  # see hub.requests.life.State
    application: Application
    decided: Terms | None
    until: date | None  # last day of use, as decided
    filed_by: str
    filed_at: datetime
    grant_id: str | None = None  # the newest grant made on it


@dataclass(frozen=True)
class Objection:
    """A subscriber's doubt about one field of one record (校核), as it stands now."""

    id: str
    grant_id: str
    dataset: str
    version: int  # the release in which the value was seen
    record_id: str  # as the grant shows it
    field: str
    subscriber: str
    department: str  # that supplied the value and answers
    supply: str
    batch_id: str | None  # None: nobody supplied a value
    state: str  # see hub.objections.life.State
    uri: str  # what was said, in the store
    same_until: int  # the last release that was seen to carry the same value
    mended_in: int | None  # release
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True)
class Recall:
    """A notice to one grant that values it received have been corrected (更正通知)."""

    id: str
    correction: str  # `<dataset>/<release>`, and behind `!` a steward's own
    grant_id: str
    dataset: str
    first_version: int  # the first release received with an old value
    mended_in: int
    cause: str  # objection, work_order, entity or steward
    cause_id: str | None
    fields: dict[str, int]  # field -> records; "record_id": records as such
    records: int
    uri: str  # record ids and fields, in the store
    made_at: datetime
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
