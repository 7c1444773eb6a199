"""In front of the emulator: refuses schedules whose start date has passed, as AWS does and the emulator doesn't.

An ASGI application around the emulator's. https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Asgi = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

_PATH = re.compile(r"/schedules/[^/]+")
_OLDEST = 300
"""Seconds; https://github.com/getmoto/moto/issues/8172. AWS doesn't document the same for UpdateSchedule."""
_REFUSAL = {
    "__type": "ValidationException",
    "message": "The StartDate you specify cannot be earlier than 5 minutes ago.",
}


def refusing_past_starts(emulator: Asgi) -> Asgi:
    async def front(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope.get("method") not in {"POST", "PUT"} or not _PATH.fullmatch(scope["path"]):
            await emulator(scope, receive, send)
            return
        body = await _whole(receive)
        if _starts_too_early(body):
            await _refuse(send)
        else:
            await emulator(scope, _replaying(body), send)

    return front


async def _whole(receive: Receive) -> bytes:
    """The body, which may come in parts."""
    content, more = b"", True
    while more:
        part = await receive()
        content, more = content + part.get("body", b""), part.get("more_body", False)
    return content


def _replaying(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _starts_too_early(body: bytes) -> bool:
    """The API's protocol (REST-JSON) writes a date in seconds since 1970."""
    request = json.loads(body or b"{}")
    start = request.get("StartDate") if isinstance(request, dict) else None
    return isinstance(start, int | float) and time.time() - start > _OLDEST


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", b"ValidationException")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(_REFUSAL).encode()})
