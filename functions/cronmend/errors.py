"""Errors by what follows from them.

CronmendError
├── BadEvent      the input is not what this function is for; kept in the dead-letter queue
├── Retryable     the same call may work later (timed out, no answer): let the caller be retried
│   └── Throttled the other side says how long to stay away
└── Permanent     repeating can't help: a person has to change something
    ├── NotFound  the thing asked for is not there
    └── NewerForm a newer version of Cronmend wrote it
"""

from datetime import timedelta


class CronmendError(Exception):
    """Any error that Cronmend raises on purpose."""


class BadEvent(CronmendError):
    """An event that is not what it should be; the message names the event, the place and the remedy."""


class Retryable(CronmendError):
    """The same call may work later."""


class Throttled(Retryable):
    """Too much was asked of the other side; ``after`` is how long it wants to be left alone."""

    def __init__(self, text: str, after: timedelta) -> None:
        super().__init__(text)
        self.after = after


class Permanent(CronmendError):
    """Repeating the call can't help; the message says what has to change."""


class NotFound(Permanent):
    """The thing asked for does not exist (any more)."""


class NewerForm(Permanent):
    """Something stored has a form that this version can't read."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} has form {found}, and this version of Cronmend reads forms up to {known}. "
            "A newer version wrote it: deploy that version again."
        )
