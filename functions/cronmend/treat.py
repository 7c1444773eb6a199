"""Diagnosis → plan: run again, alert, hold the alert or do nothing, each with its reason. Pure.

The order of the guards is the order of :func:`plan`; the first that objects to a re-run gives the reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.model import (
    Action,
    Alert,
    Category,
    Diagnosis,
    HoldAlert,
    Mode,
    Nothing,
    Plan,
    Policy,
    Rerun,
    StoppedTask,
    WindowState,
)
from cronmend.words import clock, span

HEALS_BY_ITSELF = frozenset({Category.DEPLOY_RACE, Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE})
"""What a later run of the same job may survive with nobody changing anything."""

_SILENT = {
    Category.SUCCESS: "the job succeeded",
    Category.CANCELLED: "the run was stopped on purpose",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of healing; the defaults are the template's."""

    look_after: timedelta = timedelta(minutes=5)
    """Until the first re-run or look at the deploy; doubles with each attempt."""
    alert_deadline: timedelta = timedelta(hours=1)
    """A held alert is released after this, whatever happens."""
    max_attempts: int = 3
    """Re-runs of one incident."""

    def of(self, attempts: int, deadline: timedelta) -> "Limits":
        """These bounds, drawn tighter where a job's owner says so."""
        return replace(
            self,
            max_attempts=min(self.max_attempts, attempts),
            alert_deadline=min(self.alert_deadline, deadline),
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on a plan besides the diagnosis. ``reruns`` counts those of the incident so far."""

    now: datetime
    policy: Policy
    mode: Mode = Mode.HEAL
    reruns: int = 0
    next_slot: datetime | None = None
    held_until: datetime | None = None
    """The deadline of an alert that the incident already holds: later failures don't move it."""
    forbidden: str = ""
    """Why nothing could be run at all, e.g. because the schedule is gone; empty where it could."""
    limits: Limits = Limits()


def plan(diagnosis: Diagnosis, task: StoppedTask, situation: Situation) -> Plan:
    """The plan for a run that ended so."""
    if reason := _SILENT.get(diagnosis.category):
        return Plan((Nothing(reason),))
    if diagnosis.category not in HEALS_BY_ITSELF:
        return Plan((Alert(f"{diagnosis.category.value}: a later run would end the same way"),))
    if diagnosis.window.state is WindowState.STUCK and diagnosis.category is Category.DEPLOY_RACE:
        return Plan((Alert("the deploy is half done: no re-run can help until somebody finishes it"),))
    if forbidden := _forbidden(task, situation):
        return Plan((_without_rerun(diagnosis, situation, forbidden),))
    if pointless := _pointless(diagnosis, situation):
        return Plan((Alert(f"no re-run: {pointless}"),))
    return _healing(diagnosis, situation)


def _forbidden(task: StoppedTask, situation: Situation) -> str:
    """Why the job's owner allows no re-run, or an empty string."""
    if situation.forbidden:
        return situation.forbidden
    if situation.policy is Policy.NEVER:
        return "the job's policy is never to re-run it"
    if situation.policy is Policy.UNSTARTED and task.ran:
        return "the job had started, and its policy allows a re-run only where it had not"
    return ""


def _pointless(diagnosis: Diagnosis, situation: Situation) -> str:
    """Why a re-run that is allowed is not made, or an empty string."""
    if situation.mode is not Mode.HEAL:
        return f"healing is switched to {situation.mode.value}"
    if situation.reruns >= situation.limits.max_attempts:
        return f"{situation.reruns} re-runs have not helped"
    if situation.reruns and diagnosis.window.state is WindowState.RECENT:
        return "a re-run after the deploy ended the same way"
    return ""


def _without_rerun(diagnosis: Diagnosis, situation: Situation, forbidden: str) -> Action:
    """In an open deploy window the next slot may still succeed: the alert waits for it, but not past its deadline."""
    if diagnosis.category is not Category.DEPLOY_RACE:
        return Alert(f"no re-run: {forbidden}")
    until = deadline(situation)
    if situation.next_slot is not None:
        until = min(until, situation.next_slot + situation.limits.look_after)
    return HoldAlert(until, f"no re-run: {forbidden}; when the deploy is finished a person may run it")


def _healing(diagnosis: Diagnosis, situation: Situation) -> Plan:
    at, why = _when(diagnosis, situation)
    until = deadline(situation)
    if situation.next_slot is not None and situation.next_slot <= at:
        return Plan((HoldAlert(until, f"no re-run: the next slot at {clock(situation.next_slot)} is nearer"),))
    return Plan((Rerun(at, why), HoldAlert(until, f"the alert is held until {clock(until)}")))


def _when(diagnosis: Diagnosis, situation: Situation) -> tuple[datetime, str]:
    wait = situation.limits.look_after * 2**situation.reruns
    if diagnosis.category is not Category.DEPLOY_RACE:
        return situation.now + wait, f"this may pass: run again in {span(wait)}"
    if diagnosis.window.state is WindowState.RECENT:
        return situation.now, "the deploy has just finished: run again now"
    return situation.now + wait, "run again when the deploy is finished"


def deadline(situation: Situation) -> datetime:
    """When a held alert is released at the latest."""
    return situation.held_until or situation.now + situation.limits.alert_deadline
