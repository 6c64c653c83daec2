"""What the DAG files share: where the hub is, the assets that wake, the deadlines promised."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from airflow.sdk import (
    Asset,
    DeadlineAlert,
    DeadlineReference,
    RetryDecision,
    RetryPolicy,
    SyncCallback,
)

REPOSITORY = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("HUB_HOME") or REPOSITORY / ".hub").absolute()
CATALOG = Path(os.environ.get("HUB_CATALOG") or REPOSITORY / "schemas").absolute()
OUTLINE = HOME / "cache" / "outline.json"


def asset(kind: Literal["supply", "dataset"], name: str) -> Asset:
    """The asset of a supply or dataset.

    Its address is a folder of the store, because lineage drops schemes that it does not know.
    """
    uri = f"file://{HOME}/store/{kind}/{name}"
    return Asset(name=f"{kind}/{name}", uri=uri, group=kind)


def deadline(dag_id: str, latency_h: float | None) -> Any:
    """The alert for a run that is not done within the promised `latency`; None: none promised."""
    if latency_h is None:
        return None
    what = {"home": str(HOME), "subject": dag_id, "promised_h": latency_h}
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=latency_h),
        callback=SyncCallback("hub.deadlines.missed", kwargs=what),
    )


class RetryUnreachable(RetryPolicy):
    """Repeat where the error says that it passes (`transient`: a front end out of reach).

    Any other fault would only fail again, later, so it is red at once.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        if getattr(exception, "transient", False):
            return RetryDecision.default()
        return RetryDecision.fail(f"{type(exception).__name__} does not pass by itself")
