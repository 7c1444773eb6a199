"""Reports to a Slack incoming webhook, whose address is a secret of Secrets Manager."""

from typing import Protocol
from urllib.error import URLError

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from slack_sdk.webhook import WebhookClient

from cronmend import render
from cronmend.errors import Permanent, Retryable
from cronmend.records import Report

SECRET_AGE = 300
"""Seconds that the address is kept: a changed secret is used within five minutes."""


class Secrets(Protocol):
    def __call__(self, name: str) -> str: ...


def secret(name: str) -> str:
    """The text of a secret.

    Raises:
        Retryable: Secrets Manager gave none; a secret that is missing now may be put in place while we retry.
    """
    try:
        return str(parameters.get_secret(name, max_age=SECRET_AGE))
    except GetParameterError as error:
        raise Retryable(f"read the secret {name}: {error}") from error


class SlackChannel:
    name = "slack"
    permissions = ("secretsmanager:GetSecretValue",)

    def __init__(self, secret_arn: str, secrets: Secrets = secret, timeout: int = 10) -> None:
        self._secret_arn = secret_arn
        self._secrets = secrets
        self._timeout = timeout

    def send(self, report: Report) -> None:
        body = render.slack(report)
        client = WebhookClient(self._secrets(self._secret_arn), timeout=self._timeout)
        try:
            answer = client.send(text=body["text"], blocks=body["blocks"])
        except (URLError, TimeoutError, ConnectionError) as error:
            raise Retryable(f"Slack did not answer: {type(error).__name__}") from error
        if answer.status_code == 200:
            return
        told = f"Slack refused the message: {answer.status_code} {answer.body[:200]}"
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Retryable(told)
        raise Permanent(told)
