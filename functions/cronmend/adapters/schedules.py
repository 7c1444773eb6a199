"""Schedules of EventBridge Scheduler: read them, enable and disable them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import NotFound, Permanent, Retryable
from cronmend.jobs.start_dates import with_next_start, without_past_start
from cronmend.jobs.work import ANY
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import Timetable

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_scheduler.type_defs import GetScheduleOutputTypeDef, ScheduleSummaryTypeDef

LIST_AGE = timedelta(minutes=1)
"""How long a list is reused: ListSchedules allows 50 calls per second.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"""
_LISTS_KEPT = 50
_FEW = 5
"""As many schedules are read without a look at their timetables."""
_PAGE = 100
"""The most that ListSchedules accepts."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A schedule as it was since its last change; None for that if AWS didn't say when it was."""

    changed_at: datetime | None
    schedule: LiveSchedule | Missing


@dataclass(frozen=True, slots=True)
class _List:
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
        if not work or self._timetables is None or len(unread) <= _FEW:
            return unread
        if not known.timetables:
            for group in sorted({job.partition("/")[0] for job in unread}):
                known.timetables.update(self._timetables(f"{group}/{prefix}"))
        return [job for job in unread if _may_do(work, known.timetables.get(job), known.changed_at[job])]

    def _listed(self, prefix: str) -> Sequence["ScheduleSummaryTypeDef"]:
        wanted: dict[str, Any] = {"NamePrefix": prefix} if prefix else {}
        with our_errors(f"list the schedules named {prefix}…"):
            pages = self._client.get_paginator("list_schedules").paginate(
                **wanted, PaginationConfig={"PageSize": _PAGE}
            )
            return [each for page in pages for each in page["Schedules"]]

    def get(self, job: str) -> LiveSchedule | Missing:
        return self._read(job).schedule

    def _read(self, job: str) -> _Version:
        group, _, name = job.partition("/")
        try:
            with our_errors(f"get the schedule {job}"):
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
    is_current = timetable is not None and changed_at is not None and timetable.version == version_of(changed_at)
    target = timetable.target if timetable and is_current else None
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
    )


class SchedulerSwitches:
    permissions = ("scheduler:GetSchedule", "scheduler:UpdateSchedule", "iam:PassRole")

    def __init__(
        self,
        client: "EventBridgeSchedulerClient | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client or session().client("scheduler", config=CONFIG)
        self._clock = clock
        self._body = b"{}"
        self._client.meta.events.register("after-call.scheduler.GetSchedule", self._keep_body)

    def hold(self, job: str, mark: str) -> None:
        with our_errors(f"disable the schedule {job}"):
            now = self._read(job)
            if now.get("State") != "DISABLED":
                accepted = without_past_start(now, self._clock())
                self._switch(job, now, accepted, "DISABLED", marked(now.get("Description") or "", mark))

    def release(self, job: str, mark: str) -> bool:
        with our_errors(f"enable the schedule {job}"):
            now = self._read(job)
            description = now.get("Description") or ""
            if mark not in description:
                return False
            if mark or now.get("State") != "ENABLED":
                self._switch(job, now, with_next_start(now, self._clock()), "ENABLED", unmarked(description, mark))
        return True

    def move(self, job: str, before: str, after: str) -> bool:
        with our_errors(f"move the schedule {job}"):
            now = self._read(job)
            if _task_definition(now) != before:
                return False
            parameters = {**now["Target"]["EcsParameters"], "TaskDefinitionArn": after}
            target = {**now["Target"], "EcsParameters": parameters}
            self._write(job, now, {**with_next_start(now, self._clock()), "Target": target})
            if (found := _task_definition(self._read(job))) != after:
                raise Retryable(f"the schedule {job} names {found} after it was moved to {after}")
        return True

    def _read(self, job: str) -> dict[str, Any]:
        group, _, name = job.partition("/")
        return dict(self._client.get_schedule(GroupName=group, Name=name))

    def _switch(self, job: str, now: dict[str, Any], accepted: dict[str, Any], state: str, description: str) -> None:
        kept = {field: value for field, value in accepted.items() if field != "Description"}
        described = {"Description": description} if description else {}
        self._write(job, now, {**kept, **described, "State": state})
        after = self._read(job)["State"]
        if after != state:
            raise Retryable(f"the schedule {job} is {after} after it was set to {state}: another change came later")

    def _write(self, job: str, now: dict[str, Any], changed: dict[str, Any]) -> None:
        """UpdateSchedule resets fields that are left out, so all fields from GetSchedule are sent back.

        But for a start date that has passed, which AWS refuses: ``changed`` has none, or a rate's next one.
        Raises Permanent before it writes a schedule with a field that this version of boto3 would leave out.
        """
        if lost := sorted(_missing(json.loads(self._body), now)):
            raise Permanent(f"{job} is left as it is: this version can't write back its {', '.join(lost)}")
        self._client.update_schedule(**{field: changed[field] for field in self._fields() if field in changed})

    def _keep_body(self, http_response: Any, **_: Any) -> None:
        """The answer before boto3 drops the fields that it doesn't know."""
        self._body = http_response.content if http_response.raw else b"{}"

    def _fields(self) -> Sequence[str]:
        """The fields of UpdateSchedule in boto3's own model, so that a field added there is kept, too."""
        shape = self._client.meta.service_model.operation_model("UpdateSchedule").input_shape
        return [field for field in shape.members if field != "ClientToken"] if shape else []


def _task_definition(schedule: Mapping[str, Any]) -> str:
    return str(schedule["Target"].get("EcsParameters", {}).get("TaskDefinitionArn", ""))


def _missing(raw: Any, parsed: Any, path: str = "") -> Iterator[str]:
    """The paths of the fields of ``raw`` that ``parsed`` lacks."""
    if isinstance(raw, dict) and isinstance(parsed, dict):
        for name, inner in raw.items():
            here = f"{path}.{name}" if path else name
            if name not in parsed and inner is not None:
                yield here
            yield from _missing(inner, parsed.get(name), here)
    elif isinstance(raw, list) and isinstance(parsed, list):
        for one, other in zip(raw, parsed, strict=True):
            yield from _missing(one, other, path)
