"""A start that EventBridge gave up → its diagnosis: the first row that fits says why, and what to do. Pure."""

import re
from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.jobs.run_task_answers import Nature, nature_of_error, nature_of_failures
from cronmend.model import Category, Diagnosis, Missing, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.model.start_failures import StartFailure
from cronmend.redact import Redactor
from cronmend.wording import moment, sentence, times

MOST_MESSAGE: Final = 500
"""Characters of AWS's message that are kept."""
_UNREAD: Final = Missing("not read")
_RERUN: Final = "Then run `cronmend rerun JOB`."


class Start(Struct, frozen=True):
    """What is known now about what the start should have run."""

    named: TaskDefinitionRef | None = None
    """What the failed request named."""
    was: TaskDefinition | Missing = _UNREAD
    """That revision as it is now."""
    newest: TaskDefinition | Missing = _UNREAD
    """The newest active revision of its family."""
    scheduled: TaskDefinitionRef | Missing = _UNREAD
    """What the schedule names now."""
    managed: bool = False
    """Whether jobs.toml defines the schedule."""


class _Row(Struct, frozen=True):
    rule: str
    cause: str
    """Follows a colon."""
    advice: str = ""
    codes: tuple[str, ...] = ()
    words: str = ""
    """A regular expression for AWS's message, in any case."""

    def fits(self, failure: StartFailure) -> bool:
        return failure.code in self.codes or bool(
            self.words and re.search(self.words, failure.message[:MOST_MESSAGE], re.IGNORECASE)
        )


INACTIVE: Final = "start.inactive-revision"
_NOT_ACTIVE: Final = "its schedule names a task definition that isn't active"
_ROWS: Final = (
    _Row(
        "start.denied",
        "its schedule's role isn't allowed to start it",
        "Allow the schedule's role what the message names: ecs:RunTask on the task definition, or iam:PassRole on the "
        f"task's roles. {_RERUN}",
        ("AccessDeniedException", "AccessDenied", "NO_PERMISSIONS", "FAILED_TO_ASSUME_ROLE"),
        "not authorized to perform|(?:unable to|could not|cannot) assume|can't be assumed|cannot be assumed",
    ),
    _Row(
        INACTIVE,
        _NOT_ACTIVE,
        words=r"task ?definition (?:is |was )?(?:inactive|not found|does not exist)|describe task ?definition",
    ),
    _Row(
        "start.wrong-container",
        "its schedule overrides a container that the task definition doesn't have",
        f"Correct the container's name in the schedule's override. {_RERUN}",
        words=r"containers? named|is not a container in|container .{1,200} not found in",
    ),
    _Row(
        "start.no-cluster",
        "its cluster doesn't exist or isn't active",
        f"Restore the cluster, or point the schedule at another one. {_RERUN}",
        ("ClusterNotFoundException", "NO_RESOURCE"),
        r"cluster (?:is |was )?(?:inactive|not found)",
    ),
    _Row(
        "start.network",
        "its network configuration isn't valid",
        f"Check the subnets and security groups that the schedule names. {_RERUN}",
        words=r"subnet|security ?group|network ?configuration|awsvpc",
    ),
    _Row("start.throttled", "AWS throttled the call that starts it", codes=("THROTTLING",)),
    _Row("start.aws", "AWS failed to answer the call that starts it", codes=("TIMEOUT",)),
)
"""In this order. What passes has no advice."""
_PASSING: Final = {
    Nature.PASSING: _Row("start.capacity", "AWS had no capacity for it"),
    Nature.ASK_AGAIN: _Row("start.aws", "AWS throttled or failed the call that starts it"),
}
_UNKNOWN: Final = _Row(
    "start.refused",
    "AWS refused to start it",
    f"Correct what AWS's message names, in the schedule or in the task definition. {_RERUN}",
)


def diagnose(failure: StartFailure, start: Start, now: datetime, hide: Redactor) -> Diagnosis:
    """Why no task was started. The cause of one that passes, or has passed, needs no person."""
    row = _row(failure)
    cause, advice = row.cause, row.advice
    if row.rule == INACTIVE:
        cause, advice = _inactive(start, now)
    said = f"; EventBridge made {times(failure.attempts + 1, 'attempt')}" if failure.attempts else ""
    return Diagnosis(
        category=Category.NEVER_STARTED,
        rule=row.rule,
        sentence=sentence(f"no task was started: {cause}{said}"),
        line=hide(f"{failure.code}: {failure.message}"[:MOST_MESSAGE]),
        advice=advice,
        cause=cause,
        lasts=bool(advice),
    )


def _row(failure: StartFailure) -> _Row:
    if failure.answered:
        return _PASSING.get(nature_of_failures([failure.message]), _UNKNOWN)
    known = next((row for row in _ROWS if row.fits(failure)), None)
    return known or _PASSING.get(nature_of_error(failure.code, failure.message, 0), _UNKNOWN)


def _inactive(start: Start, now: datetime) -> tuple[str, str]:
    """Cause and advice; no advice if the schedule has been pointed at another revision since."""
    if start.named is None:
        return (
            _NOT_ACTIVE,
            f"Point the schedule at an active one. {_RERUN}",
        )
    at = start.was.deregistered_at if isinstance(start.was, TaskDefinition) else None
    gone = f"was deregistered at {moment(at, now)}" if at else "isn't active"
    if isinstance(start.scheduled, TaskDefinitionRef) and start.scheduled != start.named:
        return f"its schedule named {start.named}, which {gone}, and names {start.scheduled} now", ""
    return f"its schedule names {start.named}, which {gone}", _moved(start)


def _moved(start: Start) -> str:
    """How to point the schedule at the newest active revision."""
    if not isinstance(start.newest, TaskDefinition) or start.newest.deregistered_at:
        family = start.named.family if start.named else "the family"
        return f"Register a revision of {family} (none is active), and point the schedule at it. {_RERUN}"
    newest = start.newest.ref
    where = (
        f'set task_definition = "{newest}" in jobs.toml, run `cronmend jobs build` and deploy the schedules'
        if start.managed
        else "change the task definition where the schedule is defined"
    )
    return f"{newest} is active: {where}. {_RERUN}"
