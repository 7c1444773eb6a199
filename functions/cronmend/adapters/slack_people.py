"""People in Slack: whether a request is really Slack's, who may do something, and the answer to one of them."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.webhook import WebhookClient

from cronmend.adapters.secret import Secrets, secret
from cronmend.adapters.slack import SlackAccess, asked
from cronmend.errors import Permanent, Retryable
from cronmend.render import clip, inert
from cronmend.slack_requests import Signed, is_slacks

BELIEVED = timedelta(minutes=5)
"""How far a request's time may lie from ours, either way; slack_sdk's own bound."""
GROUP_AGE = timedelta(minutes=5)
"""Who has left a group may still click for so long."""
_SECONDS = re.compile(r"[0-9]{1,12}")
_ANSWER = 2_900
_PASSING = frozenset(("fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"))


class _At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


class SlackSignatures:
    """By https://docs.slack.dev/authentication/verifying-requests-from-slack."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, secret_arn: str, secrets: Secrets = secret) -> None:
        self._secret_arn = secret_arn
        self._secrets = secrets

    def refusal(self, request: Signed, now: datetime) -> str:
        """Raises Permanent where the signing secret is empty."""
        if not request.signature or not request.timestamp:
            return "it is not signed"
        if not _SECONDS.fullmatch(request.timestamp) or not request.signature.isascii():
            return "its signature or timestamp has the wrong format"
        if abs(now.timestamp() - int(request.timestamp)) > BELIEVED.total_seconds():
            return f"its timestamp is more than {int(BELIEVED.total_seconds())} seconds off"
        if not (signing := self._secrets(self._secret_arn).strip()):
            raise Permanent(f"the secret {self._secret_arn} is empty; store the Slack app's signing secret in it")
        is_valid = SignatureVerifier(signing, _At(now)).is_valid(request.body, request.timestamp, request.signature)
        return "" if is_valid else "its signature is wrong"


class SlackStaff:
    """Users by their ids, and whoever is in a user group."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, allowed: Sequence[str], secret_arn: str, secrets: Secrets = secret, timeout: int = 3) -> None:
        self._users = frozenset(each for each in allowed if not each.startswith("S"))
        self._groups = tuple(each for each in allowed if each.startswith("S"))
        self._secret_arn = secret_arn
        self._secrets = secrets
        self._timeout = timeout
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}

    def may(self, user: str, now: datetime) -> bool:
        """A group that can't be read keeps nobody out whom another lets in."""
        if user in self._users:
            return True
        trouble: list[Retryable | Permanent] = []
        for group in self._groups:
            try:
                if user in self._members(group, now):
                    return True
            except (Retryable, Permanent) as error:
                trouble.append(error)
        if trouble:
            raise trouble[0]
        return False

    def _members(self, group: str, now: datetime) -> frozenset[str]:
        known = self._known.get(group)
        if known is None or now - known[0] >= GROUP_AGE:
            known = self._known[group] = now, self._read(group)
        return known[1]

    def _read(self, group: str) -> frozenset[str]:
        access = SlackAccess.parse(self._secrets(self._secret_arn))
        if not access.token:
            raise Permanent(f"the Slack secret is a webhook; use a bot token to list the members of {group}")
        client = WebClient(token=access.token, base_url=access.api, timeout=self._timeout)
        try:
            answer = asked(lambda: client.usergroups_users_list(usergroup=group))
        except SlackApiError as refusal:
            word = str(refusal.response.get("error", ""))
            text = f"Slack didn't list the members of {group}: {word}"
            if word == "missing_scope":
                text += "; add the scope usergroups:read to the Slack app"
            passes = word in _PASSING or refusal.response.status_code >= 429
            raise (Retryable if passes else Permanent)(text) from refusal
        users: Any = answer.get("users") or ()
        return frozenset(str(each) for each in users)


class SlackReplies:
    """Through the address that Slack gives with a click: good for half an hour and five answers."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, secret_arn: str, secrets: Secrets = secret, timeout: int = 5) -> None:
        self._secret_arn = secret_arn
        self._secrets = secrets
        self._timeout = timeout

    def accepts(self, address: str) -> bool:
        """Slack's own hosts; a stand-in for Slack on this machine, where the secret says that Slack is there."""
        if is_slacks(address):
            return True
        if not address.startswith("http://127.0.0.1:"):
            return False
        access = SlackAccess.parse(self._secrets(self._secret_arn))
        return urlsplit(access.api).netloc == urlsplit(address).netloc

    def tell(self, address: str, answer: str) -> None:
        if not self.accepts(address):
            raise Permanent("the reply address isn't Slack's")
        body: Mapping[str, Any] = {"response_type": "ephemeral", "replace_original": False}
        client = WebhookClient(address, timeout=self._timeout)
        got = asked(lambda: client.send_dict({"text": clip(inert(answer), _ANSWER), **body}))
        if got.status_code != 200:
            kind = Retryable if got.status_code == 429 or got.status_code >= 500 else Permanent
            raise kind(f"Slack refused the reply: {got.status_code} {got.body[:200]}")
