"""Proves a report again from the ledger: every number, years later, whatever the contracts say now.

The report is made once more out of the stored counts, as they were known when it was made and by
the configuration that it names; then every number of the two is compared. Words come from a
catalog that may have changed since: the digest in the ledger proves those, and the samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.errors import HubError, NotFound
from hub.opened import Hub
from hub.report.batch import batch_document
from hub.report.document import FORMAT, Document
from hub.report.findings.filling import findings_document
from hub.report.keeping import AnyDocument, as_json, digest, digests
from hub.report.month import department_document, hub_document
from hub.report.period import moment, read_month
from hub.report.release import release_document
from quality.scorecard.configuration import Shelf

WORDS = frozenset({"title", "says", "clause", "hub_version", "question", "legal_basis", "level"})
"""What today's catalog or program may say otherwise; proved by the digest alone."""
KEYS = {
    "figures": ("indicator",),
    "dimensions": ("code",),
    "heatmap": ("owner", "field", "indicator"),
    "rules": ("supply", "rule_id"),
    "trend": ("label",),
    "parts": ("name",),
    "discrepancies": ("dataset", "kind", "field", "supply", "severity"),
    "checks": ("name",),
    "by_department": ("crosscheck", "department"),
    "departments": ("name",),
    "months": ("label",),
    "states": ("state",),
    "policies": ("name",),
}
"""What makes an entry of a list the same entry again."""


Place = tuple[Any, ...]


@dataclass
class Proof:
    """What came of computing a report again."""

    report: str
    compared: int = 0
    agreed: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.differences and not self.missing and self.compared > 0


def recompute(hub: Hub, shelf: Shelf, printed: Any) -> Proof:
    """Compare a report, as read from its JSON, with what the ledger's counts give."""
    values = printed if isinstance(printed, dict) else {}
    proof = Proof(str(values.get("id", "")))
    if values.get("format") != FORMAT:
        found = values.get("format")
        proof.missing.append(f"not a report of format {FORMAT}: the file says {found!r}")
        return proof
    try:
        again = as_json(_again(hub, shelf, values))
        known = digests(hub.ledger, proof.report, moment(str(values["made_at"])))
    except NotFound as error:
        proof.missing.append(str(error))
        return proof
    except (KeyError, TypeError, ValueError, HubError) as error:
        proof.missing.append(f"the file is not a whole report: {error}")
        return proof
    _compare(values, again, proof)
    if not known:
        proof.missing.append("the ledger does not know that this report was made")
    elif digest(values) not in known:
        proof.differences.append(
            {
                "where": "the file as a whole",
                "printed": digest(values),
                "found": ", ".join(sorted(known)),
            }
        )
    return proof


def _again(hub: Hub, shelf: Shelf, values: Mapping[str, Any]) -> AnyDocument:
    made_at = moment(str(values["made_at"]))
    if values.get("kind") == "crosschecks":
        department, _, month = str(values["id"]).partition(":")[2].rpartition(":")
        checks, policies = (
            [str(line["name"]) for line in values[key]] for key in ("checks", "policies")
        )
        chosen = read_month(month)
        return findings_document(hub, chosen, made_at, department or None, checks, policies)
    label = str(values["scorecard"]["configuration"])
    if (configuration := shelf.named(label)) is None:
        raise NotFound(f"there is no scorecard configuration {label} any more")
    return _scored(hub, Shelf((configuration,)), values, made_at)


def _scored(hub: Hub, shelf: Shelf, values: Mapping[str, Any], made_at: datetime) -> Document:
    kind, _, rest = str(values["id"]).partition(":")
    parts = [str(part["name"]) for part in values["parts"]]
    if kind == "batch":
        return batch_document(hub, shelf, rest, made_at)
    if kind == "department":
        name, _, month = rest.rpartition(":")
        return department_document(hub, shelf, name, read_month(month), made_at, parts)
    if kind == "release":
        name, _, version = rest.rpartition(":")
        supplies = tuple(str(values["subject"]["supplies"]).split())
        return release_document(hub, shelf, name, int(version), made_at, supplies)
    if kind == "hub":
        return hub_document(hub, shelf, read_month(rest), made_at, parts)
    raise ValueError(f"there is no report of kind {kind!r}")


def _compare(printed: Mapping[str, Any], again: Mapping[str, Any], proof: Proof) -> None:
    """Every value of both, by its place; samples are compared only while their rows are there."""
    one, other = dict(flat(printed)), dict(flat(again))
    if not again.get("samples"):
        one, other = _without_samples(one), _without_samples(other)
    for place in sorted(one.keys() | other.keys(), key=str):
        proof.compared += 1
        absent = "(absent)"
        left, right = one.get(place, absent), other.get(place, absent)
        if left == right and type(left) is type(right):
            proof.agreed += 1
        else:
            where = " / ".join(str(part) for part in place)
            proof.differences.append({"where": where, "printed": left, "found": right})


def _without_samples(values: dict[Place, Any]) -> dict[Place, Any]:
    return {place: value for place, value in values.items() if place[0] != "samples"}


def flat(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every number and text of a report with its place; entries of lists by what they are."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in WORDS:
                yield from flat(inner, (*place, key))
    elif isinstance(value, list | tuple):
        yield (*place, "entries"), len(value)
        keys = KEYS.get(str(place[-1])) if place else None
        for number, inner in enumerate(value):
            name: Any = number
            if keys and isinstance(inner, Mapping):
                name = ", ".join(str(inner.get(key)) for key in keys)
            yield from flat(inner, (*place, name))
    else:
        yield place, value
