"""Find the slots for which no run came: by the live schedules, whether or not Cronmend manages them."""

from collections.abc import Callable, Sequence
from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.errors import Permanent
from cronmend.healing import after_run
from cronmend.healing.missed_slots import MissedSlots, after_missed
from cronmend.healing.situation import Limits
from cronmend.jobs import timetables
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import unreadable
from cronmend.model.timetables import LastCheck, Timetable
from cronmend.model.wakeups import RerunTimer
from cronmend.ports.healing import JobStates
from cronmend.ports.promises import Wakeups
from cronmend.ports.timetables import LastChecks, RecordedRuns, Timetables
from cronmend.use_cases.commit import commit
from cronmend.use_cases.reconciling.doubts import Doubts, Verdict
from cronmend.use_cases.reconciling.timetables import IsTimeUp, TimetableReader

WRITTEN = timedelta(minutes=50)
"""How far behind the stored time may be up to which a job's slots were checked: a job that runs often costs no more
writes than an hourly one."""


class Checked(Struct, frozen=True):
    schedules: int
    slots: int = 0
    """Slots whose run had to have come by now."""
    missed: tuple[tuple[str, tuple[datetime, ...]], ...] = ()
    """The slots of each job that had no run."""
    failed: tuple[tuple[str, str], ...] = ()
    """Schedules and jobs that couldn't be checked, each with the error."""
    left: int = 0
    """Schedules and jobs that are left for the next check."""


class MissedRuns(Struct, frozen=True):
    reader: TimetableReader
    timetables: Timetables
    checks: LastChecks
    runs: RecordedRuns
    doubts: Doubts
    job_states: JobStates
    wakeups: Wakeups
    policy: Callable[[str], JobPolicy]
    limits: Limits

    def check(self, now: datetime, is_time_up: IsTimeUp = lambda: False) -> Checked:
        """Check every schedule, the one that has waited longest first; one that fails stops no other.

        Raises:
            Retryable, Permanent: the ledger or the lists of schedules can't be read.
        """
        refreshed = self.reader.refreshed(now, is_time_up)
        due = sorted((each for each in refreshed.timetables if _is_due(each, now)), key=_waited)
        failed, missed, slots = list(refreshed.failed), list[tuple[str, tuple[datetime, ...]]](), 0
        left = list(due)
        while left and not is_time_up():
            each = left.pop(0)
            try:
                found = self._check(each, refreshed.last, now)
            except Exception as error:  # noqa: BLE001 # a job of any content must not stop the others; it is logged
                failed.append((each.job, f"{type(error).__name__}: {error}"))
                continue
            slots += found[0]
            missed += [(each.job, found[1])] if found[1] else []
        if not left and not refreshed.left:
            self.checks.write(refreshed.last)
        return Checked(len(refreshed.timetables), slots, tuple(missed), tuple(failed), left=refreshed.left + len(left))

    def _check(self, before: Timetable, last: LastCheck, now: datetime) -> tuple[int, tuple[datetime, ...]]:
        """How many slots of the job were checked, and those that were missed.

        Raises:
            Permanent: the schedule's expression can't be read, so that its slots aren't known.
        """
        if before.enabled and (why := unreadable(before.expression, before.timezone)):
            raise Permanent(f"{why}. No missed run of the job is found")
        policy, timetable = self.policy(before.job), before
        grace = policy.grace or timetables.SHORTEST_GRACE
        if timetables.waits_for_run(timetable):
            timetable = timetables.seen_in(timetable, self.runs.latest(timetable.job, 1))
        slots = timetables.slots_to_check(timetable, grace, now)
        found = self._verdict(timetable, slots, policy, last, now) if slots else None
        verdict = found or Verdict()
        if verdict.missed and verdict.schedule:
            missed = MissedSlots(verdict.schedule, verdict.missed, policy, self._deadline(policy), verdict.unread)
            self._act(missed, now)
        until = verdict.until or (slots[-1] if slots else timetable.checked_until)
        checked = replace(timetables.checked(timetable, until, grace), unclear=verdict.unclear)
        if (found and checked != before) or _is_news(before, checked):
            self.timetables.put(checked)
        return len(slots), verdict.missed

    def _verdict(
        self, timetable: Timetable, slots: Sequence[datetime], policy: JobPolicy, last: LastCheck, now: datetime
    ) -> Verdict | None:
        """None if each slot has a run on record: then ECS, the schedule and the mutes aren't read."""
        since = timetables.runs_matter_since(timetable, slots, policy.grace or timetables.LONGEST_GRACE)
        grace = policy.grace or timetables.SHORTEST_GRACE
        for newest in (False, True):  # Almost always, each slot has a run that was recorded minutes ago.
            recorded = self.runs.since(timetable.job, since, newest=newest)
            if all(each.start for each in timetables.matched(timetable, slots, recorded, grace)):
                return None
        return self.doubts.verdict(timetable, slots, recorded, policy, last, now)

    def _deadline(self, policy: JobPolicy) -> timedelta:
        return self.limits.of(policy.attempts, policy.deadline).alert_deadline

    def _act(self, missed: MissedSlots, now: datetime) -> None:
        """Write the incident, then wake the run that catches up. If that is lost, its promise is found."""
        change, _ = commit(
            self.job_states, missed.schedule.job, now, lambda job_state: after_missed(job_state, missed, now)
        )
        incident = change.job_state.open_incident
        for timer in after_run.timers_of(incident) if incident else ():
            if isinstance(timer, RerunTimer) and timer.at <= now:
                self.wakeups.wake(timer)


def _is_due(timetable: Timetable, now: datetime) -> bool:
    return not timetable.unclear and (timetable.due is None or timetable.due <= now)


def _waited(timetable: Timetable) -> datetime:
    return timetable.due or timetable.checked_until


def _is_news(before: Timetable, after: Timetable) -> bool:
    """Whether it is worth a write that no slot was in question."""
    return before.seen != after.seen or after.checked_until - before.checked_until >= WRITTEN
