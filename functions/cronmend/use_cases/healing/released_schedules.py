"""Enable a schedule that was held during a deploy, and run its job once for the slots that it missed."""

from collections.abc import Callable
from copy import replace
from datetime import datetime

from msgspec import Struct

from cronmend.deploys import holds
from cronmend.deploys.holds import Hold, HoldState
from cronmend.errors import NotFound, Retryable
from cronmend.healing import after_run
from cronmend.healing.situation import Limits
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import missed_slot
from cronmend.model import Missing
from cronmend.model.wakeups import HoldTimer
from cronmend.ports.healing import Holds, JobStates, Schedules, Switches, Timers
from cronmend.use_cases.commit import commit
from cronmend.wording import moment


class Releaser(Struct, frozen=True):
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
