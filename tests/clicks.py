"""Requests as Slack makes and signs them, and the ports of a click in memory."""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cronmend.errors import CronmendError, Permanent, Retryable
from cronmend.incoming.slack_requests import Click
from cronmend.model.wakeups import RunRequest
from cronmend.ports.clicks import RerunAnswer
from tests.fakes import NOW
from tests.samples import JOB

SIGNING = "made-up signing secret"
REPLY = "https://hooks.slack.com/actions/T1/1/x"


def payload(button: str = "cronmend_ack", **changes: Any) -> dict[str, Any]:
    value = json.dumps({"job": JOB, "incident": "a1"})
    return {
        "type": "block_actions",
        "user": {"id": "U1", "username": "ann"},
        "response_url": REPLY,
        "actions": [{"action_id": button, "type": "button", "value": value}],
        **changes,
    }


def form(content: Any) -> str:
    return urlencode({"payload": json.dumps(content)})


def signature(body: str, timestamp: str, secret: str = SIGNING) -> str:
    """Computed as Slack documents it, without slack_sdk."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


def request(
    body: str | None = None, at: datetime = NOW, secret: str = SIGNING, base64: bool = False, **headers: str
) -> dict[str, Any]:
    """The event that the function URL sends."""
    body, timestamp = form(payload()) if body is None else body, str(int(at.timestamp()))
    signed = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature(body, timestamp, secret)}
    sent = b64encode(body.encode()).decode() if base64 else body
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "version": "2.0",
        "headers": {"content-type": "application/x-www-form-urlencoded", **signed, **given},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": sent,
        "isBase64Encoded": base64,
    }


@dataclass
class MemoryTaken:
    signatures: set[str] = field(default_factory=set)

    def first(self, signature: str, now: datetime) -> bool:
        is_new = signature not in self.signatures
        self.signatures.add(signature)
        return is_new


@dataclass
class MemoryRelay:
    clicks: list[Click] = field(default_factory=list)

    def forward(self, click: Click) -> None:
        self.clicks.append(click)


@dataclass
class MemoryStaff:
    allowed: frozenset[str] = frozenset({"U1"})
    trouble: CronmendError | None = None

    def may(self, user: str, now: datetime) -> bool:
        if self.trouble:
            raise self.trouble
        return user in self.allowed


@dataclass
class MemoryRuns:
    """Gives equal requests equal answers."""

    answer: RerunAnswer | CronmendError = field(
        default_factory=lambda: RerunAnswer("the run has started", "arn:task/app-prod/t1")
    )
    wishes: list[RunRequest] = field(default_factory=list)

    def ask(self, run_request: RunRequest) -> RerunAnswer:
        self.wishes.append(run_request)
        if isinstance(self.answer, CronmendError):
            raise self.answer
        return self.answer


@dataclass
class MemoryReplies:
    told: list[tuple[str, str]] = field(default_factory=list)
    trouble: Retryable | Permanent | None = None

    def accepts(self, address: str) -> bool:
        return address == REPLY

    def send(self, address: str, answer: str) -> None:
        if self.trouble:
            raise self.trouble
        self.told.append((address, answer))
