"""In front of the emulator's own handler, in its process: throttles DynamoDB on request.

``PUT /_local/throttling`` with ``{"on": true}`` or ``{"on": false}``; the answer has the counts of ``calls`` and
``rejected`` until then.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from local.throttling import Throttling

PATH = "/_local/throttling"
_DYNAMODB = b"DynamoDB_20120810."
_THROTTLED = {
    "__type": "com.amazon.coral.availability#ThrottlingException",
    "message": "Throughput exceeds the current capacity of your table or index. Please try again shortly.",
}

type Scope = Mapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class EmulatorFront:
    """An ASGI application around the emulator's. https://asgi.readthedocs.io/en/latest/specs/www.html"""

    def __init__(self, emulator: Asgi) -> None:
        self._emulator = emulator
        self._throttling = Throttling()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._emulator(scope, receive, send)
        elif scope["path"] == PATH:
            await self._switch(receive, send)
        elif _target(scope).startswith(_DYNAMODB) and self._throttling.rejects():
            await _answer(send, 400, _THROTTLED)
        else:
            await self._emulator(scope, receive, send)

    async def _switch(self, receive: Receive, send: Send) -> None:
        self._throttling.switch(on=bool(json.loads((await receive())["body"])["on"]))
        await _answer(send, 200, {"calls": self._throttling.calls, "rejected": self._throttling.rejected})


def _target(scope: Scope) -> bytes:
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"x-amz-target", b"")


async def _answer(send: Send, status: int, content: Mapping[str, Any]) -> None:
    headers = [(b"content-type", b"application/x-amz-json-1.0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
