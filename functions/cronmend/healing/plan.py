"""Diagnosis → plan: run again, alert, hold the alert or do nothing, each with its reason. Pure.

The order of the guards is the order of :func:`plan`; the first that objects to a re-run gives the reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.healing import backoff
from cronmend.model import (
    Action,
    Alert,
    Category,
    Diagnosis,
    HoldAlert,
    Missing,
    Mode,
    Nothing,
    Plan,
    Policy,
    Rerun,
    Size,
    StoppedTask,
    WindowState,
)
from cronmend.wording import clock, span


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of healing; the defaults are the template's."""

    recheck_after: timedelta = timedelta(minutes=5)
    """Until the first re-run or look at the deploy; doubles with each attempt."""
    alert_deadline: timedelta = timedelta(hours=1)
    """A held alert is released after this, whatever happens."""
    max_attempts: int = 3
    """Re-runs of one incident for causes in the job and what it depends on."""
    max_infra_attempts: int = 3
    """The same for failures of AWS: they don't use up the job's own."""
    max_memory: int = 16_384
    """MiB beyond which no re-run is given more memory."""

    def of(self, attempts: int, deadline: timedelta) -> "Limits":
        """These bounds, drawn tighter where a job's owner says so. An owner who allows no re-run means any."""
        return replace(
            self,
            max_attempts=min(self.max_attempts, attempts),
            max_infra_attempts=self.max_infra_attempts if attempts else 0,
            alert_deadline=min(self.alert_deadline, deadline),
        )

    def attempts(self, category: Category) -> int:
        return self.max_infra_attempts if category.traits.of_aws else self.max_attempts


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on a plan besides the diagnosis. ``reruns`` counts those of the incident for causes of this kind."""

    now: datetime
    policy: Policy
    mode: Mode | Missing = Mode.HEAL
    reruns: int = 0
    key: str = ""
    """Of the attempt that would be planned: its jitter follows from it."""
    day_spent: str = ""
    """Why the job may not be run again today, or an empty string."""
    circuit_until: datetime | None = None
    """Healing has stopped for all jobs until then."""
    too_late: datetime | None = None
    """When the slot is too old to be made up for, or the schedule has ended."""
    larger: Size | None = None
    """What a run that ran out of memory may be given next; None where that is not allowed."""
    next_slot: datetime | None = None
    held_until: datetime | None = None
    """The deadline of an alert that the incident already holds: later failures don't move it."""
    running: str = ""
    """A run of the job that is alive, or an empty string."""
    forbidden: str = ""
    """Why nothing could be run at all, e.g. because the schedule is gone; empty where it could."""
    limits: Limits = Limits()


def plan(diagnosis: Diagnosis, task: StoppedTask, situation: Situation) -> Plan:
    """The plan for a run that ended so."""
    if reason := diagnosis.category.traits.silent:
        return Plan((Nothing(reason),))
    if not diagnosis.category.traits.heals and not _grows(diagnosis, situation):
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


def stops(mode: Mode | Missing) -> str:
    """Why this mode allows no healing, or an empty string. Shadow decides all and stops short of the run alone."""
    if isinstance(mode, Missing):
        return f"whether healing is switched on can't be read, so nothing is run: {mode.reason}"
    return "healing is switched to off" if mode is Mode.OFF else ""


def _grows(diagnosis: Diagnosis, situation: Situation) -> bool:
    return diagnosis.category is Category.OUT_OF_MEMORY and situation.larger is not None


def _pointless(diagnosis: Diagnosis, situation: Situation) -> str:
    """Why a re-run that is allowed is not made, or an empty string."""
    if stopped := stops(situation.mode):
        return stopped
    if situation.reruns >= situation.limits.attempts(diagnosis.category):
        return f"{situation.reruns} re-runs have not helped" if situation.reruns else "no re-run is allowed"
    if situation.day_spent:
        return situation.day_spent
    if situation.reruns and diagnosis.window.state is WindowState.RECENT:
        return "a re-run after the deploy ended the same way"
    return ""


def _without_rerun(diagnosis: Diagnosis, situation: Situation, forbidden: str) -> Action:
    """In an open deploy window the next slot may still succeed: the alert waits for it, but not past its deadline."""
    if diagnosis.category is not Category.DEPLOY_RACE:
        return Alert(f"no re-run: {forbidden}")
    until = deadline(situation)
    if situation.next_slot is not None:
        until = min(until, situation.next_slot + situation.limits.recheck_after)
    return HoldAlert(until, f"no re-run: {forbidden}; when the deploy is finished a person may run it")


def _healing(diagnosis: Diagnosis, situation: Situation) -> Plan:
    at, why = _after_the_living(_when(diagnosis, situation), situation)
    until = deadline(situation)
    if situation.circuit_until and situation.circuit_until > situation.now:
        open_until = clock(situation.circuit_until)
        return Plan((HoldAlert(until, f"no re-run: healing has stopped for all jobs until {open_until}"),))
    if situation.too_late and situation.too_late < at:
        return Plan((Alert("no re-run: it would come too late for its slot"),))
    if situation.next_slot is not None and situation.next_slot <= at:
        return Plan((HoldAlert(until, f"no re-run: the next slot at {clock(situation.next_slot)} is nearer"),))
    larger = situation.larger if _grows(diagnosis, situation) else None
    return Plan((Rerun(at, why, larger), HoldAlert(until, f"the alert is held until {clock(until)}")))


def _when(diagnosis: Diagnosis, situation: Situation) -> tuple[datetime, str]:
    if _grows(diagnosis, situation):
        return situation.now, f"run again now, once, given {situation.larger}"
    if diagnosis.category is not Category.DEPLOY_RACE:
        wait = backoff.wait(situation.limits.recheck_after, situation.reruns, situation.key)
        return situation.now + wait, f"this may pass: run again in {span(wait)}"
    if diagnosis.window.state is WindowState.RECENT:
        return situation.now, "the deploy has just finished: run again now"
    look = situation.limits.recheck_after * 2**situation.reruns
    return situation.now + look, "run again when the deploy is finished"


def _after_the_living(when: tuple[datetime, str], situation: Situation) -> tuple[datetime, str]:
    """A run that is alive only puts the re-run off: its end may tell us nothing, as that of a run by hand does not.

    If it succeeds and tells, nothing is left to heal; if it lives when the re-run is due, that is not made.
    """
    at, why = when
    if not situation.running:
        return when
    return max(at, situation.now + situation.limits.recheck_after), f"{why}, but not beside {situation.running}"


def deadline(situation: Situation) -> datetime:
    """When a held alert is released at the latest."""
    return situation.held_until or situation.now + situation.limits.alert_deadline
