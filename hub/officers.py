"""Who may act: the officers of the departments, by name and role."""

from __future__ import annotations

from hub.errors import CatalogError, NotAllowed
from schemas.contract import Catalog
from schemas.properties import Department
from schemas.sharing import Role, Sharing

IN_CHINESE = {
    Role.APPLICANT: "申请人",
    Role.APPROVER: "审批人",
    Role.SUPERVISOR: "共享主管",
    Role.AUDITOR: "审计",
}


def department_of(
    catalog: Catalog, name: str, role: Role | None = None, department: str | None = None
) -> Department:
    """The department in which an officer has a role (None: any); raises `NotAllowed`.

    `department` tells two officers of one name apart.
    """
    posts = [
        one
        for one in catalog.departments.values()
        if name in one.officers and department in (None, one.name)
    ]
    where, wo = (f" of {department}", f" {department} 的") if department else ("", "")
    if not posts:
        raise NotAllowed(f"{name or '(nobody)'} 不是{wo}经办人 / is no officer{where}")
    able = [one for one in posts if role is None or role in one.officers[name]]
    if not able:
        assert role is not None
        raise NotAllowed(f"{name} 不是{wo}{IN_CHINESE[role]} / is no {role}{where}")
    if len(able) > 1:
        names = ", ".join(one.name for one in able)
        raise NotAllowed(f"{name} 在多个部门任职 / is an officer of {names}: name --department")
    return able[0]


def stands_for(catalog: Catalog, name: str, role: Role, department: str) -> bool:
    """Whether an officer has a role in this very department."""
    known = catalog.departments.get(department)
    return known is not None and role in known.officers.get(name, ())


def sharing_of(catalog: Catalog) -> Sharing:
    """Who supervises sharing and whose clocks run; raises `CatalogError` without sharing.yaml."""
    if catalog.sharing is None:
        raise CatalogError(
            "没有 sharing.yaml，未指定共享主管部门 / "
            "the catalog has no sharing.yaml: nobody supervises sharing"
        )
    return catalog.sharing


def provider_of(catalog: Catalog, dataset: str) -> str:
    """The department that decides on a dataset: its `provider`, else that of its first source."""
    known = catalog.datasets[dataset]
    first = known.reconcile.sources[0].supply if known.reconcile.sources else ""
    return known.properties.provider or first.partition("/")[0]
