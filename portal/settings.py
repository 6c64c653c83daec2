"""Settings of the portal alone, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.errors import SettingsError
from portal.links import LIFETIME_S

LONGEST_S = 24 * 3600


@dataclass(frozen=True)
class PortalSettings:
    """Where subscribers find the portal, and how long an address of a file is good."""

    url: str | None = None  # without a slash at its end; None: as each request came
    link_s: int = LIFETIME_S


def portal_settings(environ: Mapping[str, str] = os.environ) -> PortalSettings:
    """Settings from HUB_PORTAL_URL and HUB_PORTAL_LINK_S; raises `SettingsError`."""
    url = environ.get("HUB_PORTAL_URL", "").rstrip("/") or None
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise SettingsError("HUB_PORTAL_URL must be an address as https://host/prefix")
    text = environ.get("HUB_PORTAL_LINK_S", "") or str(LIFETIME_S)
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_S:
        raise SettingsError(f"HUB_PORTAL_LINK_S must be 1 to {LONGEST_S} seconds, found {text!r}")
    return PortalSettings(url, int(text))
