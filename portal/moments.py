"""Which of the versions that a grant opens is meant, by number or by time. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hub.records import Release
from portal.answers import BadRequest, Missing

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def ms_of(moment: datetime) -> int:
    """Whole milliseconds since 1970, as the protocol tells when a version was released.

    Versions are held against moments in these alone, so that a time that was told finds its own.
    """
    return (moment - _BEGINNING) // timedelta(milliseconds=1)


def newest(versions: Sequence[Release]) -> Release:
    """The newest version; raises `Missing` before the first release."""
    if not versions:
        raise Missing("尚无发布版本", "there is no release yet")
    return versions[-1]


def numbered(versions: Sequence[Release], number: int, name: str = "version") -> Release:
    """One version by its number; raises `BadRequest` for one that the grant does not open."""
    last = newest(versions)
    for release in versions:
        if release.version == number:
            return release
    span = f"{versions[0].version} – {last.version}"
    raise BadRequest(f"{name} 须在 {span} 之内", f"{name} must be within {span}")


def at(versions: Sequence[Release], moment: datetime, name: str = "timestamp") -> Release:
    """The newest version that was there at a moment; raises `BadRequest` before the first."""
    newest(versions)
    there = [release for release in versions if ms_of(release.created_at) <= ms_of(moment)]
    if not there:
        first = versions[0].created_at.astimezone(UTC).isoformat(timespec="seconds")
        raise BadRequest(f"{name} 早于 {first}", f"{name} is before {first}")
    return there[-1]


def since(versions: Sequence[Release], moment: datetime, name: str) -> Release:
    """The oldest version made at a moment or later; raises `BadRequest` behind the last."""
    last = newest(versions)
    for release in versions:
        if ms_of(release.created_at) >= ms_of(moment):
            return release
    told = last.created_at.astimezone(UTC).isoformat(timespec="seconds")
    raise BadRequest(f"{name} 晚于 {told}", f"{name} is after {told}")


def parse(text: str, name: str) -> datetime:
    """A moment with its zone, as 2026-01-31T08:00:00Z; raises `BadRequest`."""
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= 40 and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRequest(
        f"{name} 须为带时区的 ISO 8601 时间", f"{name} must be an ISO 8601 time with its zone"
    )


def between(
    versions: Sequence[Release],
    starting: tuple[int | None, str | None],
    ending: tuple[int | None, str | None],
) -> list[Release]:
    """The versions from a start to an end, both inclusive, each by number or by time.

    Raises `BadRequest` when a start is missing, is told twice, or lies behind the end.
    """
    if (starting[0] is None) == (starting[1] is None):
        raise BadRequest(
            "startingVersion 与 startingTimestamp 须且仅须提供其一",
            "exactly one of startingVersion and startingTimestamp is needed",
        )
    if None not in ending:
        raise BadRequest(
            "endingVersion 与 endingTimestamp 不得同时提供",
            "only one of endingVersion and endingTimestamp is taken",
        )
    if starting[1] is not None:
        first = since(versions, parse(starting[1], "startingTimestamp"), "startingTimestamp")
    else:
        first = numbered(versions, starting[0] or 0, "startingVersion")
    if ending[1] is not None:
        last = at(versions, parse(ending[1], "endingTimestamp"), "endingTimestamp")
    elif ending[0] is not None:
        last = numbered(versions, ending[0], "endingVersion")
    else:
        last = newest(versions)
    if first.version > last.version:
        raise BadRequest("起始版本晚于结束版本", "the start lies behind the end")
    return [r for r in versions if first.version <= r.version <= last.version]
