"""Fills the sample front ends and writes a catalog whose nodes point to them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from hub.settings import REPOSITORY, settings
from sample import Target, create

DROPS = Path("/srv/city")
KNOWN_HOSTS = Path("/keys/known_hosts")
FOLDERS = ("contracts", "codelists", "crosschecks", "policies", "clocks")
DATABASE_INBOXES = {"tax": "mysql://hub@front-mariadb/city",
                    "education": "postgresql://hub@front-postgres/city"}  # fmt: skip
MARIADB = frozenset({"market", "tax", "quality", "statistics", "housing"})  # some of each kind


def main() -> None:
    """Fill once; the catalog is written last, so a catalog that is there is complete."""
    home = settings().home
    catalog = home / "sample" / "catalog"
    if catalog.exists():
        return
    documents = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((REPOSITORY / "schemas" / "departments").glob("*.yaml"))
    }
    databases, drops = {}, {}
    for document in documents.values():
        name, node = document["name"], document.get("node")
        _inbox(document, home)
        if node is None:
            continue  # it supplies nothing
        for secret in ("host_key", "private_key"):
            node.pop(secret, None)
        if "file://" in node["url"]:
            drops[name] = DROPS / name
            node["url"] = f"sftp://hub@front-sftp:22/srv/city/{name}"
            node["hostKey"] = str(home / "sample" / "known_hosts")
        else:
            address = (
                "mysql+pymysql://hub{}@front-mariadb/city"
                if name in MARIADB
                else "postgresql+psycopg://hub{}@front-postgres/city"
            )
            databases[name] = address.format(":" + quote(os.environ["SAMPLE_PASSWORD"], safe=""))
            node["url"] = address.format("")
        node["password"] = "${SAMPLE_PASSWORD}"
    create(Target(home, databases, drops), int(os.environ["PEOPLE"]))
    (home / "sample").mkdir(exist_ok=True)
    shutil.copy(KNOWN_HOSTS, home / "sample" / "known_hosts")
    _write_catalog(catalog, documents)


def _inbox(document: dict[str, Any], home: Path) -> None:
    """Files go over SFTP, tables into the servers: a subscriber keeps its folder ready."""
    inbox = document.get("inbox", {})
    if "file" in inbox:
        folder = DROPS / "inbox" / document["name"]
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
        inbox["file"] = {
            "url": f"sftp://hub@front-sftp:22{folder}",
            "hostKey": str(home / "sample" / "known_hosts"),
            "password": "${SAMPLE_PASSWORD}",
        }
    if "database" in inbox:
        url = DATABASE_INBOXES[document["name"]]
        inbox["database"] = {"url": url, "password": "${SAMPLE_PASSWORD}"}


def _write_catalog(catalog: Path, documents: dict[str, Any]) -> None:
    unfinished = catalog.with_name("catalog.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(REPOSITORY / "schemas" / folder, unfinished / folder)
    shutil.copy(REPOSITORY / "schemas" / "sharing.yaml", unfinished)
    (unfinished / "departments").mkdir()
    for name, document in documents.items():
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (unfinished / "departments" / name).write_text(text, encoding="utf-8")
    unfinished.rename(catalog)


if __name__ == "__main__":
    main()
