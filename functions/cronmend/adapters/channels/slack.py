"""Reports to Slack, through an incoming webhook or as a bot, whose messages can be updated and have threads."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from cronmend.adapters.secrets import Secrets, secret
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef, is_worth_a_look
from cronmend.errors import Gone, Permanent, Retryable, Throttled
from cronmend.model.report import Report

GAP = timedelta(seconds=1)
"""One message per second and channel; https://docs.slack.dev/apis/web-api/rate-limits."""
TIMEOUT = 10
_API = "https://slack.com/api/"
PASSING = frozenset(("fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"))
"""Slack's errors after which the same call may work later; https://docs.slack.dev/reference/methods/chat.postMessage."""
_QUIET_LINKS = {"unfurl_links": False, "unfurl_media": False}
_GONE = frozenset(
    (
        *(
            "message_not_found",
            "cant_update_message",
            "edit_window_closed",
            "thread_not_found",
            "cannot_reply_to_message",
        ),
        *("is_archived", "channel_not_found", "not_in_channel"),
    )
)
"""Of a message, and of its channel."""


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """The content of the Slack secret: a webhook URL, or JSON with ``token`` and ``channel``."""

    webhook: str = ""
    token: str = ""
    channel: str = ""
    """The channel for messages whose route names none."""
    api: str = _API
    """GovSlack has another address."""

    @classmethod
    def parse(cls, text: str) -> "SlackAccess":
        """Raises Permanent if it is neither; the message does not repeat the secret."""
        text = text.strip()
        if not text.startswith("{"):
            if not text.startswith(("https://", "http://127.0.0.1:")):
                raise Permanent("the Slack secret is neither a webhook URL nor JSON with token and channel")
            return cls(webhook=text)
        try:
            content = json.loads(text)
        except ValueError:
            raise Permanent("the Slack secret starts with { but isn't valid JSON") from None
        if not isinstance(content, dict) or not content.get("token"):
            raise Permanent('the Slack secret is JSON without a "token"')
        return cls(token=content["token"], channel=content.get("channel", ""), api=content.get("api", _API))


class SlackWebhook:
    """Its messages can't be updated and have no threads, because Slack returns no ``ts`` to a webhook."""

    def __init__(self, address: str, timeout: int) -> None:
        self._client = WebhookClient(address, timeout=timeout)

    def send(self, report: Report) -> None:
        body = render.slack(report, mention=report.mention)
        answer = asked(lambda: self._client.send(text=body["text"], blocks=body["blocks"]))
        if answer.status_code != 200:
            raise _refused(answer.status_code, answer.body[:200], answer.headers)


class SlackBot:
    def __init__(self, access: SlackAccess, channel: str, *, buttons: bool, timeout: int) -> None:
        self._channel = channel
        self._buttons = buttons
        self._client = WebClient(token=access.token, base_url=access.api, timeout=timeout)

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef:
        if thread:
            return self._call("chat.postMessage", self._answer(report, thread))
        body = render.slack(report, buttons=self._buttons, mention=report.mention)
        return self._call("chat.postMessage", {"channel": self._channel, **body, **_QUIET_LINKS})

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        body = render.slack(report, buttons=self._buttons)
        try:
            self._call("chat.update", {"channel": place.channel, "ts": place.ts, **body})
        except Gone:
            return self.send(report)
        return place

    def _answer(self, report: Report, thread: MessageRef) -> dict[str, Any]:
        return {
            "channel": thread.channel,
            "thread_ts": thread.ts,
            "reply_broadcast": is_worth_a_look(report.kind),
            **render.slack_reply(report),
            **_QUIET_LINKS,
        }

    def _call(self, method: str, body: Mapping[str, Any]) -> MessageRef:
        try:
            answer = asked(lambda: self._client.api_call(method, json=dict(body)))
        except SlackApiError as refusal:
            word = str(refusal.response.get("error", ""))
            if word in _GONE:
                raise Gone(f"Slack refused the message: {refusal.response.status_code} {word}") from refusal
            raise _refused(refusal.response.status_code, word, refusal.response.headers) from refusal
        return MessageRef(str(answer.get("channel", "")), str(answer.get("ts", "")))


class SlackChannel:
    """``slack``, or ``slack:<channel id>``. The secret is read at each use, so a changed one needs no deploy."""

    groups = True
    gap = GAP
    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(
        self, name: str, secret_arn: str, *, buttons: bool = False, secrets: Secrets = secret, timeout: int = TIMEOUT
    ) -> None:
        self.name = name
        self._secret_arn = secret_arn
        self._buttons = buttons
        self._secrets = secrets
        self._timeout = timeout

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        reached = self._reached()
        if isinstance(reached, SlackBot):
            return reached.send(report, thread)
        reached.send(report)
        return None

    def update(self, report: Report, place: MessageRef) -> MessageRef | None:
        reached = self._reached()
        return reached.update(report, place) if isinstance(reached, SlackBot) else self.send(report)

    def _reached(self) -> SlackWebhook | SlackBot:
        """Raises Permanent if the secret can't reach the channel that the route names."""
        access, wanted = SlackAccess.parse(self._secrets(self._secret_arn)), self.name.partition(":")[2]
        if access.webhook and wanted:
            raise Permanent(f"the Slack secret is a webhook for one channel; use a bot token to reach {wanted}")
        if access.webhook:
            return SlackWebhook(access.webhook, self._timeout)
        if not (channel := wanted or access.channel):
            raise Permanent('the Slack secret has a token but no "channel", and the route names no channel')
        return SlackBot(access, channel, buttons=self._buttons, timeout=self._timeout)


def asked[T](call: Callable[[], T]) -> T:
    """Slack's answer. Raises Retryable if there is none, and SlackApiError if Slack refused the call."""
    try:
        return call()
    except SlackApiError:
        raise
    except (OSError, HTTPException, SlackClientError) as error:
        raise Retryable(f"Slack didn't answer: {type(error).__name__}") from error


def _refused(status: int, word: str, headers: Mapping[str, Any]) -> Retryable | Permanent:
    text = f"Slack refused the message: {status} {word}"
    after = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if status == 429 or word == "ratelimited":
        return Throttled(text, timedelta(seconds=int(after) if str(after).isdecimal() else 30))
    return Retryable(text) if status >= 500 or word in PASSING else Permanent(text)
