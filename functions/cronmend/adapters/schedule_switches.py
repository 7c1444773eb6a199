"""Write schedules of EventBridge Scheduler: disable one, enable it, have it start another task definition."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import Permanent, Retryable
from cronmend.jobs.start_dates import with_next_start, without_past_start

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient


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
