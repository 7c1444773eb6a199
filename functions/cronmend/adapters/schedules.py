"""Schedules of EventBridge Scheduler, as they are now."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import denials
from cronmend.errors import NotFound, Permanent
from cronmend.jobs.work import ANY
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import FEW, Listed, Timetable

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_scheduler.type_defs import GetScheduleOutputTypeDef, ScheduleSummaryTypeDef

LIST_AGE = timedelta(minutes=1)
"""How long a list is reused: ListSchedules allows 50 calls per second.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"""
_SERVICE = "scheduler"
_LISTS_KEPT = 50
_PAGE = 100
"""The most that ListSchedules accepts."""


class _Version(Struct, frozen=True):
    """A schedule as it was since its last change; None for that if AWS didn't say when it was."""

    changed_at: datetime | None
    schedule: LiveSchedule | Missing


class _List(Struct, frozen=True):
    """A list of schedules. Each is read when it is needed, and again once it has changed."""

    read_at: datetime
    changed_at: Mapping[str, datetime | None]
    """By job; None if AWS doesn't say."""
    versions: dict[str, _Version]
    """By job, as far as they were read."""
    timetables: dict[str, Timetable]
    """By job, as far as they were needed."""

    def followed_by(self, changed_at: Mapping[str, datetime | None], now: datetime) -> "_List":
        """A newer list with the schedules that are known and haven't changed since."""
        known = {
            job: each
            for job, each in self.versions.items()
            if each.changed_at and each.changed_at == changed_at.get(job)
        }
        return _List(now, changed_at, known, {})

    def schedules(self) -> Sequence[LiveSchedule]:
        found = (self.versions[job].schedule for job in self.changed_at if job in self.versions)
        return tuple(each for each in found if isinstance(each, LiveSchedule))


class SchedulerSchedules:
    permissions = ("scheduler:ListSchedules", "scheduler:GetSchedule")

    def __init__(
        self,
        client: "EventBridgeSchedulerClient | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timetables: "Callable[[str], Mapping[str, Timetable]] | None" = None,
    ) -> None:
        """``timetables`` returns those of the jobs whose IDs start so, by job: they show what a schedule's runs do."""
        self._client = client or session().client("scheduler", config=CONFIG)
        self._clock = clock
        self._timetables = timetables
        self._lists: dict[tuple[str, str], _List] = {}

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        """ListSchedules returns no target's details, so each schedule that has changed needs a GetSchedule.

        Of many, only those are read whose runs may do this work, as the ledger's timetables have it.
        """
        key, now = (prefix, cluster_arn), self._clock()
        known = self._lists.pop(key, None) or _List(datetime.min.replace(tzinfo=UTC), {}, {}, {})
        try:
            if since is None or known.read_at < max(since, now - LIST_AGE):
                ours = [each for each in self._listed(prefix) if each["Target"]["Arn"] == cluster_arn]
                known = known.followed_by({_job(each): each.get("LastModificationDate") for each in ours}, now)
            for job in self._to_read(known, prefix, work):
                known.versions[job] = self._read(job)
        except Permanent as error:
            return Missing(str(error))
        self._lists[key] = known
        if len(self._lists) > _LISTS_KEPT:
            del self._lists[next(iter(self._lists))]
        return known.schedules()

    def _to_read(self, known: _List, prefix: str, work: str) -> Sequence[str]:
        unread = [job for job in known.changed_at if job not in known.versions]
        if not work or self._timetables is None or len(unread) <= FEW:
            return unread
        if not known.timetables:
            for group in sorted({job.partition("/")[0] for job in unread}):
                known.timetables.update(self._timetables(f"{group}/{prefix}"))
        return [job for job in unread if _may_do(work, known.timetables.get(job), known.changed_at[job])]

    def _listed(self, prefix: str) -> Sequence["ScheduleSummaryTypeDef"]:
        wanted: dict[str, Any] = {"NamePrefix": prefix} if prefix else {}
        with denials(f"list the schedules named {prefix}…" if prefix else "list the schedules", _SERVICE):
            pages = self._client.get_paginator("list_schedules").paginate(
                **wanted, PaginationConfig={"PageSize": _PAGE}
            )
            return [each for page in pages for each in page["Schedules"]]

    def listed(self, clusters: Container[str]) -> Sequence[Listed]:
        """Those that start tasks in one of the clusters, as AWS lists them."""
        ours = (each for each in self._listed("") if each["Target"]["Arn"] in clusters)
        dated = ((_job(each), each.get("LastModificationDate")) for each in ours)
        return [Listed(job, version_of(changed_at), changed_at) for job, changed_at in dated]

    def get(self, job: str) -> LiveSchedule | Missing:
        return self._read(job).schedule

    def _read(self, job: str) -> _Version:
        group, _, name = job.partition("/")
        try:
            with denials(f"get the schedule {job}", _SERVICE):
                raw = self._client.get_schedule(GroupName=group, Name=name)
            return _Version(raw.get("LastModificationDate"), live_schedule(job, raw))
        except NotFound:
            return _Version(None, Missing(f"the schedule {job} doesn't exist"))
        except Permanent as error:
            return _Version(None, Missing(str(error)))


def _job(summary: "ScheduleSummaryTypeDef") -> str:
    return f"{summary['GroupName']}/{summary['Name']}"


def version_of(changed_at: datetime | None) -> str:
    """That of a timetable of the schedule; ``""`` if AWS doesn't say when it was changed."""
    return changed_at.astimezone(UTC).isoformat() if changed_at else ""


def _may_do(work: str, timetable: Timetable | None, changed_at: datetime | None) -> bool:
    """True also if it isn't known: the schedule has no timetable, or has changed since."""
    target = timetable.target if timetable and timetable.is_current(version_of(changed_at)) else None
    return target is None or target.runs in {work, ANY, ""}


def live_schedule(job: str, raw: "GetScheduleOutputTypeDef") -> LiveSchedule | Missing:
    """GetSchedule's answer as a :class:`LiveSchedule`; Missing if its target isn't an ECS cluster."""
    target = raw["Target"]
    parameters = target.get("EcsParameters")
    if parameters is None:
        return Missing(f"the target of {job} is {target['Arn']}, not an ECS cluster")
    return LiveSchedule(
        job=job,
        arn=raw["Arn"],
        enabled=raw.get("State") != "DISABLED",
        expression=raw["ScheduleExpression"],
        timezone=raw.get("ScheduleExpressionTimezone") or "UTC",
        cluster_arn=target["Arn"],
        parameters=dict(parameters),
        target_input=target.get("Input", ""),
        start=raw.get("StartDate"),
        end=raw.get("EndDate"),
        created=raw.get("CreationDate"),
        flexible=timedelta(minutes=raw["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)),
        description=raw.get("Description") or "",
        dead_letters=target.get("DeadLetterConfig", {}).get("Arn", ""),
        role=target.get("RoleArn", ""),
    )
