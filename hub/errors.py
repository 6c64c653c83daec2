"""The one error tree: who raises it, when, and who must act.

Expected badness (a bad row, a rejected batch) is data and never stands here.
"""

from __future__ import annotations


class HubError(Exception):
    """Base of all the hub's own errors; `exit_code` is the command line's."""

    exit_code = 1


class SettingsError(HubError):
    """A setting, folder or port is unusable. Raised at start; the operator must act."""

    exit_code = 2


class CatalogError(HubError):
    """A contract, code list or department file is invalid. The steward must act."""

    exit_code = 3


class PullError(HubError):
    """A front end could not be read. The engineer on duty must act; nothing was lost.

    `transient` says that a retry may help.
    """

    exit_code = 4

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class IntegrityError(HubError):
    """A law is broken (counts, sums, digests do not tie out). Ours to repair; nothing moves on."""

    exit_code = 5


class NotFound(HubError):
    """The batch, dataset, release or file asked for does not exist."""

    exit_code = 6


class DecisionError(HubError):
    """A person decided something that is no longer theirs to decide. They must look again."""

    exit_code = 7
