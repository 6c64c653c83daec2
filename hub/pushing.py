"""What is pushed of a dataset: each grant's newest release, and the notices that it is owed."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.channels.registry import PUSHED
from hub.deliver import Delivered, due, flows, tell
from hub.deliver import deliver as push_release
from hub.errors import HubError, in_words, unforeseen
from hub.grants import active_grants, grant_of
from hub.opened import Hub
from hub.recalls import recalls_of, told, untold
from hub.shares import changes, rows, versions
from schemas.sharing import Way


@dataclass
class Pushed:
    """What one round of deliveries did; a fault is one grant's and stops no other."""

    delivered: list[Delivered] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)  # by "<grant> <way>", or the grant


def pushes(hub: Hub, dataset: str) -> list[tuple[str, Way]]:
    """Grants and ways that wait for a release or a recall notice, in order.

    A notice is also handed over under a grant that has ended: the subscriber has the value.
    """
    wanted = {(one.grant_id, one.way) for one in due(hub, dataset)}
    for grant_id in {recall.grant_id for recall in untold(hub, dataset)}:
        ways = grant_of(hub, grant_id).terms.ways
        wanted |= {(grant_id, way) for way in PUSHED if way in ways}
    return sorted(wanted)


def push(hub: Hub, grant_id: str, way: Way, whole: bool = False) -> Delivered | None:
    """Push one grant one way: the newest release, then its recall notices.

    None: nothing is released, or the grant has ended and only notices were handed over. Raises
    `DeliveryError` and `DecisionError` as `hub.deliver.deliver`.
    """
    grant = grant_of(hub, grant_id)
    notices = [recall for recall in recalls_of(hub, grant) if recall.acknowledged_at is None]
    done = None
    if grant.active(hub.now()) or not notices:
        done = push_release(hub, grant_id, way, whole)
    if notices and way in grant.terms.ways:
        tell(hub, grant_id, way, notices)
        told(hub, [recall.id for recall in notices], way.value)
    return done


def prepare(hub: Hub, dataset: str) -> dict[str, str]:
    """Make the newest release's files of grants that pull, so that nobody waits for them.

    From then on the data flow, so that the clock of the first delivery stops. Faults by grant.
    """
    faults = {}
    for grant in active_grants(hub, dataset):
        newest = versions(hub, grant)[-1:]
        if not newest or not {Way.PULL, Way.DOWNLOAD} & set(grant.terms.ways):
            continue
        try:
            rows(hub, grant, newest[0].version)
            changes(hub, grant, newest[0].version)
            flows(hub, grant)
        except HubError as error:
            faults[grant.id] = in_words(error)
        except Exception as error:
            faults[grant.id] = f"grant {grant.id}: {unforeseen(error)}"
    return faults


def push_all(hub: Hub, dataset: str) -> Pushed:
    """Push everything that waits of a dataset, one after the other; prepare what is pulled."""
    round_ = Pushed(faults=prepare(hub, dataset))
    for grant_id, way in pushes(hub, dataset):
        hub.tell("deliver", f"{grant_id} {way.value}", 0)
        try:
            done = push(hub, grant_id, way)
        except HubError as error:
            round_.faults[f"{grant_id} {way.value}"] = in_words(error)
        except Exception as error:
            fault = f"grant {grant_id}, {way.value}: {unforeseen(error)}"
            round_.faults[f"{grant_id} {way.value}"] = fault
        else:
            round_.delivered += [done] if done else []
    return round_
