"""One boto3 session for all clients, and the translation of AWS errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointProviderError,
    InvalidHostLabelError,
    MissingParametersError,
    ParamValidationError,
    ValidationError,
)

from cronmend.errors import CronmendError, Denied, NotFound, Permanent, Retryable

CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
"""A function has a minute, so a call that hangs must leave time for the others."""

AWS_ERRORS = (ClientError, BotoCoreError)
"""Every error of a call with boto3: AWS's answer, that there was none, or a request that is never sent."""
_NEVER_SENT = (
    ParamValidationError,
    ValidationError,
    MissingParametersError,
    EndpointProviderError,
    InvalidHostLabelError,
)
"""botocore refuses the request itself, so it would refuse it again."""
_NOT_THERE = frozenset(
    ("ResourceNotFoundException", "ClusterNotFoundException", "ServiceNotFoundException", "NotFoundException")
)
_DENIED = frozenset(("AccessDeniedException", "AccessDenied", "UnauthorizedOperation"))
_PASSING = frozenset(
    (
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalServerException",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    )
)
"""Codes after which the same call may work; https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html."""


@cache
def session() -> boto3.Session:
    """Shared, because a session for each client would add 30 ms per client to the start."""
    return boto3.Session()


@contextmanager
def our_errors(call: str) -> Iterator[None]:
    """Raise Retryable, NotFound, Denied or Permanent in place of boto3's errors; ``call`` completes "couldn't …"."""
    try:
        yield
    except AWS_ERRORS as error:
        raise translated(error, call) from error


def translated(error: ClientError | BotoCoreError, call: str) -> CronmendError:
    if isinstance(error, _NEVER_SENT):
        return Permanent(f"couldn't {call}: {'; '.join(str(error).splitlines())}")
    if not isinstance(error, ClientError):
        return Retryable(f"couldn't {call}: AWS didn't answer: {error}")
    code, text = error.response.get("Error", {}).get("Code", ""), error_text(error, call)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _NOT_THERE:
        return NotFound(text)
    if code in _DENIED:
        return Denied(text, error.operation_name)
    if code in _PASSING or status == 429 or status >= 500:
        return Retryable(text)
    return Permanent(text)


def error_text(error: ClientError, call: str) -> str:
    said = error.response.get("Error", {})
    return f"couldn't {call}: {said.get('Code', '')}: {said.get('Message', '')}"
