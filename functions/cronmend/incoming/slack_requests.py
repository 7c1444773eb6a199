"""The requests that Slack sends to the function URL when a person clicks a button. Pure.

Shapes: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload version 2.0) and
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping
from copy import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from cronmend.errors import BadEvent, refusing
from cronmend.incoming.envelope import Json, aware, persons_name, short_text, text
from cronmend.model.presses import Button

CLICK = "click"
"""The kind of the payload with which the function passes a click on to itself."""
REPLY_HOSTS = frozenset(("hooks.slack.com", "hooks.slack-gov.com"))


class Signed(Struct, frozen=True):
    """A request as received, with the signature that has to prove that Slack sent it."""

    body: str
    timestamp: str
    signature: str


class Click(Struct, frozen=True):
    button: Button
    job: str
    incident: str
    user: str
    """The person's Slack ID."""
    name: str
    reply_to: str
    """The address for a reply to the person."""
    at: datetime
    id: str = ""
    """Equal for each delivery of one request."""

    @property
    def by(self) -> str:
        """The person's name and ID, as shown in messages and stored in the ledger."""
        return f"{self.name} ({self.user})" if self.name else self.user


def signed(event: Json) -> Signed:
    """Raises BadEvent if the body can't be decoded. A missing timestamp or signature is ``""``."""
    with refusing(lambda error: BadEvent(f"the headers or the body can't be read: {type(error).__name__}")):
        headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        raw = event.get("body") or ""
        body = b64decode(raw, validate=True).decode() if event.get("isBase64Encoded") else str(raw)
        found = Signed(body, headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", ""))
        f"{found.body}{found.signature}".encode()  # fails for half characters, which Slack can't send
    return found


def click(request: Signed) -> Click | None:
    """The click in a request with a verified signature; None for a button that needs no action, such as a link.

    Raises:
        BadEvent: it is not in the form that Slack sends for one of Cronmend's buttons.
    """
    payload = _payload(request.body)
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise BadEvent("the payload has no action")
    if actions[0].get("action_id") not in list(Button):
        return None
    with refusing(lambda error: BadEvent(f"the click is not on a Cronmend button: {error}")):
        value = _object(json.loads(text(actions[0], "value")), "the button's value")
        user = _object(payload.get("user"), "the user")
        found = Click(
            button=Button(actions[0]["action_id"]),
            job=short_text(value, "job"),
            incident=short_text(value, "incident"),
            user=short_text(user, "id"),
            name=_name(user),
            reply_to=text(payload, "response_url"),
            at=datetime.fromtimestamp(int(request.timestamp), UTC),
        )
    return replace(found, id=hashlib.sha256(request.signature.encode()).hexdigest()[:32])


def click_payload(found: Click) -> dict[str, str]:
    """The payload that the function sends to itself."""
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
    """A request to the function URL can't forge this: its content is in ``body``, beside ``requestContext``."""
    return event.get("kind") == CLICK and "requestContext" not in event


def click_of(payload: Json) -> Click:
    """Raises BadEvent if it is not in the form that :func:`click_payload` writes."""
    named = (isinstance(payload, Mapping) and payload.get("id")) or "without id"
    with refusing(lambda error: BadEvent(f"click {named}: {error}; see events/slack_action/")):
        words = {name: text(payload, name) for name in ("job", "incident", "user", "reply_to", "id")}
        at = aware(text(payload, "at"))
        return Click(Button(payload.get("button", "")), name=str(payload.get("name", "")), at=at, **words)


def is_slacks(address: str) -> bool:
    """Whether the address is one of Slack's, over HTTPS."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.hostname in REPLY_HOSTS and parts.port in {None, 443}
    except ValueError:
        return False


def _payload(body: str) -> Mapping[str, Any]:
    with refusing(lambda error: BadEvent(f"the body is not payload=<JSON>: {type(error).__name__}")):
        fields = parse_qs(body, strict_parsing=True, max_num_fields=20)
        payload = _object(json.loads(fields["payload"][0]), "the payload")
    if (kind := payload.get("type")) != "block_actions":
        raise BadEvent(f"the payload is of type {str(kind)[:40]!r}: Cronmend's buttons send only block_actions")
    return payload


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is not an object")
    return value


def _name(user: Mapping[str, Any]) -> str:
    return persons_name(str(user.get("username") or user.get("name") or ""))
