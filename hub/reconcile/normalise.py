"""The registry of normalisers: how a department's spelling becomes one canonical text."""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import CatalogError
from hub.reconcile.identifiers import ORGANISATION, RESIDENT_ID, USCC
from hub.reconcile.steps import COLLAPSE, FILLED, NARROW, TRIM, UPPER, Step, replace, run, together

_TEXT = (together((NARROW, COLLAPSE, TRIM, FILLED), unless="^[!-~㐀-鿿]+$"),)
_SIGNS = "[][!\"#$%'()*+,./:;<=>?@\\\\^_`{|}~·・•．。，、；：（）【】《》“”‘’—–-]+"

_PERSON_NAME = (
    NARROW,
    UPPER,
    replace("['’`]", ""),
    replace(_SIGNS, " "),
    COLLAPSE,
    TRIM,
    replace("([㐀-鿿]) ", "\\1"),
    FILLED,
)

_ORGANISATION_NAME = (
    NARROW,
    UPPER,
    replace(" (T/A|TRADING AS|TA) .*$", ""),
    replace("&", " AND "),
    replace("['’.]", ""),
    replace(_SIGNS, " "),
    COLLAPSE,
    TRIM,
    replace("^THE ", ""),
    replace("\\bLIMITED\\b", "LTD"),
    replace("\\bPUBLIC (LTD|LIMITED) COMPANY\\b", "PLC"),
    replace("\\b(INCORPORATED)\\b", "INC"),
    replace("\\b(CORPORATION)\\b", "CORP"),
    replace("\\b(COMPANY)\\b", "CO"),
    replace("([㐀-鿿]) ", "\\1"),
    replace(" ([㐀-鿿])", "\\1"),
    replace("有限责任公司", "有限公司"),
    FILLED,
)

_PHONE = (
    NARROW,
    replace("^[ ]*([+]|00)[ ]*86", ""),
    replace("[^0-9+]+", ""),
    Step("CASE WHEN length({x}) >= 7 THEN {x} END", lambda t: t if len(t) >= 7 else None),
)

_REGISTRATION_NO = (NARROW, UPPER, replace("[^0-9A-Z㐀-鿿]+", ""), FILLED)


@dataclass(frozen=True)
class Normaliser:
    """One canonical form; null where the text is no value of that kind.

    `composite`: several source fields are parts of one key; otherwise they are alternatives, of
    which the first valid one counts. `whole`: the canonical form is the number as people know it,
    so that the golden record shows it; otherwise it is a part, or a spelling made for machines.
    """

    name: str
    steps: tuple[Step, ...]
    composite: bool = False
    whole: bool = True

    def __call__(self, text: str | None) -> str | None:
        return run(self.steps, text)


NORMALISERS: dict[str, Normaliser] = {
    n.name: n
    for n in (
        Normaliser("text", _TEXT, composite=True),
        Normaliser("resident_id", RESIDENT_ID),
        Normaliser("uscc", USCC),
        Normaliser("organisation", ORGANISATION, whole=False),
        Normaliser("registration_no", _REGISTRATION_NO),
        Normaliser("organisation_name", _ORGANISATION_NAME, whole=False),
        Normaliser("person_name", _PERSON_NAME, whole=False),
        Normaliser("phone", _PHONE),
    )
}


def normaliser(name: str, dataset: str) -> Normaliser:
    """The normaliser of that name; raises `CatalogError` naming the dataset."""
    try:
        return NORMALISERS[name]
    except KeyError:
        known = ", ".join(sorted(NORMALISERS))
        raise CatalogError(
            f"dataset {dataset}: unknown normaliser {name!r}; known are {known}"
        ) from None
