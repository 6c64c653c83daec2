"""Requests for data, from the application to the grant (共享申请)."""

from __future__ import annotations

from hub.requests.desk import (
    Decision,
    accept,
    ask_extension,
    consent,
    decide,
    dispute,
    file,
    give_back,
    lapse,
    missing,
    resubmit,
    settle,
    withdraw,
)
from hub.requests.reading import history_of, request_of, requests_of

__all__ = [
    "Decision",
    "accept",
    "ask_extension",
    "consent",
    "decide",
    "dispute",
    "file",
    "give_back",
    "history_of",
    "lapse",
    "missing",
    "request_of",
    "requests_of",
    "resubmit",
    "settle",
    "withdraw",
]
