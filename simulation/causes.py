"""The true causes of failures, hidden from Cronmend, and what ECS and the log show of each."""

from copy import replace
from dataclasses import dataclass

PLANTED = "hunter2-7f3a9c51e8"
"""A secret in each log of a run that did not do its work, which must never reach people."""

_DSN = f"connecting to postgres://site:{PLANTED}@db.internal/prod"
_TRACE = ("Traceback (most recent call last):", '  File "/app/manage.py", line 22, in <module>', "    main()")


@dataclass(frozen=True, slots=True)
class Cause:
    """``passes``: a later run may succeed although no one changes anything."""

    name: str
    passes: bool
    exit_code: int | None = 1
    log: tuple[str, ...] = ()
    reason: str = ""
    """Of the container."""
    stop_code: str = "EssentialContainerExited"
    stopped_reason: str = "Essential container in task exited"
    known: bool = True
    """Whether anything shows the cause."""
    maybe: bool = False
    """Whether a deploy may explain what is seen; ``passes`` says whether one does."""

    @property
    def ran(self) -> bool:
        return self.exit_code is not None


def _dies(error: str) -> tuple[str, ...]:
    return (_DSN, *_TRACE, error)


SUCCESS = Cause(
    "success", passes=True, exit_code=0, log=(_DSN, "KeyError: 'summary', so the default is used", "published 3 pages")
)
IDLE = Cause("idle", passes=False, exit_code=0, log=(_DSN, "published 0 pages"), known=False)
"""It exits with 0 and did nothing, which counts as a success if its owner expects nothing of its log."""
EMPTY = replace(IDLE, name="empty", log=())
RACE = Cause(
    "race",
    passes=True,
    log=_dies('django.db.utils.ProgrammingError: column "home_homepage"."summary" does not exist'),
)
HALF_DONE = replace(RACE, name="half_done", passes=False)
"""The same, and no one will migrate the database."""
OLD_CODE = Cause(
    "old_code", passes=False, log=_dies('django.db.utils.ProgrammingError: relation "home" does not exist')
)
BUG = Cause("bug", passes=False, log=_dies("KeyError: 'title'"))
CONFIG = Cause(
    "configuration",
    passes=False,
    maybe=True,
    log=_dies("django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable"),
)
UNSET = replace(CONFIG, name="unset", passes=True)
"""The same, until the deploy that ships the code sets it."""
DEPENDENCY = Cause(
    "dependency",
    passes=True,
    log=_dies("psycopg.OperationalError: connection failed: connection to server refused: Connection refused"),
)
UNEXPLAINED = Cause("unexplained", passes=False, known=False)
OUT_OF_MEMORY = Cause(
    "out_of_memory", passes=False, exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage"
)
PULL = Cause(
    "pull",
    passes=True,
    exit_code=None,
    stop_code="TaskFailedToStart",
    stopped_reason=(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        "registry.example/site:2: dial tcp 10.0.0.1:443: i/o timeout"
    ),
)
SPOT = Cause(
    "spot",
    passes=True,
    exit_code=143,
    stop_code="SpotInterruption",
    stopped_reason="Your Spot Task was interrupted.",
)
CANCELLED = Cause(
    "cancelled",
    passes=False,
    exit_code=143,
    stop_code="UserInitiated",
    stopped_reason="Task stopped by user",
)
TOO_LONG = replace(CANCELLED, name="too_long", passes=True)
"""Cronmend stopped it."""
ONCE = (DEPENDENCY, UNEXPLAINED, PULL, SPOT, OUT_OF_MEMORY, CONFIG, BUG)
"""Causes that can end a single run in any state of the account."""
