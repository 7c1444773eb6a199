"""Replies that only the person who clicked sees."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cronmend.adapters.channels import slack_http
from cronmend.adapters.channels.answer_table import SLACK_WEBHOOK, Nature, nature_of, refusal
from cronmend.adapters.channels.slack import webhook_word
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.adapters.secrets import Secrets, secret
from cronmend.alerting.render import clip, inert
from cronmend.errors import Permanent
from cronmend.incoming.slack_requests import is_slacks

_ANSWER = 2_900
"""Characters; Slack's limit is 3,000."""


class SlackReplies:
    """Uses the address that Slack sends with a click, which accepts five replies within 30 min."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, secret_arn: str, secrets: Secrets = secret, timeout: int = 5) -> None:
        self._secret_arn = secret_arn
        self._secrets = secrets
        self._timeout = timeout

    def accepts(self, address: str) -> bool:
        """True for Slack's own hosts, and for a stand-in on this machine if the secret has its address."""
        if is_slacks(address):
            return True
        if not address.startswith("http://127.0.0.1:"):
            return False
        access = SlackAccess.parse(self._secrets(self._secret_arn))
        return urlsplit(access.api).netloc == urlsplit(address).netloc

    def send(self, address: str, answer: str) -> None:
        if not self.accepts(address):
            raise Permanent("the reply address isn't Slack's")
        body: Mapping[str, Any] = {"response_type": "ephemeral", "replace_original": False}
        got = slack_http.webhook(address, self._timeout).send_dict({"text": clip(inert(answer), _ANSWER), **body})
        nature = nature_of(SLACK_WEBHOOK, got.status_code, webhook_word(got))
        if nature is not Nature.DELIVERED:
            raise refusal(nature, f"Slack refused the reply: {got.status_code} {slack_http.beginning(got.body)}")
