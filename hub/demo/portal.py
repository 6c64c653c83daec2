"""The portal of the demo: its subscribers, its process, and what to try with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from hub.demo.company import Company
from hub.demo.stage import HOST, Stage
from hub.grants import grants_of
from hub.ledger.receipts import RECEIVED, deliveries_of
from hub.opened import Hub
from hub.requests import requests_of
from schemas.sharing import Way

TO_TRY = "civil_affairs"  # whose profile the summary names


def subscribe(stage: Stage, troupe: Company, commands: Path) -> None:
    """Let the sample city's departments ask for data, through the desk; again changes nothing."""
    endpoint = f"{stage.portal_url}/delta-sharing"
    command = ["--home", str(stage.home), "sample", "subscribe", "--endpoint", endpoint]
    troupe.start("subscribers", [str(commands / "hub"), *command])
    troupe.finish("subscribers")


def open_portal(stage: Stage, troupe: Company, commands: Path) -> None:
    """Start the portal on loopback; it is watched like Airflow's processes."""
    serve = ["serve", "--host", HOST, "--port", str(stage.portal_port)]
    troupe.start("portal", [str(commands / "hub"), "--home", str(stage.home),
                            "--catalog", str(stage.catalog), *serve])  # fmt: skip


def shared(hub: Hub) -> Iterator[tuple[str, str]]:
    """Lines of the summary on requests, grants and deliveries; none where nobody asked."""
    requests, grants = requests_of(hub), {grant.id: grant for grant in grants_of(hub)}
    if not requests:
        return
    open_now = sum(grant.active(hub.now()) for grant in grants.values())
    yield (
        "sharing 共享",
        f"{len(requests)} requests 申请, {len(grants)} grants 授权, {open_now} in force 有效",
    )
    for sent in deliveries_of(hub.ledger):
        grant = grants[sent.grant_id]
        done = "received 已接收" if sent.state == RECEIVED else sent.state
        where = f"{grant.subscriber} ← {grant.dataset} {sent.version}"
        yield "delivery 交付", f"{where}, {sent.way}: {done}"


def to_try(hub: Hub, stage: Stage) -> str:
    """Where the portal is, and how a subscriber reads with a profile."""
    text = f"\n  portal     {stage.portal_url}"
    for grant in grants_of(hub, subscriber=TO_TRY):
        path = stage.home / "city" / "profiles" / f"{grant.subscriber}.{grant.dataset}.share"
        if Way.PULL in grant.terms.ways and grant.active(hub.now()) and _fits(path, stage):
            table = f"{grant.subscriber}.{grant.dataset}.{grant.id}"
            text += f'\n  subscriber delta_sharing.load_as_pandas("{path}#{table}")'
    return text


def _fits(profile: Path, stage: Stage) -> bool:
    """Whether a profile is there and leads to this portal: an older one may have another port."""
    try:
        endpoint: str = json.loads(profile.read_text())["endpoint"]
    except (OSError, ValueError, KeyError):
        return False
    return endpoint.startswith(stage.portal_url + "/")
