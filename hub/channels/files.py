"""Pushes files: a delivery is there when its manifest is there, and that comes last.

    <dataset>/<grant>/v000007/rows-1.parquet …, manifest.json
    <dataset>/<grant>/receipts/v000007-<id>.json
    <dataset>/<grant>/recalls/<id>.parquet, <id>.json

Every file is sent under a temporary name and renamed; the manifest names all of them with their
checksums. Whoever reads a folder without a manifest reads something that is still on its way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.channels.place import Place, clear, put, put_json, read_json
from hub.channels.protocol import Handed, Notice, Outdated, Parcel, Proof
from hub.errors import HubError

MANIFEST = "manifest.json"
VERSION = re.compile(r"v([0-9]{6,})")


def folder_of(dataset: str, grant: str, version: int) -> str:
    """Where one version of a grant lies below the inbox."""
    return f"{dataset}/{grant}/v{version:06d}"


@dataclass(frozen=True)
class FileChannel:
    """A `Channel` that hands over files, wherever the place is."""

    place: Place

    def held(self, grant: str, dataset: str) -> str | None:
        for version in self._versions(grant, dataset):
            if found := self._manifest(dataset, grant, version):
                return str(found.get("delivery"))
        return None

    def hand_over(self, parcel: Parcel) -> Handed:
        folder = folder_of(parcel.dataset, parcel.grant, parcel.version)
        found = self._manifest(parcel.dataset, parcel.grant, parcel.version)
        if found and found.get("delivery") == parcel.delivery and not parcel.anew:
            return Handed(folder, already=True)
        if parcel.base is not None and self.held(parcel.grant, parcel.dataset) != parcel.follows:
            raise Outdated
        files = [packed for content in parcel.contents for packed in content.files]
        self.place.make(folder)
        if found is not None:
            self.place.remove(f"{folder}/{MANIFEST}")  # from here on it is not complete
        for packed in files:
            put(self.place, folder, packed)
        clear(self.place, folder, [packed.name for packed in files])
        try:
            parcel.permitted()
        except HubError:
            clear(self.place, folder, [])
            raise
        put_json(self.place, folder, MANIFEST, manifest_of(parcel))
        return Handed(folder)

    def tell(self, grant: str, dataset: str, notices: Sequence[Notice]) -> None:
        folder = f"{dataset}/{grant}/recalls"
        if notices:
            self.place.make(folder)
        for notice in notices:
            if self.place.size(f"{folder}/{notice.id}.json") is None:
                put(self.place, folder, notice.file)
                put_json(self.place, folder, f"{notice.id}.json", notice.document)

    def prove(self, grant: str, dataset: str, proofs: Sequence[Proof]) -> None:
        folder = f"{dataset}/{grant}/receipts"
        there = set(self.place.names(folder))
        for proof in proofs:
            name = f"v{proof.version:06d}-{proof.id[:12]}.json"
            if name not in there:
                self.place.make(folder)
                put_json(self.place, folder, name, proof.envelope)

    def _versions(self, grant: str, dataset: str) -> list[int]:
        names = self.place.names(f"{dataset}/{grant}")
        found = (VERSION.fullmatch(name) for name in names)
        return sorted((int(match[1]) for match in found if match), reverse=True)

    def _manifest(self, dataset: str, grant: str, version: int) -> dict[str, Any] | None:
        found = read_json(self.place, f"{folder_of(dataset, grant, version)}/{MANIFEST}")
        return found if isinstance(found, dict) else None


def manifest_of(parcel: Parcel) -> dict[str, Any]:
    """What a subscriber reads first: which files, with size and checksum, and what they are."""
    return {
        "delivery": parcel.delivery,
        "grant": parcel.grant,
        "subscriber": parcel.subscriber,
        "dataset": parcel.dataset,
        "version": parcel.version,
        "base": parcel.base,
        "content": "rows" if parcel.base is None else "changes",
        "files": [
            {
                "name": packed.name,
                "version": content.version,
                "sha256": packed.sha256,
                "bytes": packed.bytes,
                "rows": packed.rows,
            }
            for content in parcel.contents
            for packed in content.files
        ],
    }
