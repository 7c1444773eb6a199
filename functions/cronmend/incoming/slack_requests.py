"""What Slack sends to the function URL when a person clicks a button. Pure.

Shapes: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload version 2.0) and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cronmend.errors import BadEvent
from cronmend.incoming.envelope import Json, text

CLICK = "click"
"""The kind of a payload by which the function hands a click on to itself."""
REPLY_HOSTS = frozenset(("hooks.slack.com", "hooks.slack-gov.com"))
_LONGEST = 512
"""Characters of a job's id or an incident's: none is nearly so long."""
_LONGEST_NAME = 80


class Button(StrEnum):
    """The ``action_id`` of each button that a message may have."""

    ACKNOWLEDGE = "cronmend_ack"
    RERUN = "cronmend_rerun"
    MUTE = "cronmend_mute"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came, with what is to prove that Slack sent it."""

    body: str
    timestamp: str
    signature: str


@dataclass(frozen=True, slots=True)
class Click:
    button: Button
    job: str
    incident: str
    user: str
    """Slack's id of the person."""
    name: str
    reply_to: str
    """Where the person is answered."""
    at: datetime
    id: str = ""
    """The same for the same request, however often it comes."""

    @property
    def by(self) -> str:
        """As it is written wherever somebody asks who it was."""
        return f"{self.name} ({self.user})" if self.name else self.user


def signed(event: Json) -> Signed:
    """Raises BadEvent where the body can't be read at all; what is missing of a signature is empty."""
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    raw = event.get("body") or ""
    try:
        body = b64decode(raw, validate=True).decode() if event.get("isBase64Encoded") else str(raw)
    except ValueError as error:
        raise BadEvent(f"the body is no text: {type(error).__name__}") from error
    return Signed(body, headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", ""))


def click(request: Signed) -> Click | None:
    """The click in a request whose signature holds; None for a button that asks nothing of us, such as a link.

    Raises:
        BadEvent: not what Slack sends for one of our buttons.
    """
    payload = _payload(request.body)
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise BadEvent("the payload has no action")
    if actions[0].get("action_id") not in set(Button):
        return None
    try:
        value = _object(json.loads(text(actions[0], "value")), "the button's value")
        user = _object(payload.get("user"), "the user")
        found = Click(
            button=Button(actions[0]["action_id"]),
            job=_short(value, "job"),
            incident=_short(value, "incident"),
            user=_short(user, "id"),
            name=_name(user),
            reply_to=text(payload, "response_url"),
            at=datetime.fromtimestamp(int(request.timestamp), UTC),
        )
    except ValueError as error:
        raise BadEvent(f"the click is not one of our buttons': {error}") from error
    return replace(found, id=hashlib.sha256(request.signature.encode()).hexdigest()[:32])


def click_payload(found: Click) -> dict[str, str]:
    """What the function hands on to itself."""
    return {
        "kind": CLICK,
        "button": found.button.value,
        "job": found.job,
        "incident": found.incident,
        "user": found.user,
        "name": found.name,
        "reply_to": found.reply_to,
        "at": found.at.isoformat(),
        "id": found.id,
    }


def is_click(event: Json) -> bool:
    """Nothing that comes through the function URL can look so: there, a request's own words stand in ``body``."""
    return event.get("kind") == CLICK and "requestContext" not in event


def click_of(payload: Json) -> Click:
    """Raises BadEvent where it is not what :func:`click_payload` writes."""
    try:
        words = {name: text(payload, name) for name in ("job", "incident", "user", "reply_to", "id")}
        at = datetime.fromisoformat(text(payload, "at"))
        return Click(Button(payload.get("button", "")), name=str(payload.get("name", "")), at=at, **words)
    except ValueError as error:
        raise BadEvent(f"click {payload.get('id') or 'without id'}: {error}; see events/slack_action/") from error


def is_slacks(address: str) -> bool:
    """Whether an answer there goes to Slack, and over a line that nobody reads along."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.hostname in REPLY_HOSTS and parts.port in {None, 443}
    except ValueError:
        return False


def _payload(body: str) -> Mapping[str, Any]:
    try:
        fields = parse_qs(body, strict_parsing=True, max_num_fields=20)
        payload = _object(json.loads(fields["payload"][0]), "the payload")
    except (KeyError, ValueError, RecursionError) as error:
        raise BadEvent(f"the body is not payload=<JSON>: {type(error).__name__}") from error
    if (kind := payload.get("type")) != "block_actions":
        raise BadEvent(f"the payload is of type {str(kind)[:40]!r}: only block_actions come from our buttons")
    return payload


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is no object")
    return value


def _short(source: Mapping[str, Any], key: str) -> str:
    if len(value := text(source, key)) > _LONGEST:
        raise ValueError(f"{key} is longer than {_LONGEST} characters")
    return value


def _name(user: Mapping[str, Any]) -> str:
    """People choose it: nothing but what stands in one line."""
    raw = str(user.get("username") or user.get("name") or "")
    return " ".join("".join(c if c.isprintable() else " " for c in raw).split())[:_LONGEST_NAME]
