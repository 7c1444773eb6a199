"""The shapes of an ASGI application, and what those in front of the emulator share.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

type Scope = Mapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
type Header = tuple[bytes, bytes]


async def body(receive: Receive) -> bytes:
    """The request's body, which may come in parts."""
    content, more = b"", True
    while more:
        part = await receive()
        content, more = content + part.get("body", b""), part.get("more_body", False)
    return content


async def answer(send: Send, status: int, content: Mapping[str, Any], headers: Iterable[Header]) -> None:
    """Answer with a JSON document."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
