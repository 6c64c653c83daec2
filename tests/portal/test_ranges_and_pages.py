"""Ranges of bytes and pages of lists."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import paging, ranges
from portal.answers import BadRange, BadRequest
from tests.portal.door import Door, refused


@pytest.mark.parametrize(
    "header",
    ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-3", "bytes=-0", "bytes=99999999999-",
     "bytes=1-2;3", "bytes=--5", "bytes=１-２".encode().decode("latin-1"), "bytes=" + "9" * 30],
)  # fmt: skip
def test_ranges_that_are_none_are_refused(door: Door, header: str) -> None:
    answer = door.client.get(door.link(), headers={"Range": header.encode("latin-1")})
    refused(answer, 416, "INVALID_PARAMETER_VALUE")


def test_ranges_give_their_bytes(door: Door) -> None:
    link = door.link()
    whole = door.client.get(link)
    size = len(whole.content)
    head = door.client.head(link)
    assert head.headers["content-length"] == str(size)
    assert head.headers["accept-ranges"] == "bytes"
    assert head.content == b""
    for header, start, end in [
        ("bytes=0-3", 0, 4),
        ("bytes=-4", size - 4, size),
        (f"bytes=10-{size * 2}", 10, size),
        ("bytes=7-", 7, size),
        (f"bytes=-{size * 2}", 0, size),
    ]:
        answer = door.client.get(link, headers={"Range": header})
        assert answer.status_code == 206
        assert answer.content == whole.content[start:end]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    for header in ("bytes=0-3,5-9", "lines=1-2", f"bytes={' ' * 50_000}x"):
        assert door.client.get(link, headers={"Range": header}).content == whole.content
    tag = whole.headers["etag"]
    kept = door.client.get(link, headers={"Range": "bytes=0-3", "If-Range": tag})
    moved = door.client.get(link, headers={"Range": "bytes=0-3", "If-Range": '"of another"'})
    assert (kept.status_code, moved.status_code) == (206, 200)


@given(st.text(max_size=40), st.integers(0, 10**6))
def test_a_range_is_inside_of_the_file_or_refused(header: str, size: int) -> None:
    try:
        found = ranges.span("bytes=" + header, size)
    except BadRange:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@given(st.integers(1, 10**6), st.integers(0, 2 * 10**6), st.integers(0, 2 * 10**6))
def test_a_good_range_is_that_of_python(size: int, first: int, last: int) -> None:
    whole = range(size)
    wanted = whole[first : last + 1]
    try:
        found = ranges.span(f"bytes={first}-{last}", size)
    except BadRange:
        assert not wanted or last < first
    else:
        assert found == (wanted[0], wanted[-1] + 1)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 9))
def test_pages_together_are_the_list(items: list[int], size: int) -> None:
    seen: list[int] = []
    token: str | None = None
    while True:
        page, token = paging.page(items, str(size), token)
        seen += page
        assert len(page) <= size
        if token is None:
            break
    assert seen == items


@given(st.text(max_size=30))
def test_a_token_of_nobody_is_refused(token: str) -> None:
    try:
        paging.page([1, 2, 3], "1", base64.urlsafe_b64encode(token.encode()).decode())
        paging.page([1, 2, 3], "1", token)
    except BadRequest:
        pass


@pytest.mark.parametrize("size", ["-1", "x", "1.0", "99999999999", "１"])
def test_pages_of_no_size_are_refused(door: Door, size: str) -> None:
    answer = door.get("/delta-sharing/shares", params={"maxResults": size})
    refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_a_page_may_be_empty(door: Door) -> None:
    first = door.get("/delta-sharing/shares", params={"maxResults": 0}).json()
    assert first["items"] == []
    params = {"maxResults": 1, "pageToken": first["nextPageToken"]}
    assert [
        s["name"] for s in door.get("/delta-sharing/shares", params=params).json()["items"]
    ] == ["tax"]
