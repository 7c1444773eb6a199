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
from cronmend.model import LiveSchedule, Missing

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_scheduler.type_defs import GetScheduleOutputTypeDef, ScheduleSummaryTypeDef

LIST_AGE = timedelta(minutes=1)
"""How long a list is reused: ListSchedules allows 50 calls per second.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html"""
_LISTS_KEPT = 50
_PAGE = 100
"""The most that ListSchedules accepts."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A schedule as it was since its last change; None for that if AWS didn't say when it was."""

    changed_at: datetime | None
    schedule: LiveSchedule | Missing


@dataclass(frozen=True, slots=True)
class _Listed:
    read_at: datetime
    versions: Mapping[str, _Version]
    """By job."""

    def schedules(self) -> Sequence[LiveSchedule]:
        found = (each.schedule for each in self.versions.values())
        return tuple(each for each in found if isinstance(each, LiveSchedule))


class SchedulerSchedules:
    permissions = ("scheduler:ListSchedules", "scheduler:GetSchedule")

    def __init__(
        self,
        client: "EventBridgeSchedulerClient | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client or session().client("scheduler", config=CONFIG)
        self._clock = clock
        self._lists: dict[tuple[str, str], _Listed] = {}

    def named(self, prefix: str, cluster_arn: str, since: datetime | None = None) -> Sequence[LiveSchedule] | Missing:
        """ListSchedules returns no target's details, so each schedule that has changed needs a GetSchedule."""
        key, now = (prefix, cluster_arn), self._clock()
        known = self._lists.pop(key, None) or _Listed(datetime.min.replace(tzinfo=UTC), {})
        if since is None or known.read_at < max(since, now - LIST_AGE):
            try:
                summaries = self._listed(prefix)
                ours = [each for each in summaries if each["Target"]["Arn"] == cluster_arn]
                known = _Listed(now, {_job(each): self._version(each, known) for each in ours})
            except Permanent as error:
                return Missing(str(error))
        self._lists[key] = known
        if len(self._lists) > _LISTS_KEPT:
            del self._lists[next(iter(self._lists))]
        return known.schedules()

    def _listed(self, prefix: str) -> Sequence["ScheduleSummaryTypeDef"]:
        wanted: dict[str, Any] = {"NamePrefix": prefix} if prefix else {}
        with our_errors(f"list the schedules named {prefix}…"):
            pages = self._client.get_paginator("list_schedules").paginate(
                **wanted, PaginationConfig={"PageSize": _PAGE}
            )
            return [each for page in pages for each in page["Schedules"]]

    def _version(self, summary: "ScheduleSummaryTypeDef", known: _Listed) -> _Version:
        """The known one if the schedule hasn't changed since."""
        job, changed_at = _job(summary), summary.get("LastModificationDate")
        version = known.versions.get(job)
        if version and changed_at and version.changed_at == changed_at:
            return version
        return self._read(job)

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
