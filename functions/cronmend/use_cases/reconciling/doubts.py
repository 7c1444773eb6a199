"""Before an alarm: whether a slot for which the ledger has no run really had none."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.errors import CronmendError
from cronmend.jobs import identity, timetables
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import family_of
from cronmend.model import LiveSchedule, LiveTask, Missing
from cronmend.model.mutes import Mute
from cronmend.model.timetables import LastCheck, RecordedRun, Timetable
from cronmend.ports.healing import Schedules
from cronmend.ports.timetables import PlannedMutes, RecentTasks, RecordedRuns

ECS_KNOWS = timedelta(minutes=45)
"""ECS lists a task for about an hour after its end."""
RECORDING = timedelta(minutes=65)
"""After an outage, a stopped run is on record within this time: its event is delivered again after half an hour, and
once more if that fails."""
ASKED_FOR = timedelta(minutes=4)
"""How long ECS is asked again. With the next check, people know within ten minutes of the grace, even if it is away."""
_LEARNED_FROM = 20
"""Runs from which a grace is learned."""


class Verdict(Struct, frozen=True):
    """The slots in question: those that were missed, and up to when the others are decided, too."""

    missed: tuple[datetime, ...] = ()
    until: datetime | None = None
    """The slots up to then are decided; None for all of them."""
    schedule: LiveSchedule | None = None
    unclear: str = ""
    unread: str = ""
    """Why ECS couldn't be asked; ``""`` if it was."""


class Doubts(Struct, frozen=True):
    schedules: Schedules
    runs: RecordedRuns
    tasks: RecentTasks
    mutes: PlannedMutes

    def verdict(
        self,
        timetable: Timetable,
        slots: Sequence[datetime],
        recorded: Sequence[RecordedRun],
        policy: JobPolicy,
        last: LastCheck,
        now: datetime,
    ) -> Verdict:
        """
        Args:
            slots: in order; for at least one of them, there is no run among the ``recorded`` ones.
        """
        schedule = self.schedules.get(timetable.job)
        if isinstance(schedule, Missing) or not timetables.has_times_of(timetable, schedule):
            return Verdict(until=timetable.checked_until)
        grace = policy.grace or timetables.SHORTEST_GRACE
        active, unread = self._listed(self.tasks.active, schedule)
        if not _alone(timetable, slots, (*recorded, *active), grace):
            return Verdict()
        if unclear := self._unclear(schedule):
            return Verdict(unclear=unclear)
        stopped, unread_too = self._listed(self.tasks.stopped, schedule)
        unread = unread or unread_too
        grace = policy.grace or timetables.learned_grace(timetable, self.runs.latest(timetable.job, _LEARNED_FROM))
        alone = _alone(timetable, slots, (*recorded, *active, *stopped), grace)
        first = next((each for each in alone if _is_undecided(each, timetable, grace, last, now, unread=unread)), None)
        decided = [each for each in alone if first is None or each < first]
        planned = self._planned(timetable.job, decided)
        missed = tuple(each for each in decided if not any(mute.has(each) for mute in planned))
        return Verdict(missed, first - timedelta(seconds=1) if first else None, schedule, unread=unread)

    def _unclear(self, schedule: LiveSchedule) -> str:
        found = self.schedules.named(identity.kept_name(schedule.job), schedule.cluster_arn)
        return found.reason if isinstance(found, Missing) else identity.look_alikes(schedule, found)

    def _listed(
        self, tasks: Callable[[str, str], Sequence[LiveTask]], schedule: LiveSchedule
    ) -> tuple[Sequence[RecordedRun], str]:
        """The job's runs among the tasks that ECS lists, or why it can't be asked."""
        try:
            listed = tasks(schedule.cluster_arn, family_of(schedule))
        except CronmendError as error:
            return (), str(error)
        return timetables.runs_among(listed, schedule), ""

    def _planned(self, job: str, alone: Sequence[datetime]) -> Sequence[Mute]:
        if not alone:
            return ()
        return [each for each in self.mutes.all(alone[0]) if each.covers_slots_of(job)]


def _alone(
    timetable: Timetable, slots: Sequence[datetime], runs: Sequence[RecordedRun], grace: timedelta
) -> Sequence[datetime]:
    return [each.slot for each in timetables.matched(timetable, slots, runs, grace) if each.start is None]


def _is_undecided(
    slot: datetime, timetable: Timetable, grace: timedelta, last: LastCheck, now: datetime, *, unread: str
) -> bool:
    """Whether its run may still come, or may have come though neither ECS nor the ledger shows it yet."""
    due = slot + timetables.wait(timetable, grace)
    recording = last.resumed_at is not None and now < last.resumed_at + RECORDING
    return now < due or (bool(unread) and now < due + ASKED_FOR) or (recording and now - slot > ECS_KNOWS)
