"""Disable schedules during a deploy and re-enable them when it ends.

Each step is stored before it is done: after a crash, the next delivery or the timer does the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.deploys import DeployNote, holds
from cronmend.deploys.holds import Hold, HoldState, Which
from cronmend.errors import CronmendError, NotFound, Permanent, Retryable
from cronmend.healing import after_run
from cronmend.healing.situation import Limits
from cronmend.jobs.slots import family_of, missed_slot
from cronmend.model import LiveSchedule, Missing, Mode
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HoldTimer
from cronmend.ports.healing import Holds, JobStates, Modes, Schedules, Switches, Timers
from cronmend.use_cases.commit import TRIES, commit
from cronmend.wording import clock


@dataclass(frozen=True, slots=True)
class Holder:
    """Holds schedules when a deploy starts, and has them released when it ends."""

    holds: Holds
    schedules: Schedules
    switches: Switches
    timers: Timers
    modes: Modes
    which: Which
    listed: Sequence[str]
    """The jobs with ``hold_in_deploys``."""

    def hold(self, note: DeployNote, now: datetime) -> tuple[str, ...]:
        """Disable the schedules that the deploy concerns, even if some fail; returns their jobs."""
        if self.which is Which.NONE or self.modes.now() is not Mode.HEAL or now >= note.until:
            return ()
        held: list[str] = []
        failures: list[CronmendError] = []
        for schedule in self._concerned(note):
            try:
                if self._hold(schedule, note, now):
                    held.append(schedule.job)
            except (Retryable, Permanent) as error:
                failures.append(error)
        if failures:
            worst = next((each for each in failures if isinstance(each, Retryable)), failures[0])
            raise type(worst)("; ".join(str(each) for each in failures))
        return tuple(held)

    def release(self, note: DeployNote, now: datetime) -> tuple[str, ...]:
        """The deploy is over: bring forward the timers that release its holds; returns their jobs."""
        released: list[str] = []
        for hold in self.holds.of(note.cluster_arn):
            if note.concerns(hold.family, "") and (hold.key == note.key or not (hold.key and note.key)):
                due = replace(hold, until=min(hold.until, now))
                if due == hold or self.holds.put(due):
                    self.timers.bring_forward(replace(hold.timer, at=now + LEAD))
                    released.append(hold.job)
        return tuple(released)

    def _concerned(self, note: DeployNote) -> Iterator[LiveSchedule]:
        """Not one-time schedules: one that is enabled after its time would fire at once."""
        for schedule in self._candidates():
            one_time = schedule.expression.startswith("at(")
            if schedule.cluster_arn == note.cluster_arn and not one_time and note.concerns(family_of(schedule), ""):
                yield schedule

    def _candidates(self) -> Iterator[LiveSchedule]:
        if self.which is Which.LISTED:
            yield from (each for job in self.listed if isinstance(each := self.schedules.get(job), LiveSchedule))
            return
        found = self.schedules.named("")
        if isinstance(found, Missing):
            raise Permanent(f"no schedule could be held: {found.reason}")
        yield from found

    def _hold(self, schedule: LiveSchedule, note: DeployNote, now: datetime) -> bool:
        """Write the hold, then the timer, then the schedule. False if a person had disabled the schedule."""
        hold = self._stored(schedule, note, now)
        if hold is None:
            return False
        self.timers.bring_forward(hold.timer)
        if hold.state is HoldState.HOLDING:
            self.switches.switch(schedule.job, enabled=False)
            self.holds.put(replace(hold, state=HoldState.HELD))
        return True

    def _stored(self, schedule: LiveSchedule, note: DeployNote, now: datetime) -> Hold | None:
        for _ in range(TRIES):
            known = self.holds.get(note.cluster_arn, schedule.job)
            if known is None and not schedule.enabled:
                return None
            if known is not None and known.state is HoldState.RELEASING:
                break
            if known is None:
                family = family_of(schedule)
                wanted = holds.new_hold(schedule.job, note.cluster_arn, family, note.key, now, note.until)
            else:
                wanted = holds.extended(known, note.key, note.until)
            if wanted == known:
                return known
            if written := self.holds.put(wanted):
                return written
        raise Retryable(f"{schedule.job} is being released: hold it after that")


@dataclass(frozen=True, slots=True)
class Releaser:
    """Handles the timer of a hold: enables the schedule, and plans one run for the slots it missed."""

    cluster_arn: str
    holds: Holds
    job_states: JobStates
    schedules: Schedules
    switches: Switches
    timers: Timers
    limits: Limits

    def handle(self, timer: HoldTimer, now: datetime) -> str:
        hold = self.holds.get(self.cluster_arn, timer.job)
        if hold is None or hold.id != timer.hold:
            return "the hold is already released"
        if hold.state is not HoldState.RELEASING and hold.until > now:
            self.timers.set(replace(timer, at=hold.until, postponed=timer.postponed + 1))
            return f"{hold.job} is held until {clock(hold.until)}"
        hold = self._releasing(hold, now)
        try:
            self.switches.switch(hold.job, enabled=True)
        except NotFound:
            self.holds.remove(hold)
            return f"the schedule {hold.job} no longer exists"
        caught_up = self._catch_up(hold, now) if hold.missed else f"{hold.job} continues and missed no slot"
        self.holds.remove(hold)
        return caught_up

    def _releasing(self, hold: Hold, now: datetime) -> Hold:
        """The missed slot is stored once: a later delivery must not count slots after the release."""
        if hold.state is HoldState.RELEASING:
            return hold
        schedule = self.schedules.get(hold.job)
        missed = None if isinstance(schedule, Missing) else missed_slot(schedule, hold.since, now)
        decided = replace(hold, state=HoldState.RELEASING, missed=missed.isoformat() if missed else "")
        written = self.holds.put(decided)
        if written is None:
            raise Retryable(f"the hold of {hold.job} changed while it was being released")
        return written

    def _catch_up(self, hold: Hold, now: datetime) -> str:
        change, _ = commit(
            self.job_states,
            hold.job,
            now,
            lambda job_state: holds.caught_up(job_state, hold, now, self.limits.alert_deadline),
        )
        incident = change.job_state.incident
        if incident is None or incident.id != hold.id:
            return f"{hold.job} continues and needs no run for its missed slots"
        for timer in after_run.timers_of(incident):
            self.timers.set(timer)
        return f"{hold.job} continues, and one run is planned for its missed slot {hold.missed}"
