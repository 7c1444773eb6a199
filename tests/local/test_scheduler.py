"""The local scheduler starts ECS targets once at each slot, with EventBridge Scheduler's request."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.fargate.errors import EcsError
from local.schedule_target import run_task_request, started_by
from local.scheduler import LocalScheduler

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
QUEUE = "arn:aws:sqs:eu-west-2:111122223333:starts-failed"
CLUSTER_ARN = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"


def schedule(expression: str, name: str = "publish-scheduled-pages", **changes: Any) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:scheduler:eu-west-2:111122223333:schedule/cronmend-jobs/{name}",
        "GroupName": "cronmend-jobs",
        "Name": name,
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "CreationDate": NOON - timedelta(minutes=7),
        "Target": {
            "Arn": CLUSTER_ARN,
            "Input": '{"containerOverrides":[{"name":"web","command":["<aws.scheduler.scheduled-time>"]}]}',
            "EcsParameters": {
                "TaskDefinitionArn": "webapp",
                "TaskCount": 1,
                "LaunchType": "FARGATE",
                "EnableECSManagedTags": True,
                "NetworkConfiguration": {
                    "awsvpcConfiguration": {"Subnets": ["s"], "SecurityGroups": ["g"], "AssignPublicIp": "DISABLED"}
                },
            },
            "DeadLetterConfig": {"Arn": QUEUE},
        },
        **changes,
    }


class _NotFound(Exception):
    pass


@dataclass
class FakeAws:
    """The parts of Scheduler and SQS that the local scheduler uses."""

    schedules: list[dict[str, Any]]
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusal: EcsError | None = None

    class exceptions:  # noqa: N801 - boto3's name
        ResourceNotFoundException = _NotFound

    @property
    def scheduler(self) -> "FakeAws":
        return self

    sqs = scheduler

    def get_paginator(self, _: str) -> "FakeAws":
        return self

    def paginate(self) -> Iterator[Mapping[str, Any]]:
        yield {"Schedules": list(self.schedules)}

    def get_schedule(self, *, GroupName: str, Name: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        for each in self.schedules:
            if (each["GroupName"], each["Name"]) == (GroupName, Name):
                return each
        raise _NotFound

    def delete_schedule(self, *, GroupName: str, Name: str) -> None:  # noqa: N803 - boto3's names
        self.schedules.remove(self.get_schedule(GroupName=GroupName, Name=Name))

    def get_queue_url(self, *, QueueName: str) -> Mapping[str, str]:  # noqa: N803 - boto3's names
        return {"QueueUrl": f"http://localhost/{QueueName}"}

    def send_message(self, **call: Any) -> None:
        self.sent.append(call)

    def run_task(self, request: dict[str, Any]) -> Mapping[str, Any]:
        if self.refusal:
            raise self.refusal
        self.asked.append(request)
        return {"tasks": [{"taskArn": f"task-{len(self.asked)}"}], "failures": []}


def start(*schedules: dict[str, Any], since: datetime = NOON) -> tuple[FakeAws, LocalScheduler]:
    aws: Any = FakeAws(list(schedules))
    return aws, LocalScheduler(aws, aws.run_task, since)


def test_the_request_of_a_slot() -> None:
    assert run_task_request(schedule("cron(0 * * * ? *)"), NOON, "d32c") == {
        "cluster": CLUSTER_ARN,
        "taskDefinition": "webapp",
        "count": 1,
        "launchType": "FARGATE",
        "enableECSManagedTags": True,
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": ["s"], "securityGroups": ["g"], "assignPublicIp": "DISABLED"}
        },
        "overrides": {"containerOverrides": [{"name": "web", "command": ["2026-05-06T12:00:00Z"]}]},
        "startedBy": "chronos-schedule/publish-scheduled-p",
    }


def test_scheduler_accepts_numbers_and_booleans_where_ecs_has_strings() -> None:
    entry = {"name": "web", "command": ["retry", 3, True], "environment": [{"name": "LIMIT", "value": 0}]}
    numbers = schedule("cron(0 * * * ? *)")
    numbers["Target"]["Input"] = json.dumps({"cpu": 1024, "containerOverrides": [entry]})
    overrides = run_task_request(numbers, NOON, "d32c")["overrides"]
    (web,) = overrides["containerOverrides"]
    assert (overrides["cpu"], web["command"], web["environment"][0]["value"]) == ("1024", ["retry", "3", "true"], "0")


@pytest.mark.parametrize("name", ["publish", "gold-coast-data-lake-refresh"])
def test_started_by_is_cut_at_36(name: str) -> None:
    assert started_by(name) == f"chronos-schedule/{name[:19]}"


def test_every_slot_fires_once() -> None:
    aws, scheduler = start(schedule("cron(0 * * * ? *)"))
    assert scheduler.tick(NOON + timedelta(minutes=59)) == []
    (fired,) = scheduler.tick(NOON + timedelta(hours=1))
    assert (fired.job, fired.at, fired.tasks) == (
        "cronmend-jobs/publish-scheduled-pages",
        NOON + timedelta(hours=1),
        ("task-1",),
    )
    assert scheduler.tick(NOON + timedelta(hours=1)) == []
    assert [each.at.hour for each in scheduler.tick(NOON + timedelta(hours=3))] == [14, 15]
    assert len(aws.asked) == 3


def test_time_zone_and_bounds() -> None:
    london = schedule("cron(0 14 * * ? *)", ScheduleExpressionTimezone="Europe/London")
    _, scheduler = start(london, schedule("cron(0 13 * * ? *)", "ended", EndDate=NOON))
    (fired,) = scheduler.tick(NOON + timedelta(hours=2))
    assert fired.at == NOON + timedelta(hours=1)


def test_a_rate_counts_from_its_creation() -> None:
    _, scheduler = start(schedule("rate(5 minutes)"))
    assert [each.at.minute for each in scheduler.tick(NOON + timedelta(minutes=10))] == [3, 8]


@pytest.mark.parametrize(
    "changes", [{"State": "DISABLED"}, {"Target": {"Arn": "arn:aws:lambda:eu-west-2:1:function:f"}}]
)
def test_not_fired(changes: dict[str, Any]) -> None:
    aws, scheduler = start(schedule("rate(1 minute)", **changes))
    assert scheduler.tick(NOON + timedelta(hours=1)) == []
    assert aws.asked == []


def test_a_one_time_schedule_deletes_itself() -> None:
    once = schedule("at(2026-05-06T12:30:00)", ActionAfterCompletion="DELETE")
    aws, scheduler = start(once)
    assert len(scheduler.tick(NOON + timedelta(minutes=30))) == 1
    assert aws.schedules == []
    assert scheduler.tick(NOON + timedelta(hours=1)) == []


def test_a_one_time_schedule_that_the_emulator_deleted_when_due_still_runs() -> None:
    aws, scheduler = start(schedule("at(2026-05-06T12:30:00)", ActionAfterCompletion="DELETE"))
    scheduler.tick(NOON + timedelta(minutes=29))
    aws.schedules.clear()
    assert len(scheduler.tick(NOON + timedelta(minutes=31))) == 1


def test_a_one_time_schedule_that_was_deleted_before_it_was_due_is_not_run() -> None:
    aws, scheduler = start(schedule("at(2026-05-06T12:30:00)"))
    scheduler.tick(NOON + timedelta(minutes=1))
    aws.schedules.clear()
    scheduler.tick(NOON + timedelta(minutes=2))
    assert scheduler.tick(NOON + timedelta(hours=1)) == []


def test_a_start_that_ecs_rejects_goes_to_the_dead_letter_queue() -> None:
    aws, scheduler = start(schedule("cron(0 * * * ? *)"))
    aws.refusal = EcsError("InvalidParameterException", "Override for container named app …")
    (fired,) = scheduler.tick(NOON + timedelta(hours=1))
    assert fired.error == "InvalidParameterException: Override for container named app …"
    (message,) = aws.sent
    values = {name: attribute["StringValue"] for name, attribute in message["MessageAttributes"].items()}
    assert (values["ERROR_CODE"], values["SCHEDULED_TIME"]) == ("InvalidParameterException", "2026-05-06T13:00:00Z")
    assert values["SCHEDULE_ARN"].endswith("/publish-scheduled-pages")
    assert "EXHAUSTED_RETRY_CONDITION" not in values
    assert json.loads(message["MessageBody"])["taskDefinition"] == "webapp"


def test_a_job_is_fired_on_request() -> None:
    aws, scheduler = start(schedule("cron(0 * * * ? *)"))
    assert scheduler.fire("cronmend-jobs", "publish-scheduled-pages", NOON).tasks == ("task-1",)
    aws.schedules[0]["State"] = "DISABLED"
    assert scheduler.fire("cronmend-jobs", "publish-scheduled-pages").error == "the schedule is disabled"


def test_runs_that_are_fired_within_a_second_have_slots_of_their_own() -> None:
    """Runs with equal slots count as tasks of one call, so the success of one wouldn't end the other's incident."""
    _, scheduler = start(schedule("cron(0 12 * * ? *)"))
    fired = [scheduler.fire("cronmend-jobs", "publish-scheduled-pages").at for _ in range(5)]
    assert len({at.replace(microsecond=0) for at in fired}) == len(fired)
