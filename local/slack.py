"""A stand-in for Slack on the loopback, which accepts and rejects the same messages as Slack.

Incoming webhooks (``/services/…``), the Web API's ``chat.postMessage`` and ``chat.update``, and the address at which a
person who clicked a button is answered (``/actions/…``). Channels can be archived, messages deleted, and answers
replaced by those that Slack or a proxy gives on a bad day. Limits:
https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any, Self
from urllib.parse import quote, unquote

from local.slack_answers import Rejected, as_json, must_be_short, must_be_valid, payload_of, rejection_of
from local.slack_faults import LOGIN_PATH, Fault, page
from local.web import LoopbackServer, Request, Response

WEBHOOK_TOKEN = "T00000000/B00000000/cronmend"  # noqa: S105 - valid only for this stand-in
BOT_TOKEN = "xoxb-cronmend"  # noqa: S105 - as above
BOT_SCOPES = "chat:write,usergroups:read"
WEBHOOK_CHANNEL = "#alerts"
_ANSWERS = "/actions/"


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """An accepted message. ``update_of`` is the ``ts`` of the message that it replaced, if any."""

    at: datetime
    channel: str
    text: str
    blocks: tuple[Mapping[str, Any], ...]
    ts: str
    thread_ts: str = ""
    update_of: str = ""
    broadcast: bool = False
    """Whether a reply is also shown in the channel."""
    only_for: str = ""
    """The only person who sees it."""


class SlackReceiver:
    """Keeps the messages that it accepts.

    Args:
        burst: messages per second before it answers 429; 0 for no limit.
        on_message: gets each accepted message.
    """

    def __init__(
        self, port: int = 0, burst: int = 0, on_message: Callable[[SlackMessage], None] = lambda _: None
    ) -> None:
        self._burst = burst
        self._on_message = on_message
        self._lock = threading.Lock()
        self._messages: list[SlackMessage] = []
        self._failures: list[int] = []
        self._faults: Iterator[Fault] | None = None
        self._archived: set[str] = set()
        self._deleted: set[str] = set()
        self._requests = 0
        self._recent: list[float] = []
        self._server = LoopbackServer(self._handle, port)

    @property
    def webhook_url(self) -> str:
        return f"{self._server.url}/services/{WEBHOOK_TOKEN}"

    @property
    def api_url(self) -> str:
        """The ``base_url`` for slack_sdk's ``WebClient``."""
        return f"{self._server.url}/api/"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def messages(self) -> tuple[SlackMessage, ...]:
        """The accepted messages, oldest first."""
        with self._lock:
            return tuple(self._messages)

    def fail_next(self, count: int = 1, status: int = 500) -> None:
        with self._lock:
            self._failures.extend([status] * count)

    def misbehave(self, *faults: Fault) -> None:
        """Answer every request with these faults in turn, until it is called with none."""
        with self._lock:
            self._faults = cycle(faults) if faults else None

    def archive(self, channel: str) -> None:
        with self._lock:
            self._archived.add(channel)

    def restore(self, channel: str) -> None:
        """End the archiving of a channel."""
        with self._lock:
            self._archived.discard(channel)

    def delete(self, ts: str) -> None:
        """Delete a message as a person would: it can't be updated, and a later reply isn't in its thread."""
        with self._lock:
            self._deleted.add(ts)

    def requests(self) -> int:
        """How many requests have arrived, accepted or not."""
        with self._lock:
            return self._requests

    def reply_url(self, channel: str, user: str) -> str:
        """The address for replies to this person, as in the ``response_url`` of a click."""
        return f"{self._server.url}{_ANSWERS}{quote(channel, safe='')}/{quote(user, safe='')}"

    def _handle(self, request: Request) -> Response | None:
        with self._lock:
            self._requests += 1
            fault = next(self._faults) if self._faults and request.path != LOGIN_PATH else None
        if fault is None:
            return self._served(request)
        if fault is Fault.LOST_ANSWER:
            self._served(request)
        return page(fault)

    def _served(self, request: Request) -> Response:
        if request.path == LOGIN_PATH:
            return Response(200, b"ok")
        webhook = request.path.startswith(("/services/", _ANSWERS))
        try:
            self._admit()
            if request.path.startswith(_ANSWERS):
                return self._answer(request)
            return self._webhook(request) if webhook else self._api(request)
        except Rejected as rejection:
            return rejection_of(rejection, webhook)

    def _admit(self) -> None:
        now = time.monotonic()
        with self._lock:
            if status := self._failures.pop(0) if self._failures else 0:
                raise Rejected("rate_limited" if status == 429 else "internal_error", status, {"Retry-After": "1"})
            self._recent = [at for at in self._recent if now - at < 1] + [now]
            if self._burst and len(self._recent) > self._burst:
                raise Rejected("rate_limited", 429, {"Retry-After": "1"})

    def _webhook(self, request: Request) -> Response:
        if request.path != f"/services/{WEBHOOK_TOKEN}":
            raise Rejected("invalid_token", 403)
        if WEBHOOK_CHANNEL in self._archived:
            raise Rejected("channel_is_archived", 410)
        payload = payload_of(request)
        must_be_valid(payload)
        self._keep(payload, WEBHOOK_CHANNEL)
        return Response(200, b"ok")

    def _answer(self, request: Request) -> Response:
        channel, user = map(unquote, request.path.removeprefix(_ANSWERS).split("/", 1))
        payload = payload_of(request)
        must_be_valid(payload)
        self._keep(payload, channel, only_for=user)
        return Response(200, b"ok")

    def _api(self, request: Request) -> Response:
        method = request.path.removeprefix("/api/")
        if method not in ("auth.test", "chat.postMessage", "chat.update"):
            raise Rejected("unknown_method", 404)
        if request.headers.get("authorization") != f"Bearer {BOT_TOKEN}":
            raise Rejected("invalid_auth", 200)
        if method == "auth.test":
            return as_json({"ok": True, "user": "cronmend"}, headers={"X-OAuth-Scopes": BOT_SCOPES})
        payload = payload_of(request)
        self._must_accept(str(payload.get("channel") or ""))
        must_be_valid(payload)
        must_be_short(payload)
        updated = self._known(str(payload.get("ts"))) if method == "chat.update" else ""
        message = self._keep(payload, str(payload["channel"]), updated)
        thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        answer = {"ok": True, "channel": message.channel, "ts": updated or message.ts}
        return as_json({**answer, "message": {"text": message.text, **thread}})

    def _must_accept(self, channel: str) -> None:
        if not channel:
            raise Rejected("channel_not_found", 200)
        if channel in self._archived:
            raise Rejected("is_archived", 200)

    def _known(self, ts: str) -> str:
        with self._lock:
            if not self._exists(ts):
                raise Rejected("message_not_found", 200)
        return ts

    def _exists(self, ts: str) -> bool:
        return ts not in self._deleted and any(message.ts == ts for message in self._messages)

    def _keep(self, payload: Mapping[str, Any], channel: str, update_of: str = "", only_for: str = "") -> SlackMessage:
        with self._lock:
            thread = str(payload.get("thread_ts") or "")
            message = SlackMessage(
                at=datetime.now(UTC),
                channel=channel,
                text=str(payload.get("text") or ""),
                blocks=tuple(payload.get("blocks") or ()),
                ts=f"{time.time():.0f}.{len(self._messages):06d}",
                # https://github.com/slack-go/slack/issues/1571: without its parent, a reply is a message of its own.
                thread_ts=thread if self._exists(thread) else "",
                update_of=update_of,
                broadcast=bool(payload.get("reply_broadcast")),
                only_for=only_for,
            )
            self._messages.append(message)
            # Inside the lock, so that the order is the same there.
            self._on_message(message)
        return message
