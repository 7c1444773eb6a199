"""The answer that only the person who clicked sees."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient

from cronmend.adapters.channels.slack import SlackAccess, asked
from cronmend.adapters.secrets import Secrets, secret
from cronmend.alerting.render import clip, inert
from cronmend.errors import Permanent, Retryable
from cronmend.incoming.slack_requests import is_slacks

_ANSWER = 2_900
"""Characters; Slack's limit is 3,000."""


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
