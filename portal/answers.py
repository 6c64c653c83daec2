"""What the portal answers when it does not give what was asked: one dict for every kind of error.

Nothing that was asked is repeated, and what somebody else was granted looks like what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import CatalogError, DecisionError, HubError, NotFound, SettingsError
from hub.ledger.passes import Pass


class Refusal(Exception):
    """Base of what the portal refuses; `zh` and `en` say more than the kind does, never a value.

    `why` is for the audit log (None: nothing to be logged), `held` the pass, where it is known.
    """

    def __init__(
        self, zh: str = "", en: str = "", *, why: str | None = None, held: Pass | None = None
    ) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.why = why
        self.held = held


class Unknown(Refusal):
    """No token, or one that opens nothing now. The subscriber must ask for a new one."""


class Forbidden(Refusal):
    """The token is good, the grant does not include this way. The subscriber must ask again."""


class BadLink(Refusal):
    """A signed address that was altered, has expired, or whose grant has ended."""


class Missing(Refusal):
    """No such thing, or nothing that this token opens."""


class BadRequest(Refusal):
    """A parameter, header or body that means nothing."""


class TooLarge(Refusal):
    """A body larger than any request needs."""


class BadRange(Refusal):
    """A range of bytes that the file does not have."""


class BadMethod(Refusal):
    """A method that the address does not know."""


@dataclass(frozen=True)
class Answer:
    """Status, Delta Sharing's error code, and what is said in both languages."""

    status: int
    code: str
    zh: str
    en: str


FAULT = Answer(500, "INTERNAL_ERROR", "枢纽内部故障，已记录", "a fault of the hub; it was logged")

ANSWERS: dict[type[Exception], Answer] = {
    Unknown: Answer(
        401,
        "UNAUTHENTICATED",
        "凭证缺失、未知、已过期或已撤销",
        "the credential is missing, unknown, expired or revoked",
    ),
    Forbidden: Answer(
        403, "PERMISSION_DENIED", "授权不含此方式", "the grant does not include this"
    ),
    BadLink: Answer(
        403,
        "PERMISSION_DENIED",
        "链接无效或已失效，请重新获取",
        "the address is not valid, or no longer; ask for a new one",
    ),
    Missing: Answer(
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "不存在，或此凭证无权查看",
        "it does not exist, or this credential does not open it",
    ),
    BadRequest: Answer(400, "INVALID_PARAMETER_VALUE", "请求有误", "the request is not valid"),
    TooLarge: Answer(413, "INVALID_PARAMETER_VALUE", "请求过大", "the request is too large"),
    BadRange: Answer(
        416,
        "INVALID_PARAMETER_VALUE",
        "请求的字节范围不存在",
        "the file has no such range of bytes",
    ),
    BadMethod: Answer(
        405, "INVALID_PARAMETER_VALUE", "不支持此方法", "the method is not known here"
    ),
    NotFound: Answer(
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "不存在，或此凭证无权查看",
        "it does not exist, or this credential does not open it",
    ),
    DecisionError: Answer(
        409, "INVALID_STATE", "当前状态不允许此操作", "its state does not allow this now"
    ),
    CatalogError: FAULT,
    SettingsError: FAULT,
    HubError: FAULT,
}
"""The error families and how each is answered; a family stands for all below it."""


def answer_of(error: BaseException) -> Answer:
    """How an error is answered: by its own kind, or the nearest above it."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    return FAULT


def body_of(error: BaseException) -> dict[str, str]:
    """The JSON of an error: Delta Sharing's code, and a message in both languages."""
    answer = answer_of(error)
    zh, en = answer.zh, answer.en
    if isinstance(error, Refusal) and error.en:
        zh, en = f"{zh}：{error.zh}", f"{en}: {error.en}"
    return {"errorCode": answer.code, "message": f"{zh} / {en}"}
