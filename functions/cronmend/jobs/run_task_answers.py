"""What each of RunTask's answers means, as rows with their sources: the first row that fits decides. Pure.

docs/healing.md shows the same rows; a test compares them.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from cronmend.errors import is_status


class Nature(StrEnum):
    STARTED = "started"
    """An earlier request with this ``clientToken`` started a task, which the answer names."""
    ASK_AGAIN = "ask again"
    """It isn't known whether a task started: the same request, with the same ``clientToken``, may work later."""
    PASSING = "passing"
    """No task was started, for certain. A later request may start one."""
    PERMANENT = "permanent"
    """No task was started, and a person has to change something."""


class Row(Struct, frozen=True):
    nature: Nature
    source: str
    codes: tuple[str, ...] = ()
    """Error codes, or the reasons of failures; ``()`` for any."""
    words: str = ""
    """A regular expression for AWS's message, in any case; ``""`` for any message."""
    status: str = ""
    """An HTTP status such as ``429`` or ``5xx``; ``""`` for any."""

    def fits(self, code: str, message: str, status: int) -> bool:
        return (
            is_status(status, self.status)
            and (not self.codes or code in self.codes)
            and (not self.words or re.search(self.words, message, re.IGNORECASE) is not None)
        )


_RUN_TASK: Final = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"
_ERRORS: Final = f"{_RUN_TASK}#API_RunTask_Errors"
_FAILURES: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html"
_CAPACITY: Final = "https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity"
_THROTTLING: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html"
_QUOTAS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"
_PROVISIONING: Final = "https://github.com/aws/aws-sdk-ruby/issues/3047"
_WRAPPED: Final = "https://github.com/dask/dask-cloudprovider/issues/56"
_RETRIES: Final = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"
_COMMON: Final = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html"

ERRORS: Final = (
    Row(Nature.STARTED, _RUN_TASK, ("ConflictException",)),
    Row(
        Nature.ASK_AGAIN,
        _THROTTLING,
        ("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"),
    ),
    Row(
        Nature.ASK_AGAIN, _WRAPPED, ("InvalidParameterException", "ClientException"), "request ?limit ?exceeded|throttl"
    ),
    Row(Nature.ASK_AGAIN, _ERRORS, ("ServerException",)),
    Row(
        Nature.ASK_AGAIN,
        _COMMON,
        ("InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException"),
    ),
    Row(Nature.ASK_AGAIN, _RETRIES, ("RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete")),
    Row(Nature.ASK_AGAIN, _RETRIES, status="429"),
    Row(Nature.ASK_AGAIN, _RETRIES, status="5xx"),
    Row(Nature.PASSING, _PROVISIONING, ("ClientException",), "provisioning"),
    Row(Nature.PASSING, _QUOTAS, ("LimitExceededException",)),
    Row(
        Nature.PERMANENT,
        _ERRORS,
        (
            *("AccessDeniedException", "BlockedException", "ClientException", "ClusterNotFoundException"),
            *("InvalidParameterException", "PlatformTaskDefinitionIncompatibilityException"),
            *("PlatformUnknownException", "UnsupportedFeatureException"),
        ),
    ),
    Row(Nature.PERMANENT, _COMMON),
)
"""Errors of the call; the message is AWS's."""

FAILURES: Final = (
    Row(Nature.PASSING, _CAPACITY, words="capacity|try again"),
    Row(Nature.PASSING, _QUOTAS, words=r"limit on the number of|vCPUs? limit"),
    Row(Nature.PASSING, _FAILURES, words=r"^RESOURCE:|^AGENT$"),
    Row(Nature.PERMANENT, _FAILURES, ("ATTRIBUTE", "INACTIVE", "LOCATION", "MISSING")),
    Row(Nature.PERMANENT, _FAILURES),
)
"""``failures`` of an answer without a task, which has HTTP status 200; the reason is both code and message."""

TABLES: Final = {"Errors": ERRORS, "Failures": FAILURES}


def nature_of_error(code: str, message: str, status: int) -> Nature:
    return _nature(ERRORS, code, message, status)


def nature_of_failures(reasons: Sequence[str]) -> Nature:
    """An unknown reason is permanent, so people are alerted; so is an answer with neither task nor reason."""
    natures = {_nature(FAILURES, each, each, 200) for each in reasons}
    return Nature.PASSING if natures == {Nature.PASSING} else Nature.PERMANENT


def _nature(rows: tuple[Row, ...], code: str, message: str, status: int) -> Nature:
    return next(row.nature for row in rows if row.fits(code, message, status))
