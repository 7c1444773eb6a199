"""Disable schedules during a deploy and re-enable them when it ends.

Each step is stored before it is done: after a crash, the next delivery, the timer or ``reconcile`` does the rest. A row
is deleted only after its schedule was read back without the hold's mark. A schedule that has lost the mark was released
by an earlier call, or written by a person since: a repeated release leaves it as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import replace
from datetime import datetime
from itertools import takewhile

from msgspec import Struct

from cronmend.deploys import DeployNote, Phase, holds
from cronmend.deploys.holds import WHOLE, Hold, HoldState, Part, Which, may_be_held
from cronmend.errors import CronmendError, Permanent, Retryable, Unfinished
from cronmend.jobs.slots import family_of
from cronmend.model import LiveSchedule, Missing, Mode
from cronmend.model.incident import LEAD
from cronmend.model.timetables import FEW
from cronmend.ports.healing import DeployNotes, Holds, ListedSchedules, Modes, Switches, Timers
from cronmend.ports.timetables import Timetables
from cronmend.use_cases.commit import TRIES
from cronmend.use_cases.healing.hold_changes import changed, ended, is_held, wanted_hold

type IsTimeUp = Callable[[], bool]
"""Whether the invocation has no time left for another schedule."""
ENDED = frozenset({Phase.FINISHED, Phase.FAILED})
"""The phases of a marker after which nothing is held."""


def never() -> bool:
    return False


class Holder(Struct, frozen=True):
    """Holds schedules when a deploy starts, and has them released when it ends."""

    holds: Holds
    schedules: ListedSchedules
    timetables: Timetables
    switches: Switches
    timers: Timers
    modes: Modes
    notes: DeployNotes
    which: Which
    listed: Sequence[str]
    """The jobs with ``hold_in_deploys``."""

    def hold(
        self, note: DeployNote, now: datetime, is_time_up: IsTimeUp = never, part: Part = WHOLE
    ) -> tuple[str, ...]:
        """Disable the schedules of this part that the deploy concerns, even if some fail; returns their jobs.

        Raises:
            Unfinished: the time is up. The next call continues: it skips the schedules that this one has disabled.
        """
        if self.which is Which.NONE or self.modes.now() is not Mode.HEAL or now >= note.until:
            return ()
        known = {hold.job: hold for hold in self.holds.of(note.cluster_arn)}
        held = {job for job, hold in known.items() if is_held(hold, note)}
        left = (job for job in self._candidates(note, known) if part.has(job) and job not in held)
        return _each(left, lambda job: self._hold_if_concerned(job, known.get(job), note, now), is_time_up)

    def release(
        self, note: DeployNote, now: datetime, is_time_up: IsTimeUp = never, part: Part = WHOLE
    ) -> tuple[str, ...]:
        """The deploy is over: have its holds of this part released, even if some fail; returns their jobs.

        Raises:
            Unfinished: the time is up. The next call continues with the holds that aren't due yet.
        """
        over = {hold.job: hold for hold in self.holds.of(note.cluster_arn) if part.has(hold.job) and _is_of(hold, note)}
        later = (job for job, hold in over.items() if hold.until > now)
        ended = _each(later, lambda job: self._end(over[job], now), is_time_up)
        due = takewhile(lambda _: not is_time_up(), (job for job, hold in over.items() if hold.until <= now))
        return (*ended, *_each(due, lambda job: self._end(over[job], now)))

    def _end(self, hold: Hold, now: datetime) -> bool:
        """Store that the hold is due, then bring its timer forward; a lost timer is found by ``reconcile``."""
        written = ended(self.holds, hold, now)
        if written is not None:
            self.timers.bring_forward(replace(written.timer, at=now + LEAD))
        return written is not None

    def _candidates(self, note: DeployNote, known: Mapping[str, Hold]) -> Sequence[str]:
        """The jobs whose schedules the deploy may concern; only the schedule itself shows whether it does."""
        if self.which is Which.LISTED:
            return self.listed
        found = self.schedules.listed({note.cluster_arn})
        timetables = {each.job: each for each in self.timetables.all()} if len(found) > FEW else {}
        return [
            each.source
            for each in found
            if each.source in known or may_be_held(each, timetables.get(each.source), note)
        ]

    def _hold_if_concerned(self, job: str, known: Hold | None, note: DeployNote, now: datetime) -> bool:
        """Read when it is its turn: a thousand reads before the first hold would take an invocation's time."""
        schedule = self.schedules.get(job)
        if isinstance(schedule, Missing) or schedule.cluster_arn != note.cluster_arn:
            return False
        concerned = note.concerns(family_of(schedule), "") and holds.can_be_held(schedule, now, note.until)
        return concerned and self._hold(schedule, known, note, now)

    def _hold(self, schedule: LiveSchedule, known: Hold | None, note: DeployNote, now: datetime) -> bool:
        """Write the hold, then the timer, then the schedule. False if the schedule isn't held.

        Args:
            known: the schedule's hold as it was listed; it is read again only if it has changed since.
        """
        hold = self._stored(schedule, known, note, now)
        if hold is None:
            return False
        set_timer = self.timers.set if known is None else self.timers.bring_forward
        set_timer(hold.timer)
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


def _is_of(hold: Hold, note: DeployNote) -> bool:
    """Whether this deploy holds the schedule; one without a release may be any."""
    return note.concerns(hold.family, "") and (hold.key == note.key or not (hold.key and note.key))


def _each(jobs: Iterable[str], step: Callable[[str], bool], is_time_up: IsTimeUp = never) -> tuple[str, ...]:
    """The jobs for which the step was done. One that fails doesn't stop the others."""
    done: list[str] = []
    failures: list[CronmendError] = []
    for job in jobs:
        if done and is_time_up():
            raise Unfinished(f"{len(done)} schedules are done, and others are left")
        try:
            if step(job):
                done.append(job)
        except (Retryable, Permanent) as error:
            failures.append(error)
    if failures:
        worst = next((each for each in failures if isinstance(each, Retryable)), failures[0])
        raise type(worst)("; ".join(str(each) for each in failures))
    return tuple(done)
