"""Keep the timetables in the ledger as the account's schedules are. Only a schedule that has changed is read."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.errors import CronmendError
from cronmend.jobs import timetables
from cronmend.jobs.identity import kept_name
from cronmend.jobs.policies import JobPolicy
from cronmend.model.timetables import TARGET_FORM, LastCheck, Listed, Target, Timetable
from cronmend.ports.timetables import LastChecks, ScheduleLists, Timetables
from cronmend.use_cases.reconciling.look_alikes import LookAlikes

GAP = timedelta(minutes=22, seconds=30)
"""A check that follows the one before after a longer time has slots to check that ECS may no longer know. Three checks
in a row may be lost; a time between two checks, so that it doesn't depend on seconds whether the fourth counts."""
MOST_READ = 300
"""Schedules that one check reads. Each takes about 30 ms, and a call has a minute."""

type IsTimeUp = Callable[[], bool]
"""Whether the invocation has no time left for another schedule or job."""


class Refreshed(Struct, frozen=True):
    timetables: tuple[Timetable, ...]
    last: LastCheck
    """This check, to be stored at its end."""
    failed: tuple[tuple[str, str], ...] = ()
    """Schedules that have changed and couldn't be read, each with the error."""
    left: int = 0
    """Schedules that have changed and are left for the next check."""


class TimetableReader(Struct, frozen=True):
    timetables: Timetables
    checks: LastChecks
    lists: ScheduleLists
    look_alikes: LookAlikes
    policy: Callable[[str], JobPolicy]
    clusters: tuple[str, ...]

    def refreshed(self, now: datetime, is_time_up: IsTimeUp) -> Refreshed:
        """
        Raises:
            Retryable, Permanent: the ledger or the lists of schedules can't be read.
        """
        last, before = self.checks.read(), self.timetables.all()
        known = _by_source(before)
        listed = {each.source: each for each in self.lists.listed()}
        gone = known.keys() - listed.keys()
        for source in gone:
            del known[source]
        changed = [each for source, each in sorted(listed.items()) if _is_changed(known.get(source), each)]
        failed, left = list[tuple[str, str]](), list(changed)
        while left and len(changed) - len(left) < MOST_READ and not is_time_up():
            each = left.pop(0)
            try:
                known[each.source] = self._read(each, known.get(each.source, ()), last, now)
            except CronmendError as error:
                failed.append((each.source, str(error)))
        self._recognize(gone | {each.source for each in changed}, known, now)
        kept = self.look_alikes.kept(before, [row for rows in known.values() for row in rows], now, is_time_up)
        unread = {kept_name(source) for source in (*(each.source for each in left), *dict(failed))}
        self._forget(
            row for row in before if row.job not in kept.rows.keys() | kept.needed and kept_name(row.job) not in unread
        )
        last = _this_check(last, self.clusters, now)
        return Refreshed(tuple(kept.rows.values()), last, (*failed, *kept.failed), len(left) + kept.left)

    def _read(
        self, listed: Listed, before: Sequence[Timetable], last: LastCheck | None, now: datetime
    ) -> list[Timetable]:
        """The rows of a schedule that is new, or that has changed."""
        known, schedules = {row.job: row for row in before}, self.lists.read(listed.source)
        if not schedules:
            nothing = timetables.of_nothing(listed, now)
            kept = known[nothing.job].look_alikes if nothing.job in known else ()
            return [self._stored(replace(nothing, look_alikes=kept))]
        rows = []
        for each in schedules:
            since = timetables.first_counted(listed.changed_at, last, each.cluster_arn, now)
            read = timetables.of_schedule(each, listed, since)
            rows.append(self._stored(timetables.after_change(known[each.job], read) if each.job in known else read))
        return rows

    def _stored(self, row: Timetable) -> Timetable:
        row = timetables.checked(row, row.checked_until, self.policy(row.job).grace or timetables.SHORTEST_GRACE)
        self.timetables.put(row)
        return row

    def _recognize(self, touched: Set[str], known: Mapping[str, list[Timetable]], now: datetime) -> None:
        """A schedule whose runs looked like those of one that has changed may be told apart now."""
        names = {kept_name(source) for source in touched}
        for source, rows in known.items():
            for number, row in enumerate(rows):
                if row.unclear and kept_name(source) in names:
                    rows[number] = self._stored(replace(row, unclear="", since=now, checked_until=now))

    def _forget(self, rows: Iterable[Timetable]) -> None:
        """Last, so that what another job's state has to keep of a schedule that is gone isn't lost in a crash. One that
        couldn't be read yet may have come in its place."""
        for row in rows:
            self.timetables.remove(row.job)


def _by_source(rows: Sequence[Timetable]) -> dict[str, list[Timetable]]:
    found: dict[str, list[Timetable]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(row)
    return found


def _is_changed(known: Sequence[Timetable] | None, listed: Listed) -> bool:
    return known is None or any(row.version != listed.version or _is_old(row.target) for row in known)


def _is_old(target: Target | None) -> bool:
    return target is None or target.form < TARGET_FORM


def _this_check(last: LastCheck | None, clusters: tuple[str, ...], now: datetime) -> LastCheck:
    resumed = now if last and now - last.at > GAP else last.resumed_at if last else None
    return LastCheck(now, clusters, resumed)
