"""The few requests of the Delta Sharing protocol that reading another hub takes.

Protocol: https://github.com/delta-io/delta-sharing/blob/main/PROTOCOL.md, Parquet responses.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import httpx

from connectors.protocol import SourceError, SourceMissing, SourceRefused, SourceUnreachable

PAUSES_S = (0.5, 2.0, 5.0)  # before a request is tried again
TIMEOUT = httpx.Timeout(60.0, connect=15.0)
PAGE = 500  # tables asked for at a time
MOST_PAGES = 1000
READER = 1  # the protocol's reader version that is understood
BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class SharedTable:
    """One table that a credential opens."""

    share: str
    schema: str
    name: str

    @property
    def path(self) -> str:
        parts = (quote(part, safe="") for part in (self.share, self.schema, self.name))
        return "/shares/{}/schemas/{}/tables/{}".format(*parts)

    def __str__(self) -> str:
        return f"{self.share}.{self.schema}.{self.name}"


@dataclass(frozen=True)
class SharedFile:
    """One file of a version: where it is for the next minutes, and what it must be."""

    id: str
    url: str  # signed: never told
    size: int
    rows: int | None  # as the server counts them; None: it does not say
    partition: dict[str, str | None]


@dataclass(frozen=True)
class Description:
    """A table at one version: its id, its columns as (name, type, nullable), what splits it."""

    id: str
    version: int
    columns: tuple[tuple[str, str, bool], ...]
    files: tuple[SharedFile, ...] = ()


class SharingClient:
    """One credential at one server. Every error is a `SourceError` without token or signed URL.

    Raises `SourceRefused` at once for an endpoint that is no address.
    """

    def __init__(self, endpoint: str, token: str, verify: ssl.SSLContext) -> None:
        headers = {
            "Authorization": f"Bearer {token}",
            "delta-sharing-capabilities": "responseformat=parquet",
            "User-Agent": "exchange-hub Delta-Sharing",
        }
        try:
            self._host = httpx.URL(endpoint).netloc.decode()
        except httpx.InvalidURL:
            raise SourceRefused("the endpoint is no address") from None
        self._api = httpx.Client(
            base_url=endpoint.rstrip("/"), headers=headers, timeout=TIMEOUT, verify=verify
        )
        plain = {"Accept-Encoding": "identity"}  # ranges are of the file itself
        self._files = httpx.Client(headers=plain, timeout=TIMEOUT, verify=verify)  # has no token
        self._secure = endpoint.startswith("https:")

    def close(self) -> None:
        self._api.close()
        self._files.close()

    def tables(self) -> Iterator[SharedTable]:
        """Every table that the credential opens."""
        for share in self._listed("/shares"):
            name = str(share.get("name", ""))
            for item in self._listed(f"/shares/{quote(name, safe='')}/all-tables"):
                yield SharedTable(name, str(item.get("schema", "")), str(item.get("name", "")))

    def newest(self, table: SharedTable) -> Description:
        """The table as it is now, without its files."""
        answer = self._request("GET", f"{table.path}/metadata")
        return self._described(answer, table)

    def at(self, table: SharedTable, version: int) -> Description:
        """The table at one version, with its files; `SourceMissing` when it is not offered."""
        answer = self._request("POST", f"{table.path}/query", {"version": version})
        found = self._described(answer, table)
        if found.version != version:
            raise SourceMissing(f"{table}: version {version} is not offered")
        return found

    def fetch(self, file: SharedFile, target: Path) -> bool:
        """Fetch a file, going on where an earlier attempt broke off; False: its URL has run out."""
        scheme = urlsplit(file.url).scheme
        if scheme not in {"http", "https"} or (self._secure and scheme != "https"):
            raise SourceRefused(f"{self._host}: a file is offered over {scheme or 'nothing'}")
        for pause_s in (*PAUSES_S, None):
            try:
                if (whole := self._fetched(file, target)) is not None:
                    return whole
            except httpx.RequestError as error:
                if pause_s is None:
                    self._broken(error)
            if pause_s is not None:
                time.sleep(pause_s)
        raise SourceUnreachable(f"{self._host}: a file did not arrive whole")

    def _fetched(self, file: SharedFile, target: Path) -> bool | None:
        """True: it is there; False: the URL has run out; None: try again."""
        there = target.stat().st_size if target.exists() else 0
        if there == file.size:
            return True
        if there > file.size:
            target.unlink()
            there = 0
        headers = {"Range": f"bytes={there}-"} if there else {}
        with self._files.stream("GET", file.url, headers=headers) as answer:
            if answer.status_code == 416:  # what is there already is not of this file
                target.unlink(missing_ok=True)
            if answer.status_code in BUSY or answer.status_code == 416:
                return None
            if answer.status_code not in {200, 206}:
                return False
            mode = "ab" if answer.status_code == 206 else "wb"
            with target.open(mode) as copy:
                for block in answer.iter_bytes():
                    copy.write(block)
                    if copy.tell() > file.size:
                        break  # a stream without an end would fill the disk
        return True if target.stat().st_size == file.size else None

    def _listed(self, path: str) -> Iterator[dict[str, Any]]:
        token = ""
        for _ in range(MOST_PAGES):
            params = {"maxResults": str(PAGE), **({"pageToken": token} if token else {})}
            page = self._json(self._request("GET", path, params=params))
            with self._understood():
                items = [dict(item) for item in page.get("items") or []]
                token = str(page.get("nextPageToken") or "")
            yield from items
            if not token:
                return
        raise SourceError(f"{self._host}: the list of tables has no end")

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        for pause_s in (*PAUSES_S, None):
            try:
                answer = self._api.request(method, path, json=body, params=params)
            except httpx.RequestError as error:
                if pause_s is None:
                    self._broken(error)
            else:
                if answer.is_success:
                    return answer
                if answer.status_code not in BUSY or pause_s is None:
                    self._refused(answer.status_code)
            if pause_s is not None:
                time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _broken(self, error: Exception) -> NoReturn:
        kind = type(error).__name__
        raise SourceUnreachable(f"{self._host}: no connection: {kind}") from None

    def _refused(self, status: int) -> NoReturn:
        if status in {401, 403}:
            raise SourceRefused(
                f"{self._host}: the credential is not accepted: wrong, expired or revoked"
            )
        if status in {400, 404, 410}:
            raise SourceMissing(f"{self._host}: there is no such table or version for us")
        if status >= 500 or status == 429:
            raise SourceUnreachable(f"{self._host}: the server answers {status}")
        raise SourceError(f"{self._host}: the server answers {status}")

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        with self._understood():
            found = answer.json()
            if not isinstance(found, dict):
                raise TypeError
            return found
        raise AssertionError("never comes here")

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """What the server says is no value of ours: only that it could not be read is told."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, httpx.InvalidURL):
            raise SourceError(f"{self._host}: the answer is not Delta Sharing") from None

    def _described(self, answer: httpx.Response, table: SharedTable) -> Description:
        metadata: dict[str, Any] = {}
        files: list[SharedFile] = []
        with self._understood():
            for line in filter(None, answer.text.split("\n")):
                ((kind, content),) = json.loads(line).items()
                if kind == "protocol" and int(content["minReaderVersion"]) > READER:
                    raise SourceRefused(f"{table}: it takes a newer reader than this one")
                if kind == "metaData":
                    metadata = content
                elif kind == "file":
                    files.append(_file(content))
            columns = tuple(
                (str(f["name"]), _type(f["type"]), bool(f["nullable"]))
                for f in json.loads(metadata["schemaString"])["fields"]
            )
            version = int(answer.headers["delta-table-version"])
            return Description(str(metadata["id"]), version, columns, tuple(files))
        raise AssertionError("never comes here")


def _file(content: dict[str, Any]) -> SharedFile:
    stats = json.loads(content.get("stats") or "{}")
    rows = stats.get("numRecords")
    return SharedFile(
        str(content["id"]),
        str(httpx.URL(content["url"])),
        int(content["size"]),
        None if rows is None else int(rows),
        dict(content.get("partitionValues") or {}),
    )


def _type(kind: Any) -> str:
    """Spark's name of a type as a database would write it; nested ones are JSON to the hub."""
    names = {"long": "bigint", "short": "smallint", "byte": "tinyint", "binary": "blob"}
    return names.get(kind, kind) if isinstance(kind, str) else "json"
