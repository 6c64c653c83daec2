"""The room that hands over what was granted, and proves it: pushes, offers, receipts.

`due(hub, dataset)` lists what is to be pushed, `deliver(hub, grant_id, way)` pushes it;
`offered` and `fetched` are called by the portal for what a subscriber pulls.
"""

from hub.deliver.offers import fetched, offered
from hub.deliver.receiving import acknowledge, flows
from hub.deliver.room import Delivered, Due, deliver, due, tell

__all__ = [
    "Delivered",
    "Due",
    "acknowledge",
    "deliver",
    "due",
    "fetched",
    "flows",
    "offered",
    "tell",
]
