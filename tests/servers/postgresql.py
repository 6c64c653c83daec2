"""One PostgreSQL of the Debian packages."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers.process import as_account, free_port, own_folder, running

ACCOUNT = "postgres"
READER_PASSWORD = "lantern-7-quay"  # of the role `reader`, which must log in with it


@contextmanager
def postgresql(tls: bool = False) -> Iterator[str]:
    """The SQLAlchemy URL of the superuser `hub`, who needs no password.

    `tls`: the server offers it, with a certificate of its own making (`server.crt` is its own
    authority), and psycopg takes it up.
    """
    programs = _programs()
    with own_folder(ACCOUNT) as folder:
        data, port = folder / "data", free_port()
        subprocess.run(
            [
                *as_account(ACCOUNT), programs / "initdb", "-D", data, "-U", "hub", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--auth=trust",
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        access = data / "pg_hba.conf"
        rule = "host all reader 127.0.0.1/32 scram-sha-256\n"
        access.write_text(rule + access.read_text())
        settings = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
            "fsync": "off", "shared_buffers": "128MB", "max_connections": 50,
        }  # fmt: skip
        if tls:
            _write_certificate(data)
            settings["ssl"] = "on"
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [programs / "postgres", "-D", data, *options]
        dsn = f"host=127.0.0.1 port={port} user=hub dbname=postgres"
        with running(command, ACCOUNT, folder / "log", lambda: _answers(dsn), signal.SIGINT):
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{READER_PASSWORD}'")
            yield f"postgresql+psycopg://hub@127.0.0.1:{port}/postgres"


def _write_certificate(data: Path) -> None:
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", data / "server.key", "-out", data / "server.crt",
    ]  # fmt: skip
    subprocess.run([*as_account(ACCOUNT), *command], check=True, capture_output=True)


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    program = shutil.which("postgres")
    if program is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return Path(program).resolve().parent
