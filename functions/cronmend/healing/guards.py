"""All guards against a re-run, in one order: checked when it is planned, due, or requested by a person. Pure."""

from collections.abc import Callable, Iterator
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from cronmend.healing.situation import Situation
from cronmend.jobs.slots import LISTED_AFTER, next_slot, pending_slot, unknown_slots
from cronmend.model import LiveSchedule, Missing, Mode, Policy, ScheduleState, WindowState
from cronmend.wording import moment, span, times

STARTING = timedelta(minutes=1) + LISTED_AFTER
"""How long a claimed run may be on its way: a function has a minute to ask for it, and then ECS has to list it."""


class Guard(StrEnum):
    SCHEDULE = "schedule"
    POLICY = "policy"
    SLOT_AGE = "slot-age"
    ATTEMPTS = "attempts"
    DAY = "day"
    MODE = "mode"
    NEXT_SLOT = "next-slot"
    CIRCUIT = "circuit"
    RUNNING = "running"
    STARTING = "starting"
    HOLD = "hold"
    DEPLOY = "deploy"


KEEPS_ALERT_HELD = frozenset({Guard.NEXT_SLOT, Guard.CIRCUIT, Guard.RUNNING, Guard.STARTING, Guard.HOLD})
"""Another run covers it, people already know, or Cronmend holds the schedule: the held alert waits for its deadline."""
DELAYS = frozenset({Guard.RUNNING, Guard.STARTING, Guard.HOLD})
"""What blocks a re-run when it is planned may have ended when it is due. Cronmend may not see an event of its end."""
WAITS = frozenset({Guard.STARTING, Guard.HOLD})
"""What blocks a re-run that is due passes soon: it is checked again. An active run isn't waited for: it covers it."""
NEVER_OVERRIDDEN = frozenset({Guard.RUNNING, Guard.STARTING})
"""Two runs of a job at once can corrupt data, and a person can stop the active one first."""
OF_OWNER = frozenset({Guard.SCHEDULE, Guard.POLICY})
"""What the job's owner has set: the re-run is not allowed, though it might help."""
PAID_BY_CLAIM = frozenset({Guard.ATTEMPTS, Guard.DAY})
"""A claimed attempt has been counted: its own count must not block it."""
_BLOCKING = frozenset({WindowState.OPEN, WindowState.STUCK, WindowState.OLDER_CODE})


class Blocker(Struct, frozen=True):
    guard: Guard
    reason: str
    """A clause for people, to be embedded in a sentence."""


def blockers(situation: Situation, at: datetime) -> Iterator[Blocker]:
    """What blocks a re-run at ``at``: the planned time, or now. Lazy: facts that need a call are read last.

    The first one decides on an automatic re-run. Those that end healing come before those that keep the alert held.
    """
    for guard, ask in _GUARDS:
        if reason := ask(situation, at):
            yield Blocker(guard, reason)


def is_awaited(blocker: Blocker, situation: Situation) -> bool:
    """Whether a re-run that is due is checked again: another task of several that start at once doesn't cover it."""
    return blocker.guard in WAITS or (blocker.guard is Guard.RUNNING and situation.tasks > 1)


def running(situation: Situation, at: datetime) -> Blocker | None:
    """What blocks any run, however it is requested: one that is active, or about to start."""
    return next((each for each in blockers(situation, at) if each.guard in NEVER_OVERRIDDEN), None)


def _schedule(situation: Situation, at: datetime) -> str:
    schedule = situation.schedule
    if isinstance(schedule, Missing):
        return schedule.reason
    if schedule is None:
        return ""
    if schedule.state is ScheduleState.DISABLED:
        return f"the schedule {schedule.job} is disabled"
    if schedule.start and at < schedule.start:
        return f"the schedule {schedule.job} doesn't start before {schedule.start:%Y-%m-%d}"
    return ""


def _policy(situation: Situation, at: datetime) -> str:
    if situation.policy is Policy.NEVER:
        return "the job's policy is never to re-run it"
    if situation.policy is Policy.UNSTARTED and situation.ran:
        return "the job's code had started, and its policy (`unstarted`) allows a re-run only if it hadn't"
    return ""


def _slot_age(situation: Situation, at: datetime) -> str:
    schedule = _live(situation)
    if schedule and schedule.end and schedule.end < at:
        return "it would start after the schedule's end"
    if situation.slot and situation.slot + situation.stale_after < at:
        return f"it would start more than {span(situation.stale_after)} after its scheduled time"
    return ""


def _attempts(situation: Situation, at: datetime) -> str:
    if situation.most_reruns is None or situation.reruns < situation.most_reruns:
        return ""
    if not situation.reruns:
        return "its limit is 0 re-runs per incident"
    if situation.tasks > 1:
        return f"not all of the tasks that failed have succeeded after {times(situation.reruns, 're-run')}"
    return f"the job still fails after {times(situation.reruns, 're-run')}"


def _day(situation: Situation, at: datetime) -> str:
    if situation.most_today is None or situation.reruns_today < situation.most_today:
        return ""
    return f"the job has reached its limit of {times(situation.most_today, 're-run')} in 24 hours"


def _mode(situation: Situation, at: datetime) -> str:
    """Shadow mode passes: it makes all decisions and only leaves out the run."""
    mode = situation.mode()
    if isinstance(mode, Missing):
        return f"Cronmend can't read its mode, so it re-runs nothing: {mode.reason}"
    return "the mode is off" if mode is Mode.OFF else ""


def _next_slot(situation: Situation, at: datetime) -> str:
    """A re-run needs time before the next slot, unless the end of a deploy may still bring it forward."""
    schedule = _live(situation)
    if schedule is None:
        return ""
    brought_forward = situation.waits_for_deploy and at > situation.now
    margin = timedelta() if brought_forward else situation.limits.recheck_after
    if unknown := unknown_slots(schedule, situation.last_run):
        return f"the job's next scheduled run isn't known: {unknown}"
    if (slot := next_slot(schedule, situation.now, situation.last_run)) and slot - margin <= at:
        return f"the job's next scheduled run is at {moment(slot, situation.now)}"
    return _pending(schedule, situation, at) if schedule.flexible else ""


def _pending(schedule: LiveSchedule, situation: Situation, at: datetime) -> str:
    slot = pending_slot(schedule, situation.last_run, at)
    return f"the job's scheduled run of {moment(slot, situation.now)} may start at any moment" if slot else ""


def _circuit(situation: Situation, at: datetime) -> str:
    until = situation.circuit_until()
    return f"healing has stopped for all jobs until {moment(until, situation.now)}" if until else ""


def _running(situation: Situation, at: datetime) -> str:
    task_arn = situation.active_run()
    return f"the job is already running ({task_arn})" if task_arn else ""


def _starting(situation: Situation, at: datetime) -> str:
    """A run that ECS may not list yet: after a claim, and in the minute after a slot."""
    if situation.claimed_at and at - situation.claimed_at < STARTING:
        return f"a run was requested less than {span(STARTING)} ago, and ECS may not list it yet"
    schedule = _live(situation)
    return _pending(replace(schedule, flexible=timedelta()), situation, at) if schedule else ""


def _hold(situation: Situation, at: datetime) -> str:
    """When the re-run is due, a schedule that is still disabled is still held, whatever the time."""
    schedule = _live(situation)
    until = schedule.held_until if schedule else None
    if schedule is None or until is None or situation.now < at >= until:
        return ""
    latest = moment(until, situation.now)
    return f"Cronmend holds the schedule {schedule.job} during a deploy, until {latest} at the latest"


def _deploy(situation: Situation, at: datetime) -> str:
    window = situation.window()
    return window.reason if window.state in _BLOCKING else ""


def _live(situation: Situation) -> LiveSchedule | None:
    return situation.schedule if isinstance(situation.schedule, LiveSchedule) else None


_GUARDS: tuple[tuple[Guard, Callable[[Situation, datetime], str]], ...] = (
    (Guard.SCHEDULE, _schedule),
    (Guard.POLICY, _policy),
    (Guard.SLOT_AGE, _slot_age),
    (Guard.ATTEMPTS, _attempts),
    (Guard.DAY, _day),
    (Guard.MODE, _mode),
    (Guard.NEXT_SLOT, _next_slot),
    (Guard.CIRCUIT, _circuit),
    (Guard.RUNNING, _running),
    (Guard.STARTING, _starting),
    (Guard.HOLD, _hold),
    (Guard.DEPLOY, _deploy),
)
"""Guards that need a call come late, the slowest last."""
