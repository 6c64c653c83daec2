"""The closed set of `customProperties` that the hub adds to ODCS, level by level.

ODCS leaves `customProperties` open; the hub does not: an unknown key is refused, because a
misspelt promise is worse than none. Keys are camelCase in YAML and snake_case in Python.
The 目录 fields follow 政务信息资源目录编制指南（试行）2017.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.promise import Names as Names
from schemas.promise import Promise as Promise
from schemas.promise import Share as Share
from schemas.reconciliation import Balance as Balance
from schemas.reconciliation import Comparison as Comparison
from schemas.reconciliation import Flow as Flow
from schemas.reconciliation import Reconcile as Reconcile
from schemas.reconciliation import Resolve as Resolve
from schemas.reconciliation import Source as Source
from schemas.reconciliation import Survivorship as Survivorship
from schemas.sharing import Inbox, Role

ZONE = "Asia/Shanghai"  # of departments that name no other


class ShareType(StrEnum):
    """共享类型 of 政务信息资源目录编制指南 2017."""

    UNCONDITIONAL = "unconditional"  # 无条件共享
    CONDITIONAL = "conditional"  # 有条件共享
    DENIED = "denied"  # 不予共享


class OpenType(StrEnum):
    """开放属性: whether the resource may be opened to the public."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    DENIED = "denied"


class UpdateCycle(StrEnum):
    """更新周期; the spreadsheet export writes the Chinese word."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    TEN_DAYS = "tenDays"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "halfYearly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    NEVER = "never"
    OTHER = "other"


class DataLevel(StrEnum):
    """数据分级. 涉密 (secret) is not a value: secret data never enters the hub."""

    GENERAL = "general"
    IMPORTANT = "important"
    CORE = "core"


class Directory(Promise):
    """The 目录 fields of one table (政务信息资源目录), cross-checked by `catalog lint`."""

    resource_code: str | None = Field(default=None, description="信息资源代码 = 分类码/顺序码")
    share_type: ShareType = ShareType.CONDITIONAL
    share_condition: str | None = None
    share_mode: Literal["database", "file", "interface", "mail", "medium"] = "database"
    open_type: OpenType = OpenType.DENIED
    open_condition: str | None = None
    update_cycle: UpdateCycle = UpdateCycle.DAILY
    resource_format: Literal[
        "database", "spreadsheet", "file", "graphic", "stream", "selfDescribing"
    ] = "database"
    data_level: DataLevel = DataLevel.GENERAL
    published_on: date | None = None
    related_resources: Names = ()
    keywords: Names = ()


class Pull(Promise):
    """How one supply is pulled. Durations are ISO 8601 (`PT1H`)."""

    mode: Literal["snapshot", "increment"] = "snapshot"
    watermark: str | None = Field(default=None, description="field that orders increments")
    overlap: timedelta = timedelta(0)  # re-read this much before the last watermark
    lag: timedelta = timedelta(0)  # leave the newest rows to the next window
    reconcile_keys_every: timedelta | None = None  # full key comparison that finds deletes
    chunk_rows: int = Field(default=200_000, ge=1)
    deletes: Literal["physical", "none"] = "physical"

    @model_validator(mode="after")
    def _increments_need_a_watermark(self) -> Pull:
        if self.mode == "increment" and self.watermark is None:
            raise ValueError("pull.mode increment needs pull.watermark")
        return self


class Files(Promise):
    """How the files of a drop (folder or SFTP) are recognised and read."""

    pattern: str = Field(description="glob below the node's folder, e.g. residents_*.csv")
    format: Literal["csv", "excel", "parquet"] | None = None  # None: by file extension
    encodings: Names = ("utf-8-sig", "gb18030")  # tried in order, strictly
    delimiter: str = ","
    quote: str = '"'
    skip_rows: int = Field(default=0, ge=0)
    sheet: str | None = None
    ready: str | None = Field(default=None, description="marker suffix, e.g. .ok; None: settled")
    settle: timedelta = timedelta(seconds=5)  # size and mtime unchanged for this long
    content: Literal["snapshot", "append", "upsert"] = "snapshot"


class Thresholds(Promise):
    """Shares of quarantined rows from which the verdict worsens; None switches the step off."""

    warn: Share | None = 0.0  # more than this share quarantined: warn
    hold: Share | None = 0.2
    reject: Share | None = 0.5


class Feedback(Promise):
    """How long a department has to answer the work orders of one supply."""

    working_days: int = Field(default=10, ge=1, le=250)


Severity = Literal["info", "warning", "error"]


class RowCountDrift(Promise):
    """How many rows fewer (`drop`) or more (`rise`) than before are unusual, as shares."""

    drop: Share = 0.3
    rise: Annotated[float, Field(ge=0.0)] = 1.0
    severity: Severity = "warning"


class NullRateDrift(Promise):
    """By how much the share of empty cells of a field may change."""

    change: Share = 0.1
    fields: Names | None = None  # None: all
    severity: Severity = "warning"


class DistributionDrift(Promise):
    """How far the values of a field may shift: the population stability index."""

    psi: Annotated[float, Field(gt=0.0)] = 0.25  # above 0.25 is called a major shift
    fields: Names | None = None  # None: all but keys and the watermark
    severity: Severity = "warning"


class DriftLimits(Promise):
    """What a batch may differ by from the last accepted ones; None switches a comparison off."""

    baseline: int = Field(default=7, ge=1, description="accepted batches to compare with")
    minimum_rows: int = Field(default=100, ge=1)
    row_count: RowCountDrift | None = RowCountDrift()
    null_rate: NullRateDrift | None = NullRateDrift()
    distribution: DistributionDrift | None = DistributionDrift()


class FieldProperties(Promise):
    """What the hub adds to one ODCS property of a supply or dataset."""

    aliases: Names = ()  # header variants of the same column
    formats: Names = ()  # strptime spellings of dates and times, tried in order
    null_values: Names | None = None  # overrides the table's list
    codelist: str | None = None
    identifier: str | None = None  # a name of quality.identifiers
    # By verdict of the identifier.
    identifier_severity: dict[str, Severity] = Field(default_factory=dict)
    trim: bool = True  # white space at both ends is not content
    timezone: str | None = None  # of a timestamp without one
    decimal_comma: bool = False
    unit: str | None = None  # e.g. CNY, person, m2
    share_type: ShareType | None = None
    share_condition: str | None = None
    open_type: OpenType | None = None
    sensitive: bool = False  # never in logs, findings, samples
    title_en: str | None = None


class SupplyProperties(Promise):
    """Contract-level `customProperties` of a supply."""

    directory: Directory = Directory()
    pull: Pull = Pull()
    files: Files | None = None
    verdict: Thresholds = Thresholds()
    drift: DriftLimits | None = DriftLimits()
    feedback: Feedback = Feedback()
    null_values: Names = ("",)
    title_en: str | None = None


class DatasetProperties(Promise):
    """Contract-level `customProperties` of a dataset."""

    directory: Directory = Directory()
    provider: str | None = None  # 数源部门, decides on requests; None: of the first source
    reconcile: Reconcile
    title_en: str | None = None


class Node(Promise):
    """The front end (前置库) of one department: one address, one connection unless it says more.

    `url` is a SQLAlchemy URL, or `file:///folder`, or `sftp://user@host:port/folder`. It holds no
    password; `${NAME}` and `${NAME:-default}` are read from the environment, `${HUB_HOME}` is the
    hub's home folder.
    """

    url: str
    password: str | None = None  # `${NAME}` only: a secret never stands in a catalog
    schema_name: str | None = Field(default=None, alias="schema")
    connections: int = Field(default=1, ge=1)
    statement_timeout_s: int = Field(default=3600, ge=1)
    allowed_hours: str | None = Field(default=None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    timezone: str = ZONE  # of the server's timestamps without zone, and of allowed_hours
    private_key: str | None = None  # path
    host_key: str | None = None  # "ssh-ed25519 AAAA…" or a known_hosts path
    options: dict[str, str] = Field(default_factory=dict)


class Title(Promise):
    zh: str
    en: str


class Department(Promise):
    """One organisation, provider or subscriber: `departments/<name>.yaml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Title
    code: str | None = Field(default=None, description="USCC, GB 32100-2015")
    division: str | None = Field(default=None, pattern=r"^\d{6}$")
    contact: str | None = None
    node: Node | None = None
    inbox: Inbox | None = None  # where deliveries to it go
    officers: dict[str, tuple[Role, ...]] = Field(default_factory=dict)  # name -> what they may do

    @property
    def timezone(self) -> str:
        """The zone in which the department counts its days and writes its times."""
        return self.node.timezone if self.node else ZONE
