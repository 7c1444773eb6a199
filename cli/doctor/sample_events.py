"""An event for each of the stack's rules that watches something, for TestEventPattern."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.on_call.stack import Stack
from cronmend.jobs.identity import SCHEDULER


def samples(stack: Stack) -> Mapping[str, str]:
    """By the rule's name in the template."""
    cluster = stack.cluster_names[0]
    return {
        "RunStopped": json.dumps(stopped(stack, cluster)),
        "RunTaskAnswered": json.dumps(_answered(stack, cluster)),
        "DeployStateFunctionServiceDeployed": json.dumps(_deployed(stack, cluster)),
        "DeployStateFunctionMarked": json.dumps(_marked(stack)),
        "DeployStateFunctionOneOffTask": json.dumps(_one_off(stack, cluster)),
        "FailureAlertFunctionAlarmChanged": json.dumps(_alarm(stack)),
    }


def stopped(stack: Stack, cluster: str, **detail: Any) -> dict[str, Any]:
    """A run of a schedule that stopped before its container had started."""
    arn = stack.arn("ecs", "task", f"{cluster}/cronmend-doctor")
    at = datetime.now(UTC).isoformat()
    found = {
        "taskArn": arn,
        "clusterArn": stack.arn("ecs", "cluster", cluster),
        "taskDefinitionArn": stack.arn("ecs", "task-definition", "cronmend-doctor:1"),
        "startedBy": f"{SCHEDULER}cronmend-doctor",
        "group": "family:cronmend-doctor",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "createdAt": at,
        "stoppedAt": at,
        "stopCode": "TaskFailedToStart",
        "stoppedReason": "Made up by cronmend doctor",
        "version": 1,
        "containers": [],
        "overrides": {"containerOverrides": []},
    }
    return _event(stack, "aws.ecs", "ECS Task State Change", [arn], {**found, **detail})


def _answered(stack: Stack, cluster: str) -> dict[str, Any]:
    request = {"cluster": stack.arn("ecs", "cluster", cluster), "startedBy": f"{SCHEDULER}cronmend-doctor"}
    answer = {"tasks": [], "failures": [{"reason": "Made up by cronmend doctor"}]}
    call = {"eventSource": "ecs.amazonaws.com", "eventName": "RunTask"}
    detail = {**call, "requestParameters": request, "responseElements": answer}
    return _event(stack, "aws.ecs", "AWS API Call via CloudTrail", [], detail)


def _deployed(stack: Stack, cluster: str) -> dict[str, Any]:
    arn = stack.arn("ecs", "service", f"{cluster}/cronmend-doctor")
    detail = {"eventName": "SERVICE_DEPLOYMENT_COMPLETED", "deploymentId": "ecs-svc/1"}
    return _event(stack, "aws.ecs", "ECS Deployment State Change", [arn], detail)


def _marked(stack: Stack) -> dict[str, Any]:
    return _event(stack, "cronmend.deploy", "started", [], {"family": "cronmend-doctor"})


def _one_off(stack: Stack, cluster: str) -> dict[str, Any]:
    return stopped(stack, cluster, startedBy="cronmend-doctor")


def _alarm(stack: Stack) -> dict[str, Any]:
    detail = {"alarmName": f"{stack.name}-RerunErrorsAlarm-1", "state": {"value": "ALARM"}}
    return _event(stack, "aws.cloudwatch", "CloudWatch Alarm State Change", [], detail)


def _event(stack: Stack, source: str, kind: str, resources: list[str], detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": kind,
        "source": source,
        "account": stack.account,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": stack.region_name,
        "resources": resources,
        "detail": detail,
    }
