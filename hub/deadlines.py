"""What happens when a run is later than its contract promised: an alert is written down."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


def missed(home: str, subject: str, promised_h: float, context: Any = None) -> None:
    """Append one line to `<home>/logs/alerts.jsonl`; the scheduler calls this past a deadline.

    `subject` is the DAG's id, `promised_h` the tightest `latency` of its contracts in hours.
    """
    run = dict(context.get("dag_run") or {}) if isinstance(context, dict) else {}
    alert = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "alert": "deadline_missed",
        "subject": subject,
        "run": run.get("dag_run_id") or run.get("run_id"),
        "promised_h": promised_h,
        "zh": f"{subject} 未在承诺的 {promised_h:g} 小时内完成",
        "en": f"{subject} is not done within the promised {promised_h:g} hours",
    }
    folder = Path(home) / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "alerts.jsonl").open("a", encoding="utf-8") as alerts:
        alerts.write(json.dumps(alert, ensure_ascii=False) + "\n")
    _log.error(alert["en"])
