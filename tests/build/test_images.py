"""The server's images and compose file, as far as they can be tested without an engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.settings import REPOSITORY

DOCKER = REPOSITORY / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_compose_file_follows_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    arguments = ["--builtin-schema", "vendor.compose-spec", str(DOCKER / "compose.yaml")]
    done = subprocess.run([checker, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_profile_has_one_scheduler_and_celery_has_workers() -> None:
    def started(profile: str) -> set[str]:
        return {
            name
            for name, service in SERVICES.items()
            if not service.get("profiles") or profile in service["profiles"]
        }

    both = {"postgres", "init", "api-server", "portal", "dag-processor"}
    assert started("localexecutor") == both | {"scheduler"}
    assert started("celery") == both | {"scheduler-celery", "worker", "redis"}
    assert started("sample") > {"front-postgres", "front-mariadb", "front-sftp", "city"}
    executors = {
        name: s["environment"]["AIRFLOW__CORE__EXECUTOR"]
        for name, s in SERVICES.items()
        if name in ("scheduler", "scheduler-celery", "worker")
    }
    assert executors == {
        "scheduler": "LocalExecutor",
        "scheduler-celery": "CeleryExecutor",
        "worker": "CeleryExecutor",
    }


def test_no_secret_has_a_default_and_every_one_is_in_the_example() -> None:
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    secrets = set(re.findall(r"\$\{(\w*(?:PASSWORD|KEY|SECRET))\b(?::\?[^}]*|:-)?\}", text))
    example = (DOCKER / ".env.example").read_text("utf-8")
    assert len(secrets) >= 6
    for name in secrets:
        assert re.search(rf"^{name}=$", example, re.M), name
        assert not re.search(rf"\$\{{{name}:-[^}}]", text)


def test_ports_are_published_on_loopback_unless_told_otherwise() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == [
        "${AIRFLOW_ADDRESS:-127.0.0.1:8080}:8080",
        "${PORTAL_ADDRESS:-127.0.0.1:8090}:8090",
    ]


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "sample/sftp.Dockerfile"])
def test_what_an_image_copies_is_in_the_checkout(dockerfile: str) -> None:
    path = DOCKER / dockerfile
    context = REPOSITORY if dockerfile == "Dockerfile" else path.parent
    copied = re.findall(r"^COPY (.+) \S+$", path.read_text("utf-8"), re.M)
    assert copied
    for source in " ".join(copied).split():
        assert (context / source).exists(), source


def test_the_image_is_built_by_the_same_setup_as_a_checkout() -> None:
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    assert "RUN make setup KIND=server" in text
    assert "pip install" not in text
    assert re.search(r"^USER hub$", text, re.M)


def test_programs_that_the_services_start_are_executable() -> None:
    for name in ("entry", "init", "sample/start", "postgres/10-databases.sh"):
        assert (DOCKER / name).stat().st_mode & 0o111, name
