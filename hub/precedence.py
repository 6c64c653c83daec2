"""Which dataset is published before which."""

from __future__ import annotations

import graphlib

from hub.errors import CatalogError
from schemas.contract import Catalog


def publishing_order(catalog: Catalog) -> list[str]:
    """Datasets in an order in which each comes after those whose entities it refers to."""
    ordered = graphlib.TopologicalSorter(
        {name: sorted(set(d.datasets) - {name}) for name, d in sorted(catalog.datasets.items())}
    )
    try:
        return [name for name in ordered.static_order() if name in catalog.datasets]
    except graphlib.CycleError as error:
        raise CatalogError(f"datasets refer to each other in a circle: {error.args[1]}") from error
