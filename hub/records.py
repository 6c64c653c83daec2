"""The nouns that rooms hand to each other: frozen, plain values; URIs are relative to the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.protocol import Totals, Window
from hub.sharing_records import Clock as Clock
from hub.sharing_records import Credential as Credential
from hub.sharing_records import Grant as Grant
from hub.sharing_records import Objection as Objection
from hub.sharing_records import Recall as Recall
from hub.sharing_records import Request as Request
from hub.sharing_records import Share as Share
from hub.sharing_records import SharedFile as SharedFile


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
