"""In front of the emulator: refuses schedules whose start date has passed, as AWS does and the emulator doesn't."""

import json
import re
import time

from local import asgi
from local.asgi import Asgi, Message, Receive, Scope, Send

_PATH = re.compile(r"/schedules/[^/]+")
_OLDEST = 300
"""Seconds; https://github.com/getmoto/moto/issues/8172. AWS doesn't document the same for UpdateSchedule."""
_REFUSAL = {
    "__type": "ValidationException",
    "message": "The StartDate you specify cannot be earlier than 5 minutes ago.",
}
_HEADERS = ((b"content-type", b"application/json"), (b"x-amzn-errortype", b"ValidationException"))


def refusing_past_starts(emulator: Asgi) -> Asgi:
    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") not in {"POST", "PUT"} or not _PATH.fullmatch(scope["path"]):
            await emulator(scope, receive, send)
            return
        body = await asgi.body(receive)
        if _starts_too_early(body):
            await asgi.answer(send, 400, _REFUSAL, _HEADERS)
        else:
            await emulator(scope, _replaying(body), send)

    return front


def _replaying(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _starts_too_early(body: bytes) -> bool:
    """The API's protocol (REST-JSON) writes a date in seconds since 1970."""
    request = json.loads(body or b"{}")
    start = request.get("StartDate") if isinstance(request, dict) else None
    return isinstance(start, int | float) and time.time() - start > _OLDEST
