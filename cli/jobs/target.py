"""A job → its EventBridge Scheduler schedule, with the API's keys.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html, which mixes upper and lower case.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cli.jobs.job import Job, Provider, override

type Arn = Callable[[str, str], Any]
"""Service and path → the ARN in this account, as a template function or as text."""


def schedule(job: Job, role: Any, queue: Any, arn: Arn) -> dict[str, Any]:
    """Every field of the schedule except its name and group: UpdateSchedule resets fields that are left out."""
    target = {
        "Arn": cluster_arn(job, arn),
        "RoleArn": role,
        "Input": override(job),
        "EcsParameters": ecs_parameters(job, arn),
        "RetryPolicy": {
            "MaximumRetryAttempts": job.retry_attempts,
            "MaximumEventAgeInSeconds": int(job.max_event_age.total_seconds()),
        },
        "DeadLetterConfig": {"Arn": queue},
    }
    return {
        **({"Description": job.description} if job.description else {}),
        "ScheduleExpression": job.schedule,
        "ScheduleExpressionTimezone": job.timezone,
        **({"StartDate": as_utc(job.start)} if job.start else {}),
        **({"EndDate": as_utc(job.end)} if job.end else {}),
        "FlexibleTimeWindow": _window(job),
        "State": "ENABLED" if job.enabled else "DISABLED",
        "Target": target,
    }


def cluster_arn(job: Job, arn: Arn) -> Any:
    return job.cluster if job.cluster.startswith("arn:") else arn("ecs", f"cluster/{job.cluster}")


def task_definition_arn(job: Job, arn: Arn) -> Any:
    reference = job.task_definition
    return reference if reference.startswith("arn:") else arn("ecs", f"task-definition/{reference}")


def ecs_parameters(job: Job, arn: Arn) -> dict[str, Any]:
    parameters = {
        "TaskDefinitionArn": task_definition_arn(job, arn),
        "TaskCount": job.task_count,
        "LaunchType": job.launch_type,
        "CapacityProviderStrategy": [_provider(each) for each in job.capacity_providers],
        "PlatformVersion": job.platform_version,
        "NetworkConfiguration": _network(job),
        "Group": job.task_group,
        "PropagateTags": "TASK_DEFINITION" if job.propagate_tags else "",
        "EnableECSManagedTags": job.managed_tags,
        "EnableExecuteCommand": job.execute_command,
    }
    return {name: value for name, value in parameters.items() if value}


def _network(job: Job) -> dict[str, Any]:
    if not job.subnets:
        return {}
    addresses = {"AssignPublicIp": "ENABLED" if job.assign_public_ip else "DISABLED", "Subnets": list(job.subnets)}
    groups = {"SecurityGroups": list(job.security_groups)} if job.security_groups else {}
    return {"AwsvpcConfiguration": addresses | groups}


def _provider(provider: Provider) -> dict[str, Any]:
    raw = {"CapacityProvider": provider.name, "Weight": provider.weight, "Base": provider.base}
    return {name: value for name, value in raw.items() if value is not None}


def _window(job: Job) -> dict[str, Any]:
    if not job.flexible_window:
        return {"Mode": "OFF"}
    return {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": int(job.flexible_window.total_seconds()) // 60}


def as_utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
