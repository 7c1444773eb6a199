"""Keep the schedules of jobs that want it on the revision that their service runs."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from itertools import batched
from typing import Final

from msgspec import Struct, field

from cronmend.deploys.following import Followed, Following, FollowState, Wait
from cronmend.jobs.identity import RULE
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Follow, Missing, Mode
from cronmend.model.timetables import Timetable
from cronmend.ports.following import Followings
from cronmend.ports.healing import Modes
from cronmend.ports.timetables import Timetables
from cronmend.use_cases.healing.followed_services import FollowedServices
from cronmend.use_cases.healing.held_schedules import IsTimeUp, never
from cronmend.use_cases.healing.mover import Mover

MOST_TOGETHER: Final = 90
"""Moves in one message: the ledger writes them in one transaction of at most 100 items."""

type FollowedBy = Callable[[str, str, str], Followed | Missing]
"""Reads a service once in a check, for all schedules of a cluster with one target and container."""


class FoundFollowing(Struct):
    schedules: int = 0
    """How many follow a service."""
    moved: list[tuple[str, str]] = field(default_factory=list)
    """The job of each schedule that was moved, and its revision now."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """The jobs that couldn't be checked or moved, each with the error."""
    left: int = 0
    """Schedules that are left for the next check."""


class FollowServices(Struct, frozen=True):
    followings: Followings
    timetables: Timetables
    services: FollowedServices
    mover: Mover
    modes: Modes
    policy: Callable[[str], JobPolicy]
    is_allowed: bool
    """Whether the stack lets Cronmend move schedules."""

    def check(self, now: datetime, is_time_up: IsTimeUp = never) -> FoundFollowing:
        """Compare every schedule that follows a service with it; one that fails stops no other.

        Raises:
            Retryable, Permanent: the ledger can't be read.
        """
        found = FoundFollowing()
        if not self.is_allowed:
            return found
        rows = {row.job: row for row in self.followings.all()}
        following = {each.job: each for each in self.timetables.all() if self._follows(each)}
        by, may_move = cache(partial(self._followed, now)), self.modes.now() is Mode.HEAL
        found.schedules = len(following)
        jobs = sorted(rows.keys() | following.keys())
        stored: list[Following] = []
        while jobs and not is_time_up():
            job = jobs.pop(0)
            try:
                row = self._checked(rows.get(job), following.get(job), by, now, may_move=may_move)
                stored += [row] if row else []
            except Exception as error:  # noqa: BLE001 # a schedule of any content must not stop the others; it is logged
                found.failed.append((job, f"{type(error).__name__}: {error}"))
        found.left = len(jobs)
        found.moved = self._tell([row for row in stored if row.state is FollowState.MOVED], now)
        return found

    def _follows(self, timetable: Timetable) -> bool:
        """A rule's target is another kind of item, and a one-time schedule may fire when it is written."""
        is_recurring = not timetable.source.startswith(RULE) and not timetable.expression.startswith("at(")
        return is_recurring and self.policy(timetable.job).follow is not Follow.NONE

    def _followed(self, now: datetime, cluster_arn: str, target: str, container: str) -> Followed | Missing:
        return self.services.of(cluster_arn, target, container, now)

    def _checked(
        self, row: Following | None, timetable: Timetable | None, by: FollowedBy, now: datetime, *, may_move: bool
    ) -> Following | None:
        """Finish what an earlier call began, then decide. A schedule that no longer follows is only finished."""
        row = self.mover.finish(row, now) if row else None
        if row is not None and timetable is None and row.state is FollowState.SETTLED:
            self.followings.remove(row)
            return None
        if timetable is None or not may_move or (row is not None and row.state is not FollowState.SETTLED):
            return row
        live = self._live(row, timetable)
        if isinstance(live, Missing):
            return row
        policy = self.policy(timetable.job)
        followed = by(timetable.cluster_arn, live, policy.container)
        row = row or Following(timetable.job, timetable.cluster_arn, live)
        if isinstance(followed, Missing):
            return self.mover.wait(row, live, Wait(followed.reason), "", now)
        return self.mover.follow(row, live, followed, policy.follow, now)

    def _live(self, row: Following | None, timetable: Timetable) -> str | Missing:
        """A timetable is up to five minutes old: one that differs from the row may have been read before the move."""
        if row is not None and row.target == timetable.task_definition:
            return row.target
        return self.mover.live(timetable.job)

    def _tell(self, moved: Iterable[Following], now: datetime) -> list[tuple[str, str]]:
        """One message for all schedules that were moved to the same revision; the next check repeats what fails."""
        together: dict[tuple[str, str, bool], list[Following]] = {}
        for row in moved:
            latest = row.moves[-1]
            together.setdefault((latest.service, str(latest.to), latest.back), []).append(row)
        for rows in together.values():
            for some in batched(rows, MOST_TOGETHER, strict=False):
                self.mover.tell(some, now)
        return [(row.job, revision) for (_, revision, _), rows in together.items() for row in rows]
