"""A run for which Cronmend's own code failed: it is reported as ``unknown``, with the error's type and place. Pure.

The error's text is left out, because it may quote a log line or an environment variable. It is in the function's log.
"""

import traceback
from datetime import datetime
from pathlib import Path
from typing import Final

from cronmend.alerting import details, headlines
from cronmend.jobs import identity
from cronmend.model import (
    Alert,
    Category,
    DeployWindow,
    Diagnosis,
    Identity,
    Missing,
    Plan,
    StoppedTask,
    WindowState,
)
from cronmend.model.incident import Change, JobState, RunRecord
from cronmend.model.report import FactKey, Message, MessageKind, Report

RULE: Final = "cronmend.unforeseen"
NO_RERUN: Final = Plan((Alert("Cronmend can't tell whether a later run would succeed"),))
_LIBRARY: Final = Path(__file__).parents[1]
_ADVICE: Final = (
    "Read the run's log for its cause: Cronmend didn't. Cronmend's own error is in the log of its function, with the "
    "stack. Please report it."
)


def place_of(error: BaseException) -> str:
    """Type and place of an error: ``KeyError in healing/plan.py, line 57``."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_LIBRARY)]
    where = f" in {Path(own[-1].filename).relative_to(_LIBRARY).as_posix()}, line {own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{where}"


def diagnosis_of(error: BaseException) -> Diagnosis:
    place = place_of(error)
    return Diagnosis(
        category=Category.UNKNOWN,
        rule=RULE,
        sentence=f"Cronmend couldn't diagnose the run: {place}.",
        advice=_ADVICE,
        cause=f"Cronmend couldn't diagnose it ({place})",
        window=DeployWindow(WindowState.UNKNOWN, reason="Cronmend didn't check"),
    )


def is_undiagnosed(record: RunRecord) -> bool:
    """Whether Cronmend's own code failed for the run."""
    return record.rule == RULE


def identity_of(task: StoppedTask, error: BaseException) -> Identity:
    """The job as far as the event alone shows it."""
    return identity.identify(task, Missing(f"Cronmend couldn't look for its schedule ({place_of(error)})"))


def apart_from(name: str) -> str:
    """The name of the state that is written if the job's own can't be used."""
    return f"undiagnosed/{name}"


def change_of(job_state: JobState, task: StoppedTask, job: str, error: BaseException, now: datetime) -> Change:
    """A record and an alert that need neither the job's state nor its incident."""
    diagnosis = diagnosis_of(error)
    record = RunRecord(
        task_id=task.task_id,
        job=job,
        attempt=1,
        incident="",
        category=diagnosis.category,
        rule=RULE,
        line="",
        sentence=diagnosis.sentence,
        window=diagnosis.window,
        action=NO_RERUN.word,
        reasons=tuple(action.reason for action in NO_RERUN.actions),
        started_by=task.started_by,
        task_definition=str(task.task_definition),
        stopped_at=task.stopped_at or now,
        recorded_at=now,
    )
    code = task.job.exit_code if task.job else None
    ended = "without an exit code" if code is None else f"with exit code {code}"
    return Change(job_state, record, (alert_of(job, task.task_id, f"stopped {ended}: {diagnosis.cause}"),))


def alert_of(job: str, task_id: str, what: str) -> Message:
    """An alert that needs neither the job's state nor its incident.

    Args:
        task_id: the run that failed, or the incident's first, which gives the incident its ID.
        what: follows the job's name in the headline.
    """
    report = Report(
        kind=MessageKind.ALERT,
        job=job,
        headline=headlines.clipped(f"{headlines.name_of(job)} {what}"),
        category=Category.UNKNOWN,
        what_happens="Cronmend won't re-run the job, because its own code failed.",
        facts=(details.fact(FactKey.JOB, job), details.fact(FactKey.TASK, task_id)),
        advice=_ADVICE,
        status="not diagnosed",
        command=f"cronmend why {task_id}",
    )
    return Message(task_id, job, f"{MessageKind.ALERT.value}-{RULE}", report)
