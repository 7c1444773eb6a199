"""The errors of AWS services that are channels, by the tables of what they mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from cronmend.adapters.channels.answer_table import Row, nature_of, refusal
from cronmend.errors import Retryable

LATER: Final = timedelta(seconds=5)
"""How long to wait after throttling; AWS doesn't say."""


@contextmanager
def channel_errors(rows: tuple[Row, ...], call: str) -> Iterator[None]:
    """Raise the error that the table gives in place of boto3's; ``call`` completes "couldn't …"."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = said.get("Code", "no code")
        text = f"couldn't {call}: {code}: {said.get('Message', '')}"
        raise refusal(nature_of(rows, status, code), text, LATER) from error
    except BotoCoreError as error:
        raise Retryable(f"couldn't {call}: AWS didn't answer: {error}") from error
