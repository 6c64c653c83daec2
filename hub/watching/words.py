"""What a watch found, in sentences of both languages; no personal value."""

from __future__ import annotations

from collections.abc import Iterator

from hub.watching.room import Watched


def lines(watched: Watched) -> Iterator[str]:
    """One line for each thing that somebody has to know; one when there is nothing."""
    for said, clocks in (
        ("due soon 即将到期", watched.warned),
        ("overdue 已逾期", watched.breached),
    ):
        for clock in clocks:
            yield f"{said}: {clock.subject_id} {clock.duty} {clock.department} {clock.due_on}"
    for request in watched.lapsed:
        # A returned request lapses; a decision that nobody disputed in time stands.
        what = (
            "request lapsed 申请失效" if request.state == "lapsed" else "decision stands 决定生效"
        )
        yield f"{what}: {request.id} {request.subscriber}"
    for grant in watched.ended:
        yield f"grant expired 授权到期: {grant.id} {grant.subscriber}"
    for one in watched.mended:
        yield f"objection mended 异议已更正: {one.id} {one.dataset}.{one.field} → {one.mended_in}"
    for one in watched.dismissed:
        yield f"objection dismissed 异议未争议: {one.id}"
    for recall in watched.recalls:
        yield (
            f"recall 更正通知: {recall.id} {recall.grant_id} {recall.records} records 条记录, "
            f"mended in 更正于 {recall.mended_in}"
        )
    for late in watched.newly_late:
        yield f"supply late 归集逾期: {late.supply} {late.due_by:%Y-%m-%d %H:%M %Z}"
    if watched.pruned:
        yield f"files removed of ended grants 已清除: {', '.join(watched.pruned)}"
    if watched.checkpoint is not None:
        yield f"log signed up to event 日志签名至: {watched.checkpoint}"
    if (
        not any(count for name, count in watched.counts.items() if name != "late")
        and watched.checkpoint is None
    ):
        yield "nothing was due 无到期事项"
