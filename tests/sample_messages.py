"""The messages in events/failure_alert and events/own, written by the code that writes them in AWS."""

from collections.abc import Mapping
from copy import replace

from cronmend.alerting import reports
from cronmend.healing import after_run
from cronmend.healing.outcome import Outcome
from cronmend.model import Category, DeployWindow, Diagnosis, Identity, Signal, WindowState
from cronmend.model.incident import Attempt, Incident, JobState
from cronmend.model.report import Message, MessageKind, Report
from tests.fakes import later
from tests.incidents import BROKEN, RACE
from tests.samples import schedule, stopped

STUCK = replace(
    RACE,
    diagnosis=replace(
        RACE.diagnosis,
        window=DeployWindow(
            WindowState.STUCK,
            Signal.REVISION,
            "the run used webapp:57, service web still runs webapp:56; open for 50 min, over the 45 min limit",
        ),
    ),
    no_rerun="no re-run can succeed until someone finishes the deploy",
)


def messages() -> Mapping[str, Message]:
    """By a name that the samples share."""
    return {
        "alert": _message(BROKEN, MessageKind.ALERT),
        "half_done": _message(STUCK, MessageKind.HALF_DONE),
        "healed": _healed(),
    }


def published(name: str) -> Report:
    """As the channels get it: with what the job's owner says."""
    return reports.decorated(messages()[name].report, "team-web", "https://wiki.example.com/publish", "error")


def _message(incident: Incident, kind: MessageKind) -> Message:
    change = f"{kind.value}-{incident.category.value}"
    return Message(incident.id, incident.job, change, reports.of_incident(incident, kind))


def _healed() -> Message:
    """The re-run of an incident whose alert is still held succeeds."""
    incident = replace(RACE, reruns=1, starting="k2", no_rerun="")
    task = stopped("a2", 57, 0, created_at=later(6), started_at=later(6), stopped_at=later(7))
    attempt = Attempt("k2", incident.job, incident.id, 2, later(6))
    who = Identity(incident.job, certain=True, reason="", schedule=schedule())
    outcome = Outcome(task, who, Diagnosis(Category.SUCCESS, "exit.zero", ""), attempt, later(7))
    return after_run.after_success(JobState(incident.job, 1, incident=incident), outcome).messages[0]
