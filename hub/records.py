"""The nouns that rooms hand to each other: frozen, plain values; URIs are relative to the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from connectors.protocol import Totals, Window
from schemas.sharing import Application, Terms


class Verdict(StrEnum):
    """批次结论. Data, not an exception."""

    ACCEPT = "accept"
    WARN = "warn"
    HOLD = "hold"  # a person decides; nothing moves on
    REJECT = "reject"
    FAULT = "fault"  # a rule could not run: ours


MOVES_ON = (Verdict.ACCEPT, Verdict.WARN)
"""The verdicts whose rows join the supply's current table."""


class BatchState(StrEnum):
    OPENED = "opened"
    LANDED = "landed"
    CHECKED = "checked"  # final, whatever the verdict


@dataclass(frozen=True)
class Counts:
    """The certificate of one batch: source = accepted + quarantined + unchanged.

    `deleted` counts keys that left the source since the last batch; they are not source rows.
    """

    source: int
    landed: int
    accepted: int
    quarantined: int
    unchanged: int
    deleted: int

    def ties_out(self) -> bool:
        return self.source == self.landed == self.accepted + self.quarantined + self.unchanged


@dataclass(frozen=True)
class Batch:
    """One pull of one supply. `id` derives from supply, contract version and window."""

    id: str
    supply: str
    contract_version: str
    mode: str
    window: Window
    state: BatchState
    verdict: Verdict | None = None
    counts: Counts | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    origin: dict[str, str] | None = None  # not pulled: an answer to an order, or a replay


@dataclass(frozen=True)
class Landing:
    """The batch as received: Parquet parts with `_row` (0-based), the fields, `_faults`."""

    batch_id: str
    supply: str
    parts: tuple[str, ...]
    rows: int
    sha256: str  # of the parts' digests in order
    totals: Totals
    drift: tuple[dict[str, str], ...] = ()
    window: Window | None = None
    keys: str | None = None  # all keys at the source, when this batch looks for deletes
    original: str | None = None  # the delivered file as it came
    reading: dict[str, dict[str, Any]] | None = None  # how each field's cells were typed


@dataclass(frozen=True)
class RuleOutcome:
    """One rule on one batch: everything a report needs, nothing personal."""

    code: str  # e.g. required, resident_id.check_digit, expect_column_values_to_match_regex
    rule_id: str  # unique within the contract version
    fields: tuple[str, ...]
    expectation: dict[str, object]  # {"type": …, "kwargs": …, "meta": …}
    severity: str  # info, warning, error
    dimension: str | None
    evaluated: int  # elements looked at (nulls excluded where the expectation excludes them)
    failed: int
    success: bool
    ran_on: str  # duckdb, great_expectations
    exception: str | None = None  # set: could not run, a fault of ours
    indicator: str | None = None  # of GB/T 36344-2018, four digits
    elements: int | None = None  # rows that met the rule's condition, nulls included; None: table


@dataclass(frozen=True)
class Checked:
    """Accepted and quarantined rows of one batch, with the report and the verdict.

    `accepted`: the fields, `_row`, `_hash` (md5 of the row's content), `_op` (insert, update,
    delete: a delete carries the key alone). Rows equal to the supply's current ones are counted
    as unchanged and not repeated. `quarantined`: `_row`, the fields, `_faults`, `_rules`
    (list of rule ids that the row broke). `failing`: `_row`, `_source_key`, `rule_id` of every row
    that broke a rule of any severity, by rule and row. `validation`: the results as Great
    Expectations writes them. Batches of older hubs have neither.
    """

    batch_id: str
    supply: str
    accepted: str
    quarantined: str
    report: str
    verdict: Verdict
    counts: Counts
    outcomes: tuple[RuleOutcome, ...]
    failing: str | None = None
    validation: str | None = None


@dataclass(frozen=True)
class Measure:
    """What was counted for one indicator of GB/T 36344-2018: numerator A, denominator B.

    Never a quotient. For the indicators that count what is wrong (0303, 0305) A counts it.
    `indicator` None: counted and shown, part of no indicator. `holds`: a rule kept its promise.
    """

    indicator: str | None
    numerator: int
    denominator: int
    supply: str | None = None
    dataset: str | None = None
    field: str | None = None  # None: the table as a whole
    rule_id: str | None = None
    holds: bool | None = None


@dataclass(frozen=True)
class Input:
    """One supply as it entered a reconciliation: the last batch of the fold, and its size."""

    supply: str
    batch_id: str
    contract_version: str
    rows: int
    changed_by: str | None = None  # the last batch that changed a row


DISCREPANCY_KINDS = (
    "value_conflict",  # two supplies give one field of one entity different values
    "identity_conflict",  # one number, clearly two entities
    "possible_duplicate",  # two numbers, seemingly one entity
    "possible_match",  # two entities that linkage would join, but may not or is not sure of
    "duplicate_in_supply",  # one supply names the entity twice and contradicts itself
    "no_key",  # a row whose number is missing or is none
    "unresolved_reference",  # a number that leads to no entity of the dataset referred to
    "unfit_reference",  # it leads to an entity that it must not lead to, e.g. a cancelled firm
    "balance",  # a line of money that does not tie out
)
"""What a reconciliation lists. `Reconciled.counts` counts each kind that occurred."""


@dataclass(frozen=True)
class Change:
    """A reconciliation that changes another one: its files replace what that said of some entities.

    Files of the store: `touched` (entity_id: those looked at again), `spoken` (the same and those
    that merely look like one of them, of which the discrepancies alone are told anew).
    """

    of: str  # the reconciliation changed
    touched: str
    spoken: str
    entities: int


@dataclass(frozen=True)
class Reconciled:
    """One reconciliation of one dataset; all files are Parquet, keyed by `entity_id`."""

    id: str  # digest of dataset, contract version and inputs
    dataset: str
    contract_version: str
    inputs: tuple[Input, ...]
    golden: str  # entity_id, the dataset's fields, _hash
    lineage: str  # entity_id, per field the index into `origins`
    origins: str  # index, supply, batch_id
    links: str  # entity_id, supply, source_key, batch_id
    keys: str  # entity_id, key_space, key: what makes ids last
    events: str  # merges, splits and redirects, from the first release on
    discrepancies: str  # see hub.reconcile
    balance: str | None
    pairs: str | None = None  # what linkage looked at, what it was worth and what was decided
    redirects: str | None = None  # every id that was merged away -> the id that lives, or null
    model: dict[str, Any] | None = None  # uri and sha256 of the linkage model, how it was made
    counts: dict[str, int] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()  # what was compared, and what agreed
    further: dict[str, str] = field(default_factory=dict)  # files that the next change reads
    memory: dict[str, Any] = field(default_factory=dict)  # what the next change must know
    change: Change | None = None  # set: the files speak of the entities touched alone


@dataclass(frozen=True)
class LinkDecision:
    """What a steward decided of two groups of source rows; they stand in the store, at `uri`."""

    id: str
    dataset: str
    kind: str  # confirm or forbid; undo: takes another decision back
    undoes: str | None
    uri: str | None
    sha256: str | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Release:
    """One immutable version of a dataset."""

    dataset: str
    version: int  # 1, 2, 3 …
    delta_version: int
    reconciliation: str
    manifest: str
    rows: int
    inserted: int
    updated: int
    deleted: int
    created_at: datetime


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
    warning `warn_before` working days before the last. `pauses` are over: working days after the first day of one, up to and with the last, do not
    count. It stands still from `paused_on` on, and then has no due day.
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
