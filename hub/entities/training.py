"""A linkage model made on purpose, from the rows of today; the next release uses it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from hub.errors import SettingsError
from hub.ledger.entities import add_model
from hub.linkage import Model, estimate, specify
from hub.opened import Hub
from hub.reconcile.components import connect_keys
from hub.reconcile.evidence import split_entities
from hub.reconcile.inputs import InputTable
from hub.reconcile.plan import make_plan
from hub.reconcile.profiles import build_profiles, find_codes
from hub.reconcile.rows import read_rows
from hub.records import Input
from hub.steps import current_table


@dataclass(frozen=True)
class Trained:
    """A model that was made, and when."""

    id: str
    model: Model
    at: datetime


def train(hub: Hub, dataset_name: str, by: str) -> Trained:
    """Estimate a model from the current rows and name it in the ledger."""
    dataset = hub.dataset(dataset_name)
    if dataset.reconcile.linkage is None:
        raise SettingsError(f"dataset {dataset.name} promises no linkage: its contract has none")
    spec = specify(dataset)
    plan = make_plan(
        dataset,
        hub.catalog,
        {
            name: InputTable(Input(name, "", "", 0), current_table(hub, name).sql)
            for name in dataset.supplies
        },
    )
    with hub.store.connect() as connection:
        read_rows(connection, plan)
        connect_keys(connection, plan)
        split_entities(connection, plan)
        find_codes(connection, plan)
        build_profiles(connection, plan, spec)
        model = estimate(connection, spec, "profile", hub.store, hub.now().date().isoformat())
    model_id = secrets.token_hex(6)
    sha256 = hub.store.sha256(f"{model.uri}/model.json")
    at = add_model(hub.ledger, model_id, dataset.name, model.uri, sha256, by, hub.now)
    return Trained(model_id, model, at)
