"""EventBridge rules: botocore's shapes, moto's rules, and the runs that belong to each."""

import json
from typing import Any

import boto3
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cronmend.adapters.event_rules import AllSchedules, EventRules
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.jobs.identity import identify, name_prefix
from cronmend.jobs.run_task_request import from_rule, run_request
from cronmend.model import ContainerOverride, LiveSchedule, Missing
from tests.samples import CLUSTER, COMMAND, stopped

PARAMETERS: Any = {
    "TaskDefinitionArn": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2",
    "TaskCount": 1,
    "LaunchType": "FARGATE",
    "NetworkConfiguration": {
        "awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
    },
    "PlatformVersion": "1.4.0",
    "Group": "jobs",
    "CapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    "EnableECSManagedTags": True,
    "EnableExecuteCommand": False,
    "PlacementConstraints": [{"type": "memberOf", "expression": "e"}],
    "PlacementStrategy": [{"type": "spread", "field": "f"}],
    "PropagateTags": "TASK_DEFINITION",
    "ReferenceId": "r",
    "Tags": [{"Key": "team", "Value": "web"}],
}
SHORT: Any = {key: PARAMETERS[key] for key in ("TaskDefinitionArn", "TaskCount", "LaunchType", "NetworkConfiguration")}
OVERRIDES = (ContainerOverride("web", COMMAND),)
ROLE = "arn:aws:iam::111122223333:role/events"
INPUT = json.dumps({"containerOverrides": [{"name": "web", "command": list(COMMAND)}]})


def shape(service: str, name: str) -> Any:
    return ServiceModel(Loader().load_service_model(service, "service-2")).shape_for(name)


def test_every_parameter_that_a_rules_target_has_is_translated() -> None:
    assert set(shape("events", "EcsParameters").members) == set(PARAMETERS)
    request = run_request(CLUSTER, from_rule(PARAMETERS), "", {})
    known = shape("ecs", "RunTaskRequest").members
    assert set(request) <= set(known)
    assert request["tags"] == [{"key": "team", "value": "web"}]
    assert set(request["tags"][0]) == set(known["tags"].member.members)
    assert set(request["capacityProviderStrategy"][0]) == set(known["capacityProviderStrategy"].member.members)


def rule(name: str, *targets: dict[str, Any], expression: str = "cron(0 3 * * ? *)") -> None:
    client = boto3.client("events")
    client.put_rule(Name=name, ScheduleExpression=expression)
    entries: Any = [
        {"Id": str(n), "Arn": CLUSTER, "RoleArn": ROLE, "EcsParameters": SHORT, "Input": INPUT, **each}
        for n, each in enumerate(targets)
    ]
    client.put_targets(Rule=name, Targets=entries)


def sources() -> AllSchedules:
    return AllSchedules(SchedulerSchedules(), EventRules())


def test_a_run_of_a_rule_is_its_targets_job(aws: None) -> None:
    rule("nightly", {})
    rule("nightly-other", {})
    run = stopped(started_by="events-rule/nightly", overrides=OVERRIDES)
    who = identify(run, sources().named(name_prefix(run), run.cluster_arn))
    assert (who.job, who.certain) == ("events-rule/nightly", True)
    live = sources().get(who.job)
    assert isinstance(live, LiveSchedule)
    assert (live.expression, live.timezone, live.enabled) == ("cron(0 3 * * ? *)", "UTC", True)
    assert live.parameters["TaskDefinitionArn"].endswith("webapp:2")


def test_a_name_that_startedby_has_cut_is_matched_by_its_start(aws: None) -> None:
    long = "production-publish-scheduled-pages"
    rule(long, {})
    run = stopped(started_by=f"events-rule/{long}"[:36], overrides=OVERRIDES)
    assert identify(run, sources().named(name_prefix(run), run.cluster_arn)).job == f"events-rule/{long}"


def test_several_targets_with_the_same_work_are_ambiguous(aws: None) -> None:
    rule("nightly", {}, {})
    run = stopped(started_by="events-rule/nightly", overrides=OVERRIDES)
    who = identify(run, sources().named(name_prefix(run), run.cluster_arn))
    assert not who.certain
    assert "2 schedules match" in who.reason


def test_an_input_that_depends_on_the_event_cannot_be_repeated(aws: None) -> None:
    transformer = {"InputTransformer": {"InputPathsMap": {"x": "$.detail"}, "InputTemplate": "<x>"}}
    client = boto3.client("events")
    client.put_rule(Name="onevent", EventPattern='{"source": ["a"]}')
    target: Any = {"Id": "1", "Arn": CLUSTER, "RoleArn": ROLE, "EcsParameters": SHORT, **transformer}
    client.put_targets(Rule="onevent", Targets=[target])
    run = stopped(started_by="events-rule/onevent", overrides=OVERRIDES)
    who = identify(run, sources().named(name_prefix(run), CLUSTER))
    assert (who.certain, isinstance(who.schedule, Missing)) == (False, True)
    for answer in (sources().get("events-rule/onevent"), Missing(who.reason)):
        assert isinstance(answer, Missing)
        assert "the target 1 of the rule onevent has an InputTransformer" in answer.reason


def test_a_target_that_can_be_repeated_is_found_beside_one_that_cannot(aws: None) -> None:
    rule("nightly", {}, {"InputPath": "$.detail", "Input": ""})
    run = stopped(started_by="events-rule/nightly", overrides=OVERRIDES)
    assert identify(run, sources().named(name_prefix(run), CLUSTER)).job == "events-rule/nightly/0"


def test_a_rule_of_a_custom_bus_is_named_as_a_reason(aws: None) -> None:
    boto3.client("events").create_event_bus(Name="orders")
    client = boto3.client("events")
    client.put_rule(Name="paid", EventPattern='{"source": ["a"]}', EventBusName="orders")
    run = stopped(started_by="events-rule/paid", overrides=OVERRIDES)
    who = identify(run, sources().named(name_prefix(run), CLUSTER))
    assert not who.certain
    assert "custom event bus" in who.reason


@pytest.mark.parametrize("job", ["events-rule/gone", "default/gone"])
def test_a_deleted_rule_is_missing(aws: None, job: str) -> None:
    assert isinstance(sources().get(job), Missing)


def test_a_disabled_rule_is_a_disabled_schedule(aws: None) -> None:
    rule("nightly", {})
    boto3.client("events").disable_rule(Name="nightly")
    live = sources().get("events-rule/nightly")
    assert isinstance(live, LiveSchedule)
    assert not live.enabled
