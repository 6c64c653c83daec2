"""The stage of the demo: port, password and Airflow's settings, all below the home folder."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.errors import SettingsError
from hub.settings import REPOSITORY

HOST = "127.0.0.1"
USER = "admin"
WORKING = 4
PORTAL_ABOVE = 10  # the portal's port, above the scheduler's
HIGHEST_PORT = 65535
PRELOAD = '''\
"""Read by Airflow at its start. Tasks are forks of the scheduler and find it all there."""

import sys

if "scheduler" in sys.argv:
    import hub.check
    import hub.extract
    import hub.land
    import hub.pushing
    import hub.steps
'''


@dataclass(frozen=True)
class Stage:
    """Where one demo plays."""

    home: Path
    catalog: Path
    port: int
    portal_port: int
    password: str
    workers: int  # tasks at one time

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.portal_port}"

    @property
    def airflow_home(self) -> Path:
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        return self.home / "logs"


def ports_of(environ: Mapping[str, str]) -> tuple[int, int]:
    """Those of the scheduler (HUB_DEMO_PORT, by default 8080) and the portal (ten above it).

    Raises `SettingsError` when one is no port, or taken.
    """
    text = environ.get("HUB_DEMO_PORT") or "8080"
    if not text.isdecimal() or not 1024 <= int(text) <= HIGHEST_PORT - PORTAL_ABOVE:
        raise SettingsError(
            f"HUB_DEMO_PORT must be a port from 1024 to {HIGHEST_PORT - PORTAL_ABOVE}, "
            f"found {text!r}"
        )
    for port in (int(text), int(text) + PORTAL_ABOVE):
        _refuse_taken(port, int(text))
    return int(text), int(text) + PORTAL_ABOVE


def _refuse_taken(port: int, first: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise SettingsError(
                f"port {port} is taken on {HOST}; choose another one: HUB_DEMO_PORT={first + 100} "
                f"make demo. 端口 {port} 已被占用，请用 HUB_DEMO_PORT 指定其他端口。"
            ) from None


def set_stage(home: Path, catalog: Path, ports: tuple[int, int], datasets: int) -> Stage:
    """Make the folders and the password file; the password lasts as long as the home folder.

    There is a worker for each of the `datasets`, which wait, besides those that work.
    """
    password = _password(home / "airflow" / "passwords.json")
    stage = Stage(home, catalog, *ports, password, WORKING + datasets)
    (stage.logs / "airflow").mkdir(parents=True, exist_ok=True)
    config = stage.airflow_home / "config"
    config.mkdir(exist_ok=True)
    (config / "airflow_local_settings.py").write_text(PRELOAD)
    return stage


def environment(stage: Stage, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of every Airflow process of the demo.

    Airflow settings of the surroundings are left out, so that the demo is the same everywhere;
    lineage settings alone are kept. Everything that listens does so on loopback.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("AIRFLOW_") or name.startswith("AIRFLOW__OPENLINEAGE__")
    }
    return kept | {
        "HUB_HOME": str(stage.home),
        "HUB_CATALOG": str(stage.catalog),
        "HUB_PORTAL_URL": stage.portal_url,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH", "")]),
        # Tasks talk to the API server on this machine, whatever proxy leads out of it.
        "NO_PROXY": ",".join(filter(None, [HOST, environ.get("NO_PROXY", "")])),
        "no_proxy": ",".join(filter(None, [HOST, environ.get("no_proxy", "")])),
        "GX_ANALYTICS_ENABLED": "false",
        "AIRFLOW_HOME": str(stage.airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(stage.workers),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{stage.url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            stage.airflow_home / "passwords.json"
        ),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (
            # SQLite has one writer at a time; the others wait for it, in seconds.
            f"sqlite:///{stage.airflow_home}/airflow.db?timeout=15"
        ),
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(stage.port),
        "AIRFLOW__API__BASE_URL": stage.url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(stage.logs / "airflow"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
    }


def _password(file: Path) -> str:
    try:
        return str(json.loads(file.read_text())[USER])
    except (OSError, ValueError, KeyError):
        password = secrets.token_urlsafe(9)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({USER: password}))
    return password
