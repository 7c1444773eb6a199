"""One boto3 session for all clients, and the translation of AWS errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

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
from msgspec import Struct

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
    (
        *("ResourceNotFoundException", "ClusterNotFoundException", "ServiceNotFoundException", "NotFoundException"),
        *("NoSuchEntity", "NoSuchEntityException", "ImageNotFoundException", "RepositoryNotFoundException"),
    )
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


class _OneOfEach(boto3.Session):
    """One client per service, region and configuration: a client takes longer to create than most calls take.

    All adapters share its connections, too, each of which would cost a handshake.
    """

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[tuple[str, str | None, Config], Any] = {}

    def client(self, service_name: str, *, region_name: str | None = None, config: Config = CONFIG) -> Any:  # type: ignore[override] # callers see boto3's own
        key = (service_name, region_name or self.region_name, config)
        if key not in self._clients:
            self._clients[key] = super().client(service_name, region_name=region_name, config=config)  # type: ignore[call-overload] # any service
        return self._clients[key]


@cache
def session() -> boto3.Session:
    """Shared, because a session for each client would add 30 ms per client to the start."""
    return _OneOfEach()


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
    answer = ErrorAnswer.of(error)
    text = answer.text(call)
    if answer.code in _NOT_THERE:
        return NotFound(text)
    if answer.code in _DENIED:
        return Denied(text, error.operation_name)
    if answer.code in _PASSING or answer.status == 429 or answer.status >= 500:
        return Retryable(text)
    return Permanent(text)


class ErrorAnswer(Struct, frozen=True):
    """AWS's answer to a call that it refused."""

    code: str
    """``""`` if the answer has none."""
    message: str
    status: int
    """HTTP's; 0 if it isn't known."""

    @classmethod
    def of(cls, error: ClientError) -> "ErrorAnswer":
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return cls(said.get("Code", ""), said.get("Message", ""), status)

    def text(self, call: str) -> str:
        """``call`` completes "couldn't …"."""
        return f"couldn't {call}: {self.code or 'no code'}: {self.message}"
