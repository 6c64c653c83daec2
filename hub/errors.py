"""The one error tree: who raises it, when, and who must act.

Expected badness (a bad row, a rejected batch) is data and never stands here.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path


class HubError(Exception):
    """Base of all the hub's own errors; `exit_code` is the command line's.

    `zh` says in Chinese what kind of error it is; the message has the particulars.
    """

    exit_code = 1
    zh = "系统内部错误"


class SettingsError(HubError):
    """A setting, folder or port is unusable. Raised at start; the operator must act."""

    exit_code = 2
    zh = "设置有误"


class DoesNotFit(SettingsError):
    """Rows do not fit into the form of file that was asked for. Who asked must take another one.

    `told` says why in Chinese and in English, without a value.
    """

    zh = "所选文件格式容纳不下"

    def __init__(self, what: str, zh: str, en: str) -> None:
        super().__init__(f"{what}: {zh} / {en}")
        self.told = (zh, en)


class CatalogError(HubError):
    """A contract, code list or department file is invalid. The steward must act."""

    exit_code = 3
    zh = "数据目录无效"


class PullError(HubError):
    """A front end could not be read. The engineer on duty must act; nothing was lost.

    `transient` says that a retry may help.
    """

    exit_code = 4

    def __init__(self, message: str, transient: bool = False, zh: str = "前置库无法读取") -> None:
        super().__init__(message)
        self.transient = transient
        self.zh = zh


class IntegrityError(HubError):
    """A law is broken (counts, sums, digests do not tie out). Ours to repair; nothing moves on."""

    exit_code = 5
    zh = "数量不平"


class NotFound(HubError):
    """The batch, dataset, release or file asked for does not exist."""

    exit_code = 6
    zh = "未找到"


class DecisionError(HubError):
    """A person decided something that is no longer theirs to decide. They must look again."""

    exit_code = 7
    zh = "当前状态不允许此操作"


class DeliveryError(HubError):
    """A subscriber's inbox could not be reached, or does not take what was granted.

    Nothing of the delivery stands at the subscriber. `transient` says that a retry may help; else
    the subscriber (its table, its folder) or the steward (its address) must act.
    """

    exit_code = 14
    zh = "交付未完成"

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class NotAllowed(DecisionError):
    """Somebody has not the role for an act, or has a part in the case. Another one must act."""

    zh = "无权办理"


def in_words(error: HubError) -> str:
    """The error for a person: its kind in Chinese, then what happened."""
    return f"{error.zh}：{error}"


def unforeseen(error: Exception) -> str:
    """A surprise by kind and place alone, because the message of a database may quote a row.

    With HUB_DEBUG set it is raised again instead.
    """
    if os.environ.get("HUB_DEBUG"):
        raise error
    place = traceback.extract_tb(error.__traceback__)[-1]
    if isinstance(error, OSError) and error.strerror:
        # A full disk, a missing right: the system's own words, which hold no row.
        return f"{error.strerror}: {error.filename or Path(place.filename).name}"
    return (
        f"a fault of the hub itself: {type(error).__name__} in {Path(place.filename).name}, "
        f"line {place.lineno}; HUB_DEBUG=1 shows everything, personal values among it"
    )
