"""Schedules of EventBridge Scheduler: read them, enable and disable them."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import NotFound, Permanent, Retryable
from cronmend.model import LiveSchedule, Missing

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_scheduler.type_defs import GetScheduleOutputTypeDef


class SchedulerSchedules:
    permissions = ("scheduler:ListSchedules", "scheduler:GetSchedule")

    def __init__(self, client: "EventBridgeSchedulerClient | None" = None) -> None:
        self._client = client or session().client("scheduler", config=CONFIG)

    def named(self, prefix: str) -> Sequence[LiveSchedule] | Missing:
        """ListSchedules returns names only, so each schedule needs a GetSchedule."""
        wanted: dict[str, Any] = {"NamePrefix": prefix} if prefix else {}
        try:
            with our_errors(f"list the schedules named {prefix}…"):
                pages = self._client.get_paginator("list_schedules").paginate(**wanted)
                names = [(each["GroupName"], each["Name"]) for page in pages for each in page["Schedules"]]
        except Permanent as error:
            return Missing(str(error))
        found = (self.get(f"{group}/{name}") for group, name in names)
        return tuple(each for each in found if isinstance(each, LiveSchedule))

    def get(self, job: str) -> LiveSchedule | Missing:
        group, _, name = job.partition("/")
        try:
            with our_errors(f"get the schedule {job}"):
                return live_schedule(job, self._client.get_schedule(GroupName=group, Name=name))
        except NotFound:
            return Missing(f"the schedule {job} doesn't exist")
        except Permanent as error:
            return Missing(str(error))


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
    )


class SchedulerSwitches:
    permissions = ("scheduler:GetSchedule", "scheduler:UpdateSchedule", "iam:PassRole")

    def __init__(self, client: "EventBridgeSchedulerClient | None" = None) -> None:
        self._client = client or session().client("scheduler", config=CONFIG)
        self._body = b"{}"
        self._client.meta.events.register("after-call.scheduler.GetSchedule", self._keep_body)

    def hold(self, job: str, mark: str) -> None:
        with our_errors(f"disable the schedule {job}"):
            now = self._read(job)
            if now.get("State") != "DISABLED":
                self._write(job, now, "DISABLED", marked(now.get("Description") or "", mark))

    def release(self, job: str, mark: str) -> bool:
        with our_errors(f"enable the schedule {job}"):
            now = self._read(job)
            description = now.get("Description") or ""
            if mark not in description:
                return False
            if mark or now.get("State") != "ENABLED":
                self._write(job, now, "ENABLED", unmarked(description, mark))
        return True

    def _read(self, job: str) -> dict[str, Any]:
        group, _, name = job.partition("/")
        return dict(self._client.get_schedule(GroupName=group, Name=name))

    def _write(self, job: str, now: dict[str, Any], state: str, description: str) -> None:
        """UpdateSchedule resets fields that are left out, so all fields from GetSchedule are sent back.

        Raises Permanent before it writes a schedule with a field that this version of boto3 would leave out.
        """
        if lost := sorted(_missing(json.loads(self._body), now)):
            raise Permanent(f"{job} is left as it is: this version can't write back its {', '.join(lost)}")
        kept = {field: now[field] for field in self._fields() if field in now and field != "Description"}
        described = {"Description": description} if description else {}
        self._client.update_schedule(**{**kept, **described, "State": state})
        after = self._read(job)["State"]
        if after != state:
            raise Retryable(f"the schedule {job} is {after} after it was set to {state}: another change came later")

    def _keep_body(self, http_response: Any, **_: Any) -> None:
        """The answer before boto3 drops the fields that it doesn't know."""
        self._body = http_response.content if http_response.raw else b"{}"

    def _fields(self) -> Sequence[str]:
        """The fields of UpdateSchedule in boto3's own model, so that a field added there is kept, too."""
        shape = self._client.meta.service_model.operation_model("UpdateSchedule").input_shape
        return [field for field in shape.members if field != "ClientToken"] if shape else []


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
