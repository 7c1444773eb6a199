"""Reports to Slack, through an incoming webhook or as a bot, whose messages can be updated and have threads."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from slack_sdk.web import SlackResponse
from slack_sdk.webhook.webhook_response import WebhookResponse

from cronmend.adapters.channels import slack_http
from cronmend.adapters.channels.answer_table import (
    FOREIGN,
    OK,
    SLACK_BOT,
    SLACK_WEBHOOK,
    UNTHREADED,
    Nature,
    nature_of,
    refusal,
)
from cronmend.adapters.channels.contained import contained
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.adapters.secrets import Secrets, secret
from cronmend.alerting import render
from cronmend.alerting.conversations import MessageRef, is_broadcast
from cronmend.errors import CronmendError, Gone, Permanent
from cronmend.model.report import Report
from cronmend.redact import redact

GAP = timedelta(seconds=1)
"""One message per second and channel; https://docs.slack.dev/apis/web-api/rate-limits."""
TIMEOUT = 10
_QUIET_LINKS: Final = {"unfurl_links": False, "unfurl_media": False}
_WORD: Final = re.compile(r"[a-z][a-z_]{1,60}")
_CHANNEL_ID: Final = re.compile(r"[CG][A-Z0-9]+")
_SECONDS: Final = re.compile(r"\d{1,9}")
_DETAILS: Final = 300


class SlackWebhook:
    """Its messages can't be updated and have no threads, because Slack returns no ``ts`` to a webhook."""

    def __init__(self, address: str, timeout: int) -> None:
        self._client = slack_http.webhook(address, timeout)

    def send(self, report: Report) -> None:
        body = render.slack(report, mention=report.mention)
        try:
            self._post(body)
        except _FormRefusedError:
            self._post(_plain(body, report))

    def _post(self, body: Mapping[str, Any]) -> None:
        answer = self._client.send_dict(dict(body))
        nature = nature_of(SLACK_WEBHOOK, answer.status_code, webhook_word(answer))
        if nature is not Nature.DELIVERED:
            raise _refused(nature, answer.status_code, slack_http.beginning(answer.body), answer.headers)


class SlackBot:
    def __init__(self, access: SlackAccess, channel: str, *, buttons: bool, timeout: int) -> None:
        self._channel = channel
        self._buttons = buttons
        self._client = slack_http.web_api(access.token, access.api, timeout)

    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef:
        if thread:
            return self._reply(report, thread)
        body = render.slack(report, buttons=self._buttons, mention=report.mention)
        return self._post("chat.postMessage", report, {"channel": self._channel, **body, **_QUIET_LINKS})

    def update(self, report: Report, place: MessageRef) -> MessageRef:
        body = render.slack(report, buttons=self._buttons)
        self._must_be_present(place)
        self._post("chat.update", report, {"channel": place.channel, "ts": place.ts, **body})
        return place

    def _reply(self, report: Report, thread: MessageRef) -> MessageRef:
        self._must_be_present(thread)
        place = {"channel": thread.channel, "thread_ts": thread.ts, "reply_broadcast": is_broadcast(report.kind)}
        return self._post("chat.postMessage", report, {**place, **render.slack_reply(report), **_QUIET_LINKS})

    def _must_be_present(self, place: MessageRef) -> None:
        """Raises Gone if the secret or the route names another channel by now. A channel's name can't be compared."""
        if _CHANNEL_ID.fullmatch(self._channel) and place.channel != self._channel:
            raise Gone(f"the message is in Slack channel {place.channel}, and the alerts go to {self._channel} now")

    def _post(self, method: str, report: Report, body: Mapping[str, Any]) -> MessageRef:
        try:
            return self._call(method, body)
        except _FormRefusedError:
            return self._call(method, _plain(body, report))

    def _call(self, method: str, body: Mapping[str, Any]) -> MessageRef:
        answer = slack_http.called(self._client, method, json=dict(body))
        word = bot_word(answer, needed=("channel", "ts"))
        word = UNTHREADED if word == OK and _is_unthreaded(answer, body) else word
        nature = nature_of(SLACK_BOT, answer.status_code, word)
        if nature is not Nature.DELIVERED:
            details = word if word == UNTHREADED else bot_details(answer)
            raise _refused(nature, answer.status_code, details, answer.headers)
        return MessageRef(str(answer["channel"]), str(answer["ts"]))


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

    @contained
    def send(self, report: Report, thread: MessageRef | None = None) -> MessageRef | None:
        reached = self._reached()
        if isinstance(reached, SlackBot):
            return reached.send(report, thread)
        reached.send(report)
        return None

    @contained
    def update(self, report: Report, place: MessageRef) -> MessageRef:
        reached = self._reached()
        if isinstance(reached, SlackBot):
            return reached.update(report, place)
        raise Gone("a bot sent the message, and the Slack secret is a webhook now, which can't update it")

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


class _FormRefusedError(Permanent):
    """Slack rejects the message's blocks, and may accept its text."""


def webhook_word(answer: WebhookResponse) -> str:
    """Slack's word, which is the whole body; ``FOREIGN`` if the body is none."""
    body = answer.body.strip()
    return body if _WORD.fullmatch(body) else FOREIGN


def bot_word(answer: SlackResponse, needed: tuple[str, ...] = ()) -> str:
    """The error's word, or ``OK``; ``FOREIGN`` if it is neither, or lacks a field that every success has."""
    if answer.get("ok") is True and all(answer.get(name) for name in needed):
        return OK
    word = answer.get("error")
    return word if isinstance(word, str) and word and answer.get("ok") is False else FOREIGN


def _is_unthreaded(answer: SlackResponse, body: Mapping[str, Any]) -> bool:
    """Whether Slack posted a reply that it shows in no thread; an answer without the message says nothing about it."""
    posted = answer.get("message")
    return "thread_ts" in body and isinstance(posted, dict) and not posted.get("thread_ts")


def bot_details(answer: SlackResponse) -> str:
    """The error's word and what Slack adds to it; the answer itself if it has no word."""
    word = answer.get("error")
    if not word:
        return str(answer.get(slack_http.NOT_SLACKS, answer.data))
    metadata = answer.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    needed = answer.get("needed")
    more = (*(messages if isinstance(messages, list) else ()), *([f"needed: {needed}"] if needed else ()))
    return "; ".join(map(str, (word, *more)))


def _plain(body: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The message without its blocks: its text, with what else people have to know."""
    more = (report.what_happens, report.advice, report.command)
    lines = [str(body["text"]), *(render.inert(render.one_line(each)) for each in more if each)]
    text = render.clip("\n".join(lines), render.MAX_TEXT)
    return {**{name: value for name, value in body.items() if name != "blocks"}, "text": text}


def _refused(nature: Nature, status: int, details: str, headers: Mapping[str, Any]) -> CronmendError:
    said = render.clip(redact(render.one_line(details)), _DETAILS) or "an empty answer"
    text = f"Slack refused the message: {status} {said}"
    return _FormRefusedError(text) if nature is Nature.PLAIN_TEXT else refusal(nature, text, _retry_after(headers))


def _retry_after(headers: Mapping[str, Any]) -> timedelta | None:
    """What the header asks for; None if it isn't a number of seconds."""
    value = next((str(value).strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=int(value)) if _SECONDS.fullmatch(value) else None
