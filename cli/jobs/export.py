"""The jobs for Terraform: schedules, one role each, the group, the dead-letter queue and its alarm."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cli.jobs import target, template
from cli.jobs.hcl import hcl
from cli.jobs.job import Job

_ACCOUNT = "${data.aws_caller_identity.current.account_id}"
_REGION = "${data.aws_region.current.id}"
_PARTITION = "${data.aws_partition.current.partition}"
_QUEUE = "${aws_sqs_queue.jobs_dead_letters.arn}"
_INTERPOLATION = ("${", "%{")


def terraform_json(jobs: Iterable[Job], group: str) -> str:
    """The content of a ``.tf.json``."""
    return json.dumps(document(jobs, group, "--terraform"), indent=2, ensure_ascii=False) + "\n"


def terraform_hcl(jobs: Iterable[Job], group: str) -> str:
    """The content of a ``.tf``."""
    return hcl(document(jobs, group, "--hcl"))


def document(jobs: Iterable[Job], group: str, option: str) -> dict[str, Any]:
    """In Terraform's JSON form.

    Args:
        option: the one that asked for it.
    """
    managed = [job for job in jobs if job.managed]
    resources: dict[str, Any] = (
        {} if group == "default" else {"aws_scheduler_schedule_group": {"jobs": {"name": group}}}
    )
    resources["aws_sqs_queue"] = {
        "jobs_dead_letters": {
            "name": f"{group.replace('.', '-')}-dead-letters",
            "message_retention_seconds": 14 * 24 * 3600,
            "sqs_managed_sse_enabled": True,
        }
    }
    resources["aws_iam_role"] = {_label(job): _role(job, group) for job in managed}
    resources["aws_iam_role_policy"] = {_label(job): _policy(job) for job in managed}
    resources["aws_scheduler_schedule"] = {_label(job): _schedule(job, group) for job in managed}
    resources["aws_cloudwatch_metric_alarm"] = {"jobs_dead_letters": _alarm()}
    return {
        "//": f"Written by `cronmend jobs export {option}` from jobs.toml",
        "variable": {
            "alarm_actions": {
                "description": "ARNs that are notified if a schedule could not start its task, such as an SNS topic",
                "type": "list(string)",
                "default": [],
            }
        },
        "data": {
            "aws_caller_identity": {"current": {}},
            "aws_partition": {"current": {}},
            "aws_region": {"current": {}},
        },
        "resource": resources,
    }


def _alarm() -> dict[str, Any]:
    """EventBridge Scheduler puts a start that it gave up into the queue."""
    return {
        "alarm_name": "${aws_sqs_queue.jobs_dead_letters.name}",
        "alarm_description": "A schedule could not start its task: the message in the queue says why",
        "namespace": "AWS/SQS",
        "metric_name": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": "${aws_sqs_queue.jobs_dead_letters.name}"},
        "statistic": "Maximum",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
        "period": 300,
        "evaluation_periods": 1,
        "treat_missing_data": "notBreaching",
        "alarm_actions": "${var.alarm_actions}",
    }


def _label(job: Job) -> str:
    """A resource's name in Terraform can't start with a digit."""
    name = template.logical_id(job.name)
    return f"Job{name}" if name[0].isdigit() else name


def _arn(service: str, path: str) -> str:
    region = "" if service == "iam" else _REGION
    return f"arn:{_PARTITION}:{service}:{region}:{_ACCOUNT}:{path}"


def _role(job: Job, group: str) -> dict[str, Any]:
    trust = template.trust(group, _arn)
    trust["Condition"]["StringEquals"]["aws:SourceAccount"] = _ACCOUNT
    return {
        "name_prefix": f"{job.name[:37]}-",
        "description": f"Lets the schedule {job.name} start its task and nothing else",
        "assume_role_policy": _document([trust]),
    }


def _policy(job: Job) -> dict[str, Any]:
    return {
        "name": "start-the-job",
        "role": f"${{aws_iam_role.{_label(job)}.id}}",
        "policy": _document(template.statements(job, _QUEUE, _arn)),
    }


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _schedule(job: Job, group: str) -> dict[str, Any]:
    api = target.schedule(job, f"${{aws_iam_role.{_label(job)}.arn}}", _QUEUE, _arn)
    window = api["FlexibleTimeWindow"]
    minutes = window.get("MaximumWindowInMinutes")
    values = {
        "name": job.name,
        "group_name": group if group == "default" else "${aws_scheduler_schedule_group.jobs.name}",
        "description": _literal(job.description),
        "schedule_expression": api["ScheduleExpression"],
        "schedule_expression_timezone": api["ScheduleExpressionTimezone"],
        "start_date": api.get("StartDate"),
        "end_date": api.get("EndDate"),
        "state": api["State"],
        "flexible_time_window": {"mode": window["Mode"]} | ({"maximum_window_in_minutes": minutes} if minutes else {}),
        "target": _target(api["Target"]),
    }
    return {key: value for key, value in values.items() if value}


def _target(api: Mapping[str, Any]) -> dict[str, Any]:
    retries = api["RetryPolicy"]
    return {
        "arn": api["Arn"],
        "role_arn": api["RoleArn"],
        "input": _literal(api["Input"]),
        "ecs_parameters": _ecs(api["EcsParameters"]),
        "retry_policy": {
            "maximum_event_age_in_seconds": retries["MaximumEventAgeInSeconds"],
            "maximum_retry_attempts": retries["MaximumRetryAttempts"],
        },
        "dead_letter_config": {"arn": api["DeadLetterConfig"]["Arn"]},
    }


def _ecs(api: Mapping[str, Any]) -> dict[str, Any]:
    network = (api.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration") or {}
    values = {
        "task_definition_arn": api["TaskDefinitionArn"],
        "task_count": api.get("TaskCount"),
        "launch_type": api.get("LaunchType"),
        "platform_version": api.get("PlatformVersion"),
        "group": api.get("Group"),
        "propagate_tags": api.get("PropagateTags"),
        "enable_ecs_managed_tags": api.get("EnableECSManagedTags"),
        "enable_execute_command": api.get("EnableExecuteCommand"),
        "capacity_provider_strategy": [_provider(each) for each in api.get("CapacityProviderStrategy") or []],
        "network_configuration": network
        and {
            "subnets": network["Subnets"],
            "security_groups": network.get("SecurityGroups", []),
            "assign_public_ip": network["AssignPublicIp"] == "ENABLED",
        },
    }
    return {key: value for key, value in values.items() if value}


def _provider(each: Mapping[str, Any]) -> dict[str, Any]:
    names = {"CapacityProvider": "capacity_provider", "Weight": "weight", "Base": "base"}
    return {names[key]: value for key, value in each.items()}


def _literal(text: str) -> str:
    """Escape ``${`` and ``%{``, which Terraform would interpolate."""
    for sign in _INTERPOLATION:
        text = text.replace(sign, sign[0] + sign)
    return text
