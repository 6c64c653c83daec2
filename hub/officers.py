"""Who may act: the officers of the departments, by name and role."""

from __future__ import annotations

from hub.errors import CatalogError, DecisionError
from schemas.contract import Catalog
from schemas.properties import Department
from schemas.sharing import Role, Sharing


def department_of(
    catalog: Catalog, name: str, role: Role | None = None, department: str | None = None
) -> Department:
    """The department in which an officer has a role; raises `DecisionError` when there is none.

    `department` tells two officers of one name apart.
    """
    raise NotImplementedError


def sharing_of(catalog: Catalog) -> Sharing:
    """Who supervises sharing and whose clocks run; raises `CatalogError` without sharing.yaml."""
    if catalog.sharing is None:
        raise CatalogError(
            "目录中没有 sharing.yaml，无法共享 / "
            "the catalog has no sharing.yaml: nobody supervises sharing"
        )
    return catalog.sharing


def provider_of(catalog: Catalog, dataset: str) -> str:
    """The department that decides on a dataset: its `provider`, else that of its first source."""
    known = catalog.datasets[dataset]
    first = known.reconcile.sources[0].supply if known.reconcile.sources else ""
    return known.properties.provider or first.partition("/")[0]


__all__ = ["DecisionError", "department_of", "provider_of", "sharing_of"]
