"""A read that AWS denies is logged and counted with its action, and not repeated: nothing may be taken for absent."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from cronmend.adapters.ecs import EcsRunningTasks
from cronmend.adapters.event_rules import EventRules
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.errors import Denied
from cronmend.model import LogPlace, Missing
from tests.adapters.test_ecs_services import assert_told
from tests.samples import CLUSTER

PLACE = LogPlace("/ecs/app-prod", "web/web/a1", "eu-west-2")
RULE = {"Rules": [{"Name": "nightly"}]}
TASKS = {"taskArns": ["a1"]}
type Ask = Callable[[Any], object]

READS: Mapping[str, tuple[Mapping[str, Any], Ask]] = {
    "scheduler:ListSchedules": ({}, lambda client: SchedulerSchedules(client).named("a", CLUSTER)),
    "scheduler:GetSchedule": ({}, lambda client: SchedulerSchedules(client).get("default/a")),
    "events:ListRules": ({}, lambda client: EventRules(client).named("a", CLUSTER)),
    "events:DescribeRule": ({}, lambda client: EventRules(client).get("events-rule/a")),
    "events:ListTargetsByRule": ({"list_rules": RULE}, lambda client: EventRules(client).named("a", CLUSTER)),
    "ecs:ListTasks": ({}, lambda client: EcsRunningTasks(client).active(CLUSTER, "webapp")),
    "ecs:DescribeTasks": ({"list_tasks": TASKS}, lambda client: EcsLiveTasks(client).alive(CLUSTER)),
    "logs:GetLogEvents": ({}, lambda client: CloudWatchLogs(lambda _: client).last_event_at(PLACE)),
}
"""What the client answers before, and the read."""


@pytest.mark.parametrize("action", READS)
def test_a_denied_read_is_logged_and_counted(
    action: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    service, _, operation = action.partition(":")
    before, ask = READS[action]
    client: Any = boto3.client(service, region_name="eu-west-2")  # type: ignore[call-overload] # any of them
    with Stubber(client) as stub:
        for name, answer in before.items():
            stub.add_response(name, answer)
        stub.add_client_error(xform_name(operation), "AccessDeniedException")
        with suppress(Denied):
            assert isinstance(ask(client), Missing)
    assert_told(action, caplog, capsys)


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException"])
def test_a_log_that_may_not_be_read_is_not_waited_for(code: str) -> None:
    """Only one that doesn't exist yet, or is empty, may come late."""
    slept: list[float] = []
    client = boto3.client("logs", region_name="eu-west-2")
    with Stubber(client) as stub:
        stub.add_client_error("get_log_events", code, "no")
        found = CloudWatchLogs(lambda _: client, sleep=slept.append).tail(PLACE)
    assert found == Missing(f"couldn't read log stream web/web/a1 in /ecs/app-prod: {code}: no")
    assert slept == []
