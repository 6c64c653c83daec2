"""Whatever is asked, in whatever order, the portal answers: never a fault, never without form."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.portal.door import Door
from tests.portal.open_portal import SECRETS

ROUTES = (
    "/", "/health", "/downloads", "/downloads/{}/{}", "/files/{}/{}/{}", "/recalls", "/recalls/{}",
    "/receipts", "/delta-sharing/shares", "/delta-sharing/shares/{}",
    "/delta-sharing/shares/{}/schemas", "/delta-sharing/shares/{}/all-tables",
    "/delta-sharing/shares/{}/schemas/{}/tables",
    *(f"/delta-sharing/shares/{{}}/schemas/{{}}/tables/{{}}/{end}"
      for end in ("version", "metadata", "query", "changes")),
)  # fmt: skip
SAFE = st.characters(codec="utf-8", exclude_characters="\r\n\0/?#")
WORDS = st.sampled_from(
    ["tax", "people", "G2026-000001", "G2026-000002", "1", "2", "latest", "rows.csv", "rows.xlsx",
     "rows-0.parquet", "changes.csv", "..", "%2e%2e", "%00", "-1", "office", "9" * 30]
)  # fmt: skip
SEGMENT = WORDS | st.text(SAFE, min_size=1, max_size=12)
VALUES = st.one_of(
    st.integers(-3, 5).map(str),
    st.sampled_from(["2026-02-01T12:00:00Z", "2026-02-02", "true", "", "cGFnZS4x", "NaN", "1e3"]),
    st.text(SAFE, max_size=20),
)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["maxResults", "pageToken", "startingVersion", "endingVersion", "startingTimestamp",
         "endingTimestamp", "version", "timestamp", "Expires", "X-Amz-Signature",
         "includeHistoricalMetadata"]
    ),
    VALUES,
    max_size=4,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(SAFE, max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
BODIES = st.one_of(
    st.dictionaries(
        st.sampled_from(
            ["limitHint", "version", "timestamp", "predicateHints", "jsonPredicateHints",
             "startingVersion", "maxFiles", "else"]
        ),
        JSON,
        max_size=3,
    ).map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=60),
)  # fmt: skip
CAPABILITIES = st.sampled_from(
    ["", "responseformat=delta", "responseformat=parquet,delta;readerfeatures=x", "responseformat=",
     "ResponseFormat=DELTA", "=;;=", "responseformat=orc", "readerfeatures=deletionvectors"]
)  # fmt: skip


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    st.sampled_from(ROUTES),
    st.tuples(SEGMENT, SEGMENT, SEGMENT),
    PARAMETERS,
    BODIES,
    CAPABILITIES,
    st.sampled_from(["own", "wrong", "none"]),
)
def test_the_portal_always_answers(
    door: Door,
    method: str,
    route: str,
    segments: tuple[str, str, str],
    parameters: dict[str, str],
    body: bytes,
    capabilities: str,
    token: str,
) -> None:
    headers: dict[str, Any] = {"delta-sharing-capabilities": capabilities}
    if token != "none":
        headers["Authorization"] = f"Bearer {door.token if token == 'own' else 'A' * 43}"
    path = route.format(*(quote(segment, safe="%") for segment in segments))
    answer = door.client.request(
        method, path, params=parameters, headers=headers, content=body, follow_redirects=False
    )
    assert answer.status_code in (200, 400, 401, 403, 404, 405), (path, answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.status_code >= 400 and method != "HEAD" and not answer.text.startswith("<!doctype"):
        assert set(answer.json()) == {"errorCode", "message"}
    if token != "own":
        for secret in (door.grant.id, door.other.id, *SECRETS):
            assert secret not in answer.text
