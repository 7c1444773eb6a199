"""In front of the emulator's own handler, in its process: throttles DynamoDB, kills functions, redelivers messages.

It also refuses start dates that have passed (:mod:`local.past_starts`).

``PUT /_local/throttling`` with ``{"on": true}`` or ``{"on": false}``; the answer has the counts of ``calls`` and
``rejected`` until then. ``PUT /_local/killing`` with ``{"calls": {"a call": 2}}`` (:mod:`local.killing`), or with
``{}`` to change nothing; the answer has the count of ``kills`` until then. ``PUT /_local/redelivery`` with ``{}``; the
answer has the count of ``messages``.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local import asgi
from local.asgi import Asgi, Message, Receive, Scope, Send
from local.killing import Killing
from local.past_starts import refusing_past_starts
from local.throttling import Throttling

THROTTLING = "/_local/throttling"
KILLING = "/_local/killing"
REDELIVERY = "/_local/redelivery"
_DYNAMODB = "DynamoDB_20120810."
_THROTTLED = {
    "__type": "com.amazon.coral.availability#ThrottlingException",
    "message": "Throughput exceeds the current capacity of your table or index. Please try again shortly.",
}


class EmulatorFront:
    """An ASGI application around the emulator's.

    Args:
        kill: ends every function that is running.
        redeliver: makes visible what queues deliver again later, and returns how many messages there were.
    """

    def __init__(self, emulator: Asgi, kill: Callable[[], None], redeliver: Callable[[], int]) -> None:
        self._emulator = refusing_past_starts(emulator)
        self._throttling = Throttling()
        self._killing = Killing(kill)
        self._redeliver = redeliver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._emulator(scope, receive, send)
        elif scope["path"] == THROTTLING:
            await _answer(send, 200, self._throttle(await _body(receive)))
        elif scope["path"] == KILLING:
            await _answer(send, 200, self._arm(await _body(receive)))
        elif scope["path"] == REDELIVERY:
            await _answer(send, 200, {"messages": self._redeliver()})
        elif (call := _call(scope)).startswith(_DYNAMODB) and self._throttling.rejects():
            await _answer(send, 400, _THROTTLED)
        elif self._killing.is_fatal(call):
            await self._killed(scope, receive, send)
        else:
            await self._emulator(scope, receive, send)

    async def _killed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer is held back until the functions have ended, so that none of them gets it."""
        answer: list[Message] = []

        async def keep(part: Message) -> None:
            answer.append(part)

        await self._emulator(scope, receive, keep)
        self._killing.kill()
        for part in answer:
            await send(part)

    def _throttle(self, body: Mapping[str, Any]) -> Mapping[str, int]:
        self._throttling.switch(on=bool(body["on"]))
        return {"calls": self._throttling.calls, "rejected": self._throttling.rejected}

    def _arm(self, body: Mapping[str, Any]) -> Mapping[str, int]:
        kills = self._killing.kills
        if "calls" in body:
            self._killing.arm(body["calls"])
        return {"kills": kills}


def _call(scope: Scope) -> str:
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"x-amz-target", b"").decode("latin-1") or f"{scope.get('method')} {scope['path']}"


async def _body(receive: Receive) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(await asgi.body(receive))
    return content


async def _answer(send: Send, status: int, content: Mapping[str, Any]) -> None:
    await asgi.answer(send, status, content, [(b"content-type", b"application/x-amz-json-1.0")])
