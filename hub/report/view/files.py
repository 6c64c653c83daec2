"""Which files a document becomes, and their names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hub.errors import SettingsError
from hub.report.findings.document import FindingsDocument
from hub.report.keeping import AnyDocument
from hub.report.view.findings_page import findings_html, speaker
from hub.report.view.findings_sheets import findings_sheets
from hub.report.view.names import file_stem
from hub.report.view.page import html
from quality.messages import Language

FORMATS = ("html", "xlsx", "json")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def write(
    document: AnyDocument,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] = LANGUAGES,
) -> list[Path]:
    """Write the document's files into the folder, made if need be, and return their paths.

    HTML and Excel once per language (`…-zh.html`), JSON once. A file is written whole and then
    renamed, over an older one of the same document. Raises `SettingsError` for a format or
    language that there is not.
    """
    for asked, known in ((formats, FORMATS), (languages, LANGUAGES)):
        if unknown := [name for name in asked if name not in known]:
            raise SettingsError(f"cannot write {', '.join(unknown)}: use {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    stem = file_stem(document.id)
    written = []
    for kind in formats:
        if kind == "json":
            written.append(_whole(folder / f"{stem}.json", machine(document)))
            continue
        for language in (known for known in LANGUAGES if known in languages):
            target = folder / f"{stem}-{language}.{kind}"
            written.append(_whole(target, _bytes(document, kind, language)))
    return written


def machine(document: AnyDocument) -> bytes:
    """The document itself as JSON in UTF-8; characters that UTF-8 cannot hold are escaped."""
    text = json.dumps(asdict(document), ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _bytes(document: AnyDocument, kind: str, language: Language) -> bytes:
    if isinstance(document, FindingsDocument):
        return _findings(document, kind, language)
    if kind == "html":
        return html(document, language).encode("utf-8")
    from hub.report.view.workbook import workbook  # openpyxl is slow to import

    return workbook(document, language)


def _findings(document: FindingsDocument, kind: str, language: Language) -> bytes:
    if kind == "html":
        return findings_html(document, language).encode("utf-8")
    from hub.report.view.workbook import book_of

    return book_of(findings_sheets(document, speaker(language)))


def _whole(target: Path, content: bytes) -> Path:
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    return part.replace(target)
