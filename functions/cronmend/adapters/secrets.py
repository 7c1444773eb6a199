"""Secrets by ARN: a secret of Secrets Manager, or a SecureString parameter of Systems Manager."""

from typing import Protocol

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

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
            return str(parameters.get_parameter(name, decrypt=True, max_age=SECRET_AGE))
        return str(parameters.get_secret(arn, max_age=SECRET_AGE))
    except GetParameterError as error:
        raise Retryable(f"couldn't read the secret {arn}: {error}") from error
