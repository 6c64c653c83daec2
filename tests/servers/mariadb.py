"""One MariaDB of the Debian packages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.servers.process import as_account, free_port, own_folder, running

ACCOUNT = "mysql"
READER_PASSWORD = "lantern-7-quay"  # of the user `reader`


@contextmanager
def mariadb() -> Iterator[str]:
    """The SQLAlchemy URL of the superuser `hub`, who needs no password."""
    program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    if not Path(program).exists():
        raise RuntimeError("MariaDB is not installed: apt-get install mariadb-server")
    with own_folder(ACCOUNT) as folder:
        data, port = folder / "data", free_port()
        subprocess.run(
            [
                *as_account(ACCOUNT), "mariadb-install-db", "--no-defaults", f"--datadir={data}",
                "--auth-root-authentication-method=normal", "--skip-test-db",
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        command = [
            program, "--no-defaults", f"--datadir={data}", f"--port={port}",
            "--bind-address=127.0.0.1", f"--socket={folder}/socket", f"--pid-file={folder}/pid",
            f"--log-error={folder}/error", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=256M", "--skip-log-bin", "--max-allowed-packet=64M",
            "--character-set-server=utf8mb4", "--local-infile=1",
        ]  # fmt: skip
        with running(command, ACCOUNT, folder / "log", lambda: _answers(port)):
            _create_users(port)
            yield f"mysql+pymysql://hub@127.0.0.1:{port}/mysql"


def _answers(port: int) -> bool:
    try:
        pymysql.connect(host="127.0.0.1", port=port, user="root", connect_timeout=1).close()
    except pymysql.err.OperationalError:
        return False
    return True


def _create_users(port: int) -> None:
    root = pymysql.connect(host="127.0.0.1", port=port, user="root")
    with root, root.cursor() as cursor:
        for account, password in (("hub", ""), ("reader", READER_PASSWORD)):
            cursor.execute(f"CREATE USER {account}@'127.0.0.1' IDENTIFIED BY '{password}'")
        cursor.execute("GRANT ALL ON *.* TO hub@'127.0.0.1' WITH GRANT OPTION")
        cursor.execute("GRANT SELECT ON *.* TO reader@'127.0.0.1'")
