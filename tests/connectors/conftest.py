"""An SSH server for the drops, one a session, with a fresh folder for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.properties import Node
from tests.servers.sshd import SshServer, sshd


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SshServer]:
    """A running SSH server that offers SFTP."""
    with sshd() as server:
        yield server


@pytest.fixture
def sftp_folder(ssh_server: SshServer) -> Path:
    """An empty folder that the SFTP account can read and write."""
    folder = ssh_server.root / secrets.token_hex(6)
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def sftp_node(ssh_server: SshServer, sftp_folder: Path) -> Node:
    """The node of that folder, with the right keys."""
    return Node(
        url=ssh_server.url(sftp_folder),
        host_key=ssh_server.host_key,
        private_key=str(ssh_server.private_key),
    )
