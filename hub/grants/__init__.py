"""What was granted, and the credentials that open it by pull."""

from __future__ import annotations

from hub.grants.credentials import (
    credentials_of,
    make_credential,
    pass_of_token,
    profile,
    revoke,
    rotate,
    write_profile,
)
from hub.grants.ending import end, end_expired
from hub.grants.reading import active_grants, grant_of, grants_of

__all__ = [
    "active_grants",
    "credentials_of",
    "end",
    "end_expired",
    "grant_of",
    "grants_of",
    "make_credential",
    "pass_of_token",
    "profile",
    "revoke",
    "rotate",
    "write_profile",
]
