"""A report is kept in the store, then written out in the forms that people ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.errors import SettingsError
from hub.opened import Hub
from hub.report.keeping import HUB, AnyDocument, keep
from quality.messages import Language

LANGUAGES: dict[str, tuple[Language, ...]] = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


@dataclass(frozen=True)
class Given:
    """Where a report lies: `uri` in the store, `files` for people."""

    uri: str
    files: tuple[Path, ...]


def give(
    hub: Hub,
    document: AnyDocument,
    out: Path | None = None,
    formats: str = "html",
    lang: str = "both",
    by: str = HUB,
) -> Given:
    """Keep and write a report; raises `SettingsError` for a format or language there is none of."""
    from hub.report.view import FORMATS, write

    chosen = list(dict.fromkeys(part.strip() for part in formats.split(",") if part.strip()))
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown or not chosen:
        raise SettingsError(f"--format is some of {', '.join(FORMATS)}; found {formats!r}")
    if lang not in LANGUAGES:
        raise SettingsError(f"--lang is zh, en or both; found {lang!r}")
    folder = out or hub.settings.home / "reports"
    uri = keep(hub, document, by)
    try:
        files = write(document, folder, chosen, LANGUAGES[lang])
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written into: {error.strerror}") from error
    return Given(uri, tuple(files))
