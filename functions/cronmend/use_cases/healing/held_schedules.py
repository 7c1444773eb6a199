"""Disable schedules during a deploy and re-enable them when it ends.

Each step is stored before it is done: after a crash, the next delivery, the timer or ``reconcile`` does the rest. A row
is deleted only after its schedule was read back without the hold's mark. A schedule that has lost the mark was released
by an earlier call, or written by a person since: a repeated release leaves it as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from cronmend.deploys import DeployNote, Phase, holds
from cronmend.deploys.holds import Hold, HoldState, Which
from cronmend.errors import CronmendError, NotFound, Permanent, Retryable, Unfinished
from cronmend.healing import after_run
from cronmend.healing.situation import Limits
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import family_of, missed_slot
from cronmend.model import LiveSchedule, Missing, Mode
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HoldTimer
from cronmend.ports.healing import DeployNotes, Holds, JobStates, Modes, Schedules, Switches, Timers
from cronmend.use_cases.commit import TRIES, commit
from cronmend.use_cases.healing.hold_changes import changed, ended, is_held, wanted_hold
from cronmend.wording import moment

type IsTimeUp = Callable[[], bool]
"""Whether the invocation has no time left for another schedule."""
ENDED = frozenset({Phase.FINISHED, Phase.FAILED})
"""The phases of a marker after which nothing is held."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Holder:
    """Holds schedules when a deploy starts, and has them released when it ends."""

    holds: Holds
    schedules: Schedules
    switches: Switches
    timers: Timers
    modes: Modes
    notes: DeployNotes
    which: Which
    listed: Sequence[str]
    """The jobs with ``hold_in_deploys``."""

    def hold(self, note: DeployNote, now: datetime, is_time_up: IsTimeUp = never) -> tuple[str, ...]:
        """Disable the schedules that the deploy concerns, even if some fail; returns their jobs.

        Raises:
            Unfinished: the time is up. The next call continues: it skips the schedules that this one has disabled.
        """
        if self.which is Which.NONE or self.modes.now() is not Mode.HEAL or now >= note.until:
            return ()
        known = {hold.job: hold for hold in self.holds.of(note.cluster_arn)}
        held = {job for job, hold in known.items() if is_held(hold, note)}
        left = (schedule for schedule in self._concerned(note, now) if schedule.job not in held)
        return _each(left, lambda schedule: self._hold(schedule, known.get(schedule.job), note, now), is_time_up)

    def release(self, note: DeployNote, now: datetime, is_time_up: IsTimeUp = never) -> tuple[str, ...]:
        """The deploy is over: have its holds released, even if some fail; returns their jobs.

        Raises:
            Unfinished: the time is up. The next call continues with the holds that aren't due yet.
        """
        over = [
            hold
            for hold in self.holds.of(note.cluster_arn)
            if note.concerns(hold.family, "") and (hold.key == note.key or not (hold.key and note.key))
        ]
        ended = _each((hold for hold in over if hold.until > now), lambda hold: self._end(hold, now), is_time_up)
        due = takewhile(lambda _: not is_time_up(), (hold for hold in over if hold.until <= now))
        return (*ended, *_each(due, lambda hold: self._end(hold, now)))

    def _end(self, hold: Hold, now: datetime) -> bool:
        """Store that the hold is due, then bring its timer forward; a lost timer is found by ``reconcile``."""
        written = ended(self.holds, hold, now)
        if written is not None:
            self.timers.bring_forward(replace(written.timer, at=now + LEAD))
        return written is not None

    def _concerned(self, note: DeployNote, now: datetime) -> Iterator[LiveSchedule]:
        for schedule in self._candidates(note.cluster_arn):
            concerned = schedule.cluster_arn == note.cluster_arn and note.concerns(family_of(schedule), "")
            if concerned and holds.can_be_held(schedule, now, note.until):
                yield schedule

    def _candidates(self, cluster_arn: str) -> Iterator[LiveSchedule]:
        if self.which is Which.LISTED:
            yield from (each for job in self.listed if isinstance(each := self.schedules.get(job), LiveSchedule))
            return
        found = self.schedules.named("", cluster_arn)
        if isinstance(found, Missing):
            raise Permanent(f"no schedule could be held: {found.reason}")
        yield from found

    def _hold(self, schedule: LiveSchedule, known: Hold | None, note: DeployNote, now: datetime) -> bool:
        """Write the hold, then the timer, then the schedule. False if the schedule isn't held.

        Args:
            known: the schedule's hold as it was listed; it is read again only if it has changed since.
        """
        hold = self._stored(schedule, known, note, now)
        if hold is None:
            return False
        self.timers.bring_forward(hold.timer)
        if hold.state is not HoldState.HOLDING:
            return True
        if self._is_over(note):
            changed(self.holds, hold, lambda current: holds.kept(current, now))
            self.timers.bring_forward(replace(hold.timer, at=now + LEAD))
            return False
        self.switches.hold(schedule.job, hold.mark)
        if self._is_kept(hold):
            return True
        self._undo(hold)
        return False

    def _is_kept(self, hold: Hold) -> bool:
        """Store that the schedule is disabled. False if the hold was released meanwhile."""
        if self.holds.put(holds.kept(hold, hold.until)):
            return True
        return changed(self.holds, hold, lambda current: holds.kept(current, current.until)) is not None

    def _undo(self, hold: Hold) -> None:
        """The hold was released before this invocation disabled the schedule: enable it, unless it is held again."""
        current = self.holds.get(hold.cluster_arn, hold.job)
        if current is None or current.id == hold.id:
            self.switches.release(hold.job, hold.mark)

    def _is_over(self, note: DeployNote) -> bool:
        """Whether the deploy has ended meanwhile. Its end releases the holds that were stored before it."""
        current = next((each for each in self.notes.of(note.cluster_arn) if each.row == note.row), None)
        return current is not None and current.phase in ENDED and current.at >= note.at

    def _stored(self, schedule: LiveSchedule, known: Hold | None, note: DeployNote, now: datetime) -> Hold | None:
        """None if a person had disabled the schedule."""
        for _ in range(TRIES):
            if known is None and not self._is_enabled(schedule):
                return None
            if known is not None and (known.state is HoldState.RELEASING or known.is_leased(now)):
                break
            wanted = wanted_hold(known, schedule, note, now)
            if wanted == known:
                return known
            if written := self.holds.put(wanted):
                return written
            known = self.holds.get(note.cluster_arn, schedule.job)
        raise Retryable(f"another invocation is enabling or disabling {schedule.job}: hold it after that")

    def _is_enabled(self, schedule: LiveSchedule) -> bool:
        """Reads a disabled schedule again: a hold may have been released since the schedules were listed."""
        if schedule.enabled:
            return True
        current = self.schedules.get(schedule.job)
        return isinstance(current, LiveSchedule) and current.enabled


def _each[T: (LiveSchedule, Hold)](
    items: Iterable[T], step: Callable[[T], bool], is_time_up: IsTimeUp = never
) -> tuple[str, ...]:
    """The jobs for which the step was done. One that fails doesn't stop the others."""
    done: list[str] = []
    failures: list[CronmendError] = []
    for each in items:
        if done and is_time_up():
            raise Unfinished(f"{len(done)} schedules are done, and others are left")
        try:
            if step(each):
                done.append(each.job)
        except (Retryable, Permanent) as error:
            failures.append(error)
    if failures:
        worst = next((each for each in failures if isinstance(each, Retryable)), failures[0])
        raise type(worst)("; ".join(str(each) for each in failures))
    return tuple(done)


@dataclass(frozen=True, slots=True)
class Releaser:
    """Handles the timer of a hold: enables the schedule, and plans one run for the slots it missed."""

    clusters: tuple[str, ...]
    """The ARNs of the watched clusters."""
    holds: Holds
    job_states: JobStates
    schedules: Schedules
    switches: Switches
    timers: Timers
    limits: Limits
    policy: Callable[[str], JobPolicy]

    def handle(self, timer: HoldTimer, now: datetime) -> str:
        found = (self.holds.get(cluster, timer.job) for cluster in self.clusters)
        hold = next((each for each in found if each and each.id == timer.hold), None)
        if hold is None:
            return "the hold is already released"
        if hold.state is not HoldState.RELEASING and hold.until > now:
            return self._postpone(timer, hold.until, now)
        if hold.leased_until and hold.is_leased(now):
            return self._postpone(timer, hold.leased_until, now)
        hold = self._releasing(hold, now)
        try:
            self.switches.release(hold.job, hold.mark)
        except NotFound:
            self.holds.remove(hold)
            return f"the schedule {hold.job} no longer exists"
        caught_up = self._catch_up(hold, now) if hold.missed else f"{hold.job} continues and missed no slot"
        self.holds.remove(hold)
        return caught_up

    def _postpone(self, timer: HoldTimer, at: datetime, now: datetime) -> str:
        self.timers.set(replace(timer, at=at, postponed=timer.postponed + 1))
        return f"{timer.job} is held until {moment(at, now)}"

    def _releasing(self, hold: Hold, now: datetime) -> Hold:
        """The missed slot is stored once: a later delivery must not count slots after the release."""
        decided = holds.leased(hold, now)
        if hold.state is not HoldState.RELEASING:
            decided = replace(decided, state=HoldState.RELEASING, missed=self._missed(hold, now))
        written = self.holds.put(decided)
        if written is None:
            raise Retryable(f"the hold of {hold.job} changed while it was being released")
        return written

    def _missed(self, hold: Hold, now: datetime) -> str:
        schedule = self.schedules.get(hold.job)
        missed = None if isinstance(schedule, Missing) else missed_slot(schedule, hold.since, now)
        return missed.isoformat() if missed else ""

    def _catch_up(self, hold: Hold, now: datetime) -> str:
        policy = self.policy(hold.job)
        deadline = self.limits.of(policy.attempts, policy.deadline).alert_deadline
        change, _ = commit(
            self.job_states, hold.job, now, lambda job_state: holds.caught_up(job_state, hold, now, deadline)
        )
        incident = change.job_state.incident
        if incident is None or incident.id != hold.id:
            return f"{hold.job} continues and needs no run for its missed slots"
        for timer in after_run.timers_of(incident):
            self.timers.set(timer)
        return f"{hold.job} continues, and one run is planned for its missed slot {hold.missed}"
