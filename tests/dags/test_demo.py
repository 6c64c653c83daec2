"""The demo as a newcomer runs it: it ends well, says what is wrong, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from hub.demo.stage import environment, ports_of, set_stage
from hub.errors import SettingsError
from tests.dags import town
from tests.servers.process import free_port

HUB = Path(sys.executable).with_name("hub")


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The demo over the town."""
    catalog = town.build(tmp_path)
    return [str(HUB), "--home", str(tmp_path / "home"), "--catalog", str(catalog), "demo"]


@pytest.fixture
def env() -> dict[str, str]:
    """An environment with a free port."""
    return {**os.environ, "HUB_DEMO_PORT": str(free_port()), "COLUMNS": "120"}


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.slow
def test_a_taken_port_is_a_clear_message(
    command: list[str], env: dict[str, str], taken_port: int
) -> None:
    env["HUB_DEMO_PORT"] = str(taken_port)
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"port {taken_port} is taken" in done.stderr
    assert "HUB_DEMO_PORT=" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["http", "80", "70000", "65530", "-1"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_DEMO_PORT"):
        ports_of({"HUB_DEMO_PORT": text})


def test_everything_that_listens_does_so_on_loopback_and_nothing_calls_home(tmp_path: Path) -> None:
    stage = set_stage(tmp_path, tmp_path, (8123, 8133), 3)
    settings = environment(stage, {"AIRFLOW__CORE__LOAD_EXAMPLES": "True", "PATH": "/bin"})
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert settings["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert settings["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert settings["AIRFLOW__CORE__PARALLELISM"] == "7"


def test_the_password_is_the_owners_alone_and_lasts(tmp_path: Path) -> None:
    stage = set_stage(tmp_path, tmp_path, (8123, 8133), 3)
    file = stage.airflow_home / "passwords.json"
    assert file.stat().st_mode & 0o077 == 0
    assert stage.password in file.read_text()
    assert set_stage(tmp_path, tmp_path, (8123, 8133), 3).password == stage.password


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1800)
def test_the_demo_ends_with_a_summary_and_leaves_no_process(
    command: list[str], env: dict[str, str]
) -> None:
    done = subprocess.run([*command, "--once"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "50 = 50 accepted 通过 + 0 quarantined 隔离 + 0 unchanged 未变" in done.stdout
    assert "version 1: 40 rows" in done.stdout
    assert f"http://127.0.0.1:{env['HUB_DEMO_PORT']}" in done.stdout
    assert _belonging_to(command[2]) == []


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_that_is_stopped_early_leaves_no_process(
    command: list[str], env: dict[str, str], number: signal.Signals
) -> None:
    with _playing(command, env, stdout=subprocess.DEVNULL) as demo:
        _await(lambda: any("scheduler" in line for line in _belonging_to(command[2])), 600)
        time.sleep(2)
        listening = {
            connection.laddr.ip
            for process in psutil.Process(demo.pid).children(recursive=True)
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening <= {"127.0.0.1"}
        second = subprocess.run(
            command, env={**env, "HUB_DEMO_PORT": str(free_port())}, capture_output=True, text=True
        )
        assert second.returncode == 2 and "another demo plays" in second.stderr
        demo.send_signal(number)
        code = demo.wait(timeout=300)
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 130)
    _await(lambda: _belonging_to(command[2]) == [], 300)


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(1800)
def test_a_component_that_dies_ends_the_demo_with_its_log(
    command: list[str], env: dict[str, str]
) -> None:
    with _playing(command, env, stderr=subprocess.PIPE) as demo:
        _await(lambda: any("scheduler" in line for line in _belonging_to(command[2])), 600)
        for child in psutil.Process(demo.pid).children():
            if "scheduler" in " ".join(child.cmdline()):
                child.kill()
        errors = demo.communicate(timeout=300)[1]
    assert demo.returncode == 1
    assert "scheduler ended with status -9" in errors and "demo-scheduler.log" in errors
    assert _belonging_to(command[2]) == []


@contextmanager
def _playing(
    command: list[str], env: dict[str, str], **streams: int
) -> Iterator[subprocess.Popen[str]]:
    """A demo that ends with its test: a test that fails must not wait for it for ever."""
    demo = subprocess.Popen(command, env=env, text=True, **streams)  # type: ignore[call-overload]
    try:
        yield demo
    finally:
        demo.kill()
        demo.communicate()


def _belonging_to(home: str) -> list[str]:
    """Command lines of the processes that work in a home folder, zombies left out."""
    found = []
    for process in psutil.process_iter():
        try:
            surroundings = process.environ()
            if process.status() != psutil.STATUS_ZOMBIE and surroundings.get("HUB_HOME") == home:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def _await(condition: object, limit_s: float) -> None:
    assert callable(condition)
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.3)
