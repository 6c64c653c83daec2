"""What linkage follows besides the rows, as the ledger has it: decisions and models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.ledger import Ledger
from hub.ledger.entities import decisions_of, in_effect, models_of
from hub.reconcile.inputs import Linking
from hub.records import Release


def linking_of(
    ledger: Ledger,
    dataset: str,
    last: Release | None,
    manifest: Mapping[str, Any] | None,
    now: datetime,
) -> Linking:
    """The decisions in effect, and the models: the younger of what was trained and last used."""
    used = [manifest["model"]["uri"]] if manifest and manifest.get("model") else []
    trained = models_of(ledger, dataset)[:1]
    models = [row.uri for row in trained]
    younger = bool(trained and (last is None or trained[0].at > last.created_at))
    ordered = [*models, *used] if younger else [*used, *models]
    return Linking(
        models=tuple(dict.fromkeys(ordered)),
        decisions=tuple(in_effect(decisions_of(ledger, dataset))),
        as_of=now.date().isoformat(),
    )


def steering(ledger: Ledger, dataset: str) -> list[str]:
    """What stewards have said so far, as part of what a release follows from."""
    decided = [f"decision={one.id}" for one in decisions_of(ledger, dataset)]
    return [*decided, *(f"model={row.id}" for row in models_of(ledger, dataset)[:1])]
