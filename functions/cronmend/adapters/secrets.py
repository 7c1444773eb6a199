"""Secrets by their ARN: of Secrets Manager, or a SecureString of Systems Manager."""

from typing import Protocol

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from cronmend.errors import Retryable

SECRET_AGE = 300
"""Seconds that a secret is kept: a changed one is used within five minutes."""


class Secrets(Protocol):
    def __call__(self, arn: str) -> str: ...


def secret(arn: str) -> str:
    """The text of a secret.

    Raises:
        Retryable: AWS gave none; a secret that is missing now may be put in place while we retry.
    """
    service, name = arn.split(":")[2], arn.partition(":parameter")[2]
    try:
        if service == "ssm":
            return str(parameters.get_parameter(name, decrypt=True, max_age=SECRET_AGE))
        return str(parameters.get_secret(arn, max_age=SECRET_AGE))
    except GetParameterError as error:
        raise Retryable(f"couldn't read the secret {arn}: {error}") from error
