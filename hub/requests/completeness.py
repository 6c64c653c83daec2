"""Everything that an application lacks, told at once (一次性告知)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hub.errors import DecisionError, NotFound
from hub.plain import check_text
from schemas.contract import Catalog
from schemas.properties import ShareType
from schemas.sharing import Application, Terms, Way
from schemas.terms import problems, share_type

MOST_YEARS = 100  # that a grant may last: what is meant to last longer is a slip of the pen
TEXTS = {
    "purpose": ("用途", "the purpose"),
    "legal_basis": ("依据", "the legal basis"),
    "scenario": ("应用场景", "the scenario"),
    "contact": ("联系人", "a contact"),
}


def missing(catalog: Catalog, application: Application, on: date) -> tuple[str, ...]:
    """Everything that keeps an application from being granted, each as one sentence."""
    return tuple(_missing(catalog, application, on))


def check_names(catalog: Catalog, application: Application) -> None:
    """Refuses what no notice can mend: whom it is for, of what, how long it is.

    Raises `NotFound` for a department or dataset that is not there, else `DecisionError`.

    A dataset that is denied as a whole is refused at the door, with what the denial relies on.
    """
    name = application.subscriber
    if name not in catalog.departments:
        raise NotFound(f"目录中没有部门 {name} / the catalog has no department {name}")
    name = application.dataset
    dataset = catalog.datasets.get(name)
    if dataset is None:
        raise NotFound(f"目录中没有数据集 {name} / the catalog has no dataset {name}")
    if all(share_type(dataset, field) is ShareType.DENIED for field in dataset.fields):
        basis = dataset.properties.directory.share_condition or ""
        raise DecisionError(f"{name} 不予共享 / is denied to everybody: {basis}")
    for key, (zh, en) in TEXTS.items():
        check_text(getattr(application, key), zh, en)
    check_terms(application.terms)


def check_terms(terms: Terms) -> None:
    """Refuses terms that name what acts on whoever reads it; raises `DecisionError`."""
    for granted in terms.fields:
        check_text(granted.name, "信息项名", "the name of a field")
    for row in terms.rows:
        check_text(row.field, "信息项名", "the name of a field")
        for value in (*(row.one_of or ()), *(row.starts_with or ()), row.since, row.before):
            check_text(str(value), "行条件", "a condition on rows")


def free_fields(catalog: Catalog, dataset: str) -> frozenset[str]:
    """The fields of a dataset that are shared unconditionally."""
    known = catalog.datasets.get(dataset)
    if known is None:
        return frozenset()
    fields = known.fields
    free = [f.name for f in fields if share_type(known, f) is ShareType.UNCONDITIONAL]
    return frozenset(free)


def _missing(catalog: Catalog, application: Application, on: date) -> Iterator[str]:
    for key, (zh, en) in TEXTS.items():
        if not getattr(application, key).strip():
            yield f"缺少{zh} / {en} is missing"
    if application.until is None:
        yield "缺少使用期限 / the last day of use is missing"
    elif application.until < on:
        yield f"使用期限 {application.until} 已过 / the last day {application.until} is over"
    elif application.until.year > on.year + MOST_YEARS:
        yield (
            f"使用期限 {application.until} 过远 / the last day {application.until} is more than "
            f"{MOST_YEARS} years away"
        )
    dataset = catalog.datasets.get(application.dataset)
    if dataset is None:
        yield f"数据集 {application.dataset} 已不在目录中 / the dataset has left the catalog"
        return
    for fault in problems(application.terms, dataset, catalog):
        yield f"{fault.zh} / {fault.en}"
    yield from _inboxes(catalog, application)


def _inboxes(catalog: Catalog, application: Application) -> Iterator[str]:
    subscriber = catalog.departments.get(application.subscriber)
    inbox = subscriber.inbox if subscriber else None
    ways = application.terms.ways
    if Way.FILE in ways and not (inbox and inbox.file):
        yield f"{application.subscriber} 没有文件收件箱 / has no inbox for files"
    if Way.DATABASE in ways and not (inbox and inbox.database):
        yield f"{application.subscriber} 没有数据库收件箱 / has no inbox in a database"
