"""The one error of this package."""

from __future__ import annotations


class RuleError(ValueError):
    """A rule of a contract cannot mean anything: unknown expectation, argument or column.

    Raised while rules are made or compiled, before a row is read; the steward must act. A
    misconfigured rule never passes silently.
    """

    def __init__(self, contract: str, path: str, reason: str) -> None:
        super().__init__(f"{contract}: {path}: {reason}")
        self.contract = contract
        self.path = path
        self.reason = reason
