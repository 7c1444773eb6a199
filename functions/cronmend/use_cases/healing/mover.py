"""Move one schedule to the revision that its service runs.

Each step is stored before it is done. Whoever dies in between leaves a row in the state MOVING or MOVED, which the next
check finishes: after the next event, or when ``reconcile`` asks for one within five minutes.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from cronmend.alerting import followed_schedules
from cronmend.deploys import following
from cronmend.deploys.following import Accept, Followed, Following, FollowState, Move, Wait
from cronmend.errors import NotFound, Permanent, Retryable
from cronmend.model import Follow, LiveSchedule, Missing
from cronmend.ports.following import Followings, MoveReports, Moves
from cronmend.ports.healing import Holds, Schedules
from cronmend.ports.notices import Notices


class Mover(Struct, frozen=True):
    """Each method returns the row as stored; None if the schedule is gone, and its row with it."""

    followings: Followings
    schedules: Schedules
    moves: Moves
    holds: Holds
    notices: Notices
    reports: MoveReports

    def finish(self, row: Following, now: datetime) -> Following | None:
        """Find out how a move ended whose invocation may have died, once its lease is over."""
        if row.state is not FollowState.MOVING or row.is_leased(now):
            return row
        live = self.live(row.job)
        if isinstance(live, Missing):
            self.followings.remove(row)
            return None
        if live == row.moves[-1].after:
            return self._put(row, following.moved(row))
        return self._put(row, following.given_up(row, "an earlier move wasn't made"))

    def follow(self, row: Following, live: str, followed: Followed, follow: Follow, now: datetime) -> Following | None:
        match following.decide(row, live, followed, follow):
            case Move() as move:
                return self._move(row, live, move, followed, now)
            case Accept():
                return self._put(row, following.settled(row, live))
            case Wait() as wait:
                return self.wait(row, live, wait, str(followed.revision), now)

    def live(self, job: str) -> str | Missing:
        """The task definition in the schedule's target now."""
        schedule = self.schedules.get(job)
        return str(schedule.parameters["TaskDefinitionArn"]) if isinstance(schedule, LiveSchedule) else schedule

    def _move(self, row: Following, live: str, move: Move, followed: Followed, now: datetime) -> Following | None:
        """Write the row with its lease, then the schedule, then the row again."""
        row = self._put(row, following.moving(row, move, live, followed.service, now))
        hold = self.holds.get(row.cluster_arn, row.job)
        if hold is not None and hold.is_leased(now):
            return self._put(row, following.given_up(row, "it is being held or released"))
        try:
            if not self.moves.move(row.job, live, move.to):
                return self._put(row, following.given_up(row, "its target has just been changed"))
        except NotFound:
            self.followings.remove(row)
            return None
        except Permanent as error:
            reason = f"Cronmend couldn't move it: {error}"
            row = following.given_up(row, reason)
            return self.wait(row, live, Wait(reason, tell=f"refused {move.to}"), str(followed.revision), now)
        return self._put(row, following.moved(row))

    def wait(self, row: Following, live: str, wait: Wait, revision: str, now: datetime) -> Following:
        """The message goes first: repeated after a crash, it is the same one."""
        if wait.tell and row.told != wait.tell:
            self.notices.add(followed_schedules.left_alone(row, wait), now)
        return self._put(row, following.waiting(row, wait, live, revision))

    def _put(self, known: Following, row: Following) -> Following:
        if row == known and row.version:
            return row
        if (written := self.followings.put(row)) is None:
            raise Retryable(f"another invocation is handling {row.job}")
        return written

    def tell(self, rows: Sequence[Following], now: datetime) -> bool:
        """Tell of the moves of these schedules to the same revision; False if another invocation is handling one."""
        return self.reports.tell(rows, followed_schedules.moved(rows), now)
