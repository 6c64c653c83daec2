"""The few requests to Airflow's REST API that the demo makes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from hub.demo.stage import USER, Stage

PAGE = 100  # [api] maximum_page_limit
PAUSES_S = (1, 2, 4)


class Api:
    """A session with Airflow; `httpx.TransportError` while the server is not up yet."""

    def __init__(self, stage: Stage) -> None:
        self.client = httpx.Client(base_url=stage.url, timeout=60, trust_env=False)
        self.login = {"username": USER, "password": stage.password}

    def sign_in(self) -> None:
        """Fetch a bearer token."""
        answer = self.client.post("/auth/token", json=self.login)
        answer.raise_for_status()
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def dag_ids(self) -> set[str]:
        """The DAGs that have been parsed so far."""
        return {dag["dag_id"] for dag in self._all("/dags", "dags")}

    def import_errors(self) -> list[str]:
        """What kept a DAG file from being parsed."""
        return [error["stack_trace"] for error in self._all("/importErrors", "import_errors")]

    def set_pools(self, slots: Mapping[str, int]) -> None:
        """Create or resize pools."""
        pools = [{"name": name, "slots": number} for name, number in slots.items()]
        action = {"action": "create", "action_on_existence": "overwrite", "entities": pools}
        self._send("PATCH", "/pools", {"actions": [action]})

    def unpause_all(self) -> None:
        """Hand all DAGs to the scheduler."""
        self._send("PATCH", "/dags?dag_id_pattern=%25", {"is_paused": False})

    def trigger(self, dag_id: str, run_id: str) -> None:
        """Start a run now; a run of this id that exists already is left as it is."""
        body = {"dag_run_id": run_id, "logical_date": None}
        answer = self.client.post(f"/api/v2/dags/{dag_id}/dagRuns", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()

    def runs(self, since: datetime) -> list[dict[str, Any]]:
        """All runs queued at or after `since`, of every DAG."""
        return self._all(f"/dags/~/dagRuns?run_after_gte={since:%Y-%m-%dT%H:%M:%S}Z", "dag_runs")

    def failed_tasks(self, dag_id: str, run_id: str) -> list[str]:
        """The tasks that failed in a run."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [t["task_id"] for t in self._all(path, "task_instances") if t["state"] == "failed"]

    def events_waiting(self, dag_id: str) -> bool:
        """Whether asset events wait for a next run of this DAG."""
        answer = self._get(f"/api/v2/dags/{dag_id}/assets/queuedEvents")
        return answer.status_code == httpx.codes.OK and answer.json()["total_entries"] > 0

    def _get(self, path: str) -> httpx.Response:
        """One look; a server that is busy is asked again."""
        for pause_s in PAUSES_S:
            try:
                answer = self.client.get(path)
            except httpx.TimeoutException:
                continue
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer
            time.sleep(pause_s)
        return self.client.get(path)

    def _send(self, method: str, path: str, body: Any) -> Any:
        answer = self.client.request(method, f"/api/v2{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def _all(self, path: str, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        joint = "&" if "?" in path else "?"
        while True:
            page = f"/api/v2{path}{joint}limit={PAGE}&offset={len(found)}"
            answer = self._get(page)
            answer.raise_for_status()
            entries = answer.json()[key]
            found += entries
            if len(entries) < PAGE:
                return found
