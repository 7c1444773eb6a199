"""Errors, named by what the caller can do about them.

CronmendError
├── BadEvent      the function can't use its input; the event is kept in the dead-letter queue
├── Retryable     the same call may work later (timeout, no answer): let Lambda retry the invocation
│   ├── Unfinished a part is done, and the same event does the rest: let another invocation have it now
│   └── Throttled the service says how long to wait
│       └── RateLimited  a channel rejected a message because of its rate
└── Permanent     a retry can't help: a person has to change something
    ├── Gone      the message to update or answer, or its channel, is gone: send a new message
    ├── NotFound  the requested resource does not exist
    ├── Denied    Cronmend's role doesn't allow the call
    └── NewerForm a newer version of Cronmend wrote it
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a document in a wrong form raises: a part is absent, of another kind, too large or too deep."""


def is_status(status: int, pattern: str) -> bool:
    """Whether an HTTP status fits a pattern such as ``429`` or ``5xx``; ``""`` is any status."""
    return pattern in {"", str(status), f"{status // 100}xx"}


class CronmendError(Exception):
    """Any error that Cronmend raises on purpose."""


class BadEvent(CronmendError):
    """An unusable event; the message names the event, the field and the remedy."""


class Retryable(CronmendError):
    """The same call may work later."""


class Throttled(Retryable):
    """Too many calls; ``after`` is how long to wait before the next one."""

    def __init__(self, text: str, after: timedelta) -> None:
        super().__init__(text)
        self.after = after


class RateLimited(Throttled):
    """A channel rejected a message because of its rate. Unlike a wait for one's own turn, this counts as a try."""


class Unfinished(Retryable):
    """A part is done and stored, and the invocation has no time for more: the same event does the rest."""


class Permanent(CronmendError):
    """A retry can't help; the message says what has to change."""


class Gone(Permanent):
    """A message can't be updated or answered where it was: it was deleted, or its channel was archived or changed.

    The same report can still be sent as a new message to the route's present channel.
    """


class NotFound(Permanent):
    """The requested resource does not exist, or no longer exists."""


class Denied(Permanent):
    """AWS denied the call: the role, a boundary or a policy of the organization doesn't allow it."""

    def __init__(self, text: str, operation: str) -> None:
        super().__init__(text)
        self.operation = operation
        """As the API names it; for the calls of Cronmend, IAM's actions have the same names."""


class NewerForm(Permanent):
    """A stored item or payload has a form that this version can't read."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} has form {found}, and this version of Cronmend reads forms up to {known}. "
            "A newer version wrote it: deploy that version again."
        )


@contextmanager
def refusing(refusal: Callable[[Exception], Exception]) -> Iterator[None]:
    """Raise this error in place of those of a document in a wrong form."""
    try:
        yield
    except UNREADABLE as error:
        raise refusal(error) from error
