"""Click a button of a Slack message: post what Slack would post, signed as Slack signs it, to the function URL."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from local.aws import Clients, Endpoints
from local.slack import SlackMessage, SlackReceiver

USER: Final = "U0LOCALYOU"
USER_NAME: Final = "you"
URL_OUTPUT: Final = "SlackActionUrl"
_SECONDS: Final = 30


class ClickFailed(Exception):
    """The click failed; the message says why."""


@dataclass(frozen=True, slots=True)
class Clicker:
    """A person who clicks.

    Args:
        signing_secret: of the Slack app, as in the stack's ``SlackSigningSecretArn``.
    """

    endpoints: Endpoints
    clients: Clients
    slack: SlackReceiver
    signing_secret: str
    stack: str

    def reason_against(self) -> str:
        """Why no button can be clicked; ``""`` if it can."""
        try:
            stacks = self.clients.cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        except self.clients.cloudformation.exceptions.ClientError:
            return "Cronmend isn't deployed yet."
        return "" if _url(stacks) else "The stack has no slack_action function: set SlackSigningSecretArn."

    def click(self, messages: Sequence[SlackMessage], ts: str, action: str) -> str:
        """Click the button with this ``action_id`` in the message ``ts``; returns what happened.

        Raises:
            ClickFailed: there is no such button, or the function rejected the click.
        """
        latest = next((each for each in reversed(messages) if ts in (each.ts, each.update_of)), None)
        element = next((each for each in _elements(latest) if each.get("action_id") == action), None)
        if latest is None or element is None:
            raise ClickFailed("The message no longer has this button.")
        if why := self.reason_against():
            raise ClickFailed(why)
        return self._post(_payload(latest.channel, ts, element, self.slack.reply_url(latest.channel, USER)))

    def _post(self, payload: Mapping[str, Any]) -> str:
        body, now = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": signature(self.signing_secret, now, body),
        }
        request = urllib.request.Request(self._address(), data=body.encode(), headers=headers)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - as above
                return "The click was accepted. The answer follows in the conversation."
        except urllib.error.HTTPError as error:
            with error:
                raise ClickFailed(f"The function rejected the click with status {error.code}.") from error
        except (urllib.error.URLError, TimeoutError) as error:
            raise ClickFailed(f"The function URL didn't answer: {error}") from error

    def _address(self) -> str:
        """The emulator serves ``https://ID.lambda-url.…`` under a path of its own."""
        url = _url(self.clients.cloudformation.describe_stacks(StackName=self.stack)["Stacks"])
        return f"{self.endpoints.aws}/_aws/lambda-url/{str(urlsplit(url).hostname).split('.', 1)[0]}/"


def signature(secret: str, timestamp: str, body: str) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return f"v0={digest}"


def _elements(message: SlackMessage | None) -> Iterator[Mapping[str, Any]]:
    for block in message.blocks if message else ():
        if block.get("type") == "actions":
            yield from block["elements"]


def _url(stacks: Sequence[Any]) -> str:
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stacks[0].get("Outputs", [])}
    return str(outputs.get(URL_OUTPUT, ""))


def _payload(channel: str, ts: str, element: Mapping[str, Any], reply_url: str) -> Mapping[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
    return {
        "type": "block_actions",
        "user": {"id": USER, "username": USER_NAME, "name": USER_NAME, "team_id": "T00000000"},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": channel},
        "message": {"type": "message", "ts": ts},
        "response_url": reply_url,
        "actions": [{**element, "block_id": "cronmend", "action_ts": f"{time.time():.6f}"}],
    }
