"""The errors of AWS services that are channels, by the tables of what they mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from cronmend.adapters.aws import AWS_ERRORS, ErrorAnswer, translated
from cronmend.adapters.channels.answer_table import Row, nature_of, refusal
from cronmend.errors import CronmendError

LATER: Final = timedelta(seconds=5)
"""How long to wait after throttling; AWS doesn't say."""


@contextmanager
def channel_errors(rows: tuple[Row, ...], call: str) -> Iterator[None]:
    """Raise the error that the table gives in place of boto3's; ``call`` completes "couldn't …"."""
    try:
        yield
    except AWS_ERRORS as error:
        raise _refused(rows, error, call) from error


def _refused(rows: tuple[Row, ...], error: ClientError | BotoCoreError, call: str) -> CronmendError:
    if not isinstance(error, ClientError):
        return translated(error, call)
    answer = ErrorAnswer.of(error)
    return refusal(nature_of(rows, answer.status, answer.code), answer.text(call), LATER)
