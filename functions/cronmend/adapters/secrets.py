"""Secrets by ARN: a secret of Secrets Manager, or a SecureString parameter of Systems Manager."""

from functools import lru_cache
from typing import Protocol

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from cronmend.adapters.aws import CONFIG, session
from cronmend.errors import Retryable

SECRET_AGE = 300
"""Seconds for which a secret is cached: a changed one is used within 5 min."""


class Secrets(Protocol):
    def __call__(self, arn: str) -> str: ...


def secret(arn: str) -> str:
    """The text of a secret.

    Raises:
        Retryable: it couldn't be read; a missing secret may be created while the caller retries.
    """
    service, name = arn.split(":")[2], arn.partition(":parameter")[2]
    try:
        if service == "ssm":
            return str(_parameters(session()).get(name, decrypt=True, max_age=SECRET_AGE))
        return str(_secrets(session()).get(arn, max_age=SECRET_AGE))
    except GetParameterError as error:
        raise Retryable(f"couldn't read the secret {arn}: {error}") from error


@lru_cache(maxsize=1)
def _secrets(of: boto3.Session) -> SecretsProvider:
    return SecretsProvider(boto3_client=of.client("secretsmanager", config=CONFIG))


@lru_cache(maxsize=1)
def _parameters(of: boto3.Session) -> SSMProvider:
    return SSMProvider(boto3_client=of.client("ssm", config=CONFIG))
