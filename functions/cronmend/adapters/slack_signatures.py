"""Verify that a request was sent by Slack."""

import re
from datetime import datetime, timedelta

from slack_sdk.signature import Clock, SignatureVerifier

from cronmend.adapters.secrets import Secrets, secret
from cronmend.errors import Permanent
from cronmend.incoming.slack_requests import Signed

MAX_SKEW = timedelta(minutes=5)
"""The largest allowed difference between a request's time and now, either way; slack_sdk's own limit."""
_SECONDS = re.compile(r"[0-9]{1,12}")


class _At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


class SlackSignatures:
    """Source: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, secret_arn: str, secrets: Secrets = secret) -> None:
        self._secret_arn = secret_arn
        self._secrets = secrets

    def refusal(self, request: Signed, now: datetime) -> str:
        """Raises Permanent if the signing secret is empty."""
        if not request.signature or not request.timestamp:
            return "it is not signed"
        if not _SECONDS.fullmatch(request.timestamp) or not request.signature.isascii():
            return "its signature or timestamp has the wrong format"
        if abs(now.timestamp() - int(request.timestamp)) > MAX_SKEW.total_seconds():
            return f"its timestamp is more than {int(MAX_SKEW.total_seconds())} seconds off"
        if not (signing := self._secrets(self._secret_arn).strip()):
            raise Permanent(f"the secret {self._secret_arn} is empty; store the Slack app's signing secret in it")
        is_valid = SignatureVerifier(signing, _At(now)).is_valid(request.body, request.timestamp, request.signature)
        return "" if is_valid else "its signature is wrong"
