"""Around every request: the size of its body, headers of the answer, one line of the log.

The log holds no address, no parameter and no header: routes by name, ids of credentials, sizes.
"""

from __future__ import annotations

import json
import logging
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import unforeseen
from portal.answers import FAULT, TooLarge, answer_of, body_of

LARGEST_BODY = 64 * 1024  # bytes; a query with long hints has a few thousand
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # addresses carry signatures
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
DEFAULT_POLICY = "default-src 'none'; frame-ancestors 'none'"

log = logging.getLogger("portal.access")


class Guard:
    """An application behind its limits; lets nothing out but well-formed answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send)
        try:
            await self.app(scope, visit.receive, visit.send)
        except ClientDisconnect:
            pass  # went away before the question was told
        except TooLarge as error:
            await visit.refuse(error)
        except Exception as error:
            log.error("fault %s", unforeseen(error))
            await visit.refuse(error)
        finally:
            visit.tell()


class _Visit:
    """One request: what came in, what went out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._began = time.monotonic()
        self._came = 0
        self._left = 0
        self._status = 0

    async def receive(self) -> Message:
        """A piece of the body; raises `TooLarge` when there was more than any request needs."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._came += len(message.get("body", b""))
            if self._came > LARGEST_BODY:
                raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """A piece of the answer, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": self._headers(list(message.get("headers", ())))}
        else:
            self._left += len(message.get("body", b""))
        await self._send(message)

    def _headers(self, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        wanted = {**ALWAYS, "Content-Security-Policy": DEFAULT_POLICY}
        if self._scope.get("scheme") == "https":
            wanted["Strict-Transport-Security"] = "max-age=31536000"
        there = {name.lower() for name, _ in own}
        more = ((name.lower().encode(), value.encode()) for name, value in wanted.items())
        return own + [(name, value) for name, value in more if name not in there]

    async def refuse(self, error: Exception) -> None:
        """Answer an error that no route answered; a begun answer breaks off instead."""
        if self._status:
            return
        answer = answer_of(error) if isinstance(error, TooLarge) else FAULT
        body = json.dumps(body_of(error), ensure_ascii=True).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self.send(
            {"type": "http.response.start", "status": answer.status, "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": body})

    def tell(self) -> None:
        """One line of the log."""
        log.info(
            "%s %s %s %s bytes %s ms %s",
            self._scope["method"] if len(self._scope["method"]) <= 7 else "?",
            getattr(self._scope.get("route"), "path", "-"),
            self._status,
            self._left,
            round((time.monotonic() - self._began) * 1000),
            self._scope.get("hub.pass", "-"),
        )
