"""No exception of a channel leaves it other than as Retryable or Permanent, which the delivery of others survives."""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Protocol

from cronmend.errors import CronmendError, Retryable
from cronmend.redact import redact
from cronmend.telemetry import logger


class _Named(Protocol):
    name: str


def contained[C: _Named, **P, R](call: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
    """Log an exception that no one foresaw, with its stack, and raise Retryable in its place.

    Retryable, because the cause may be in this one answer; the bound on tries makes an alarm of one that stays.
    """

    @wraps(call)
    def safe(channel: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(channel, *args, **kwargs)
        except CronmendError:
            raise
        except Exception as error:  # noqa: BLE001 # any of them would cost the other channels the message
            stack = redact("".join(traceback.format_exception(error)))
            logger.error("Channel failed unexpectedly", channel=channel.name, stack=stack)
            raise Retryable(
                f"{channel.name} failed unexpectedly: {type(error).__name__}; its stack is in the log"
            ) from None

    return safe
