"""`terraform show -json`, of a state or of a plan → schedules in the API's shape.

``aws_scheduler_schedule``, and ``aws_cloudwatch_event_rule`` with its ``aws_cloudwatch_event_target``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.jobs.importers.convert import Found
from cronmend.errors import Permanent

type Values = Mapping[str, Any]

_ECS = {
    "task_definition_arn": "TaskDefinitionArn",
    "task_count": "TaskCount",
    "launch_type": "LaunchType",
    "platform_version": "PlatformVersion",
    "group": "Group",
    "propagate_tags": "PropagateTags",
    "enable_ecs_managed_tags": "EnableECSManagedTags",
    "enable_execute_command": "EnableExecuteCommand",
    "reference_id": "ReferenceId",
    "tags": "Tags",
    "placement_constraints": "PlacementConstraints",
    "placement_constraint": "PlacementConstraints",
    "placement_strategy": "PlacementStrategy",
    "ordered_placement_strategy": "PlacementStrategy",
}
_PROVIDER = {"capacity_provider": "capacityProvider", "weight": "weight", "base": "base"}


def found(document: Mapping[str, Any]) -> Iterator[Found]:
    """The schedules with an ECS target.

    Raises:
        Permanent: not a state or a plan.
    """
    root = (document.get("planned_values") or document.get("values") or {}).get("root_module")
    if root is None:
        raise Permanent(
            "The file is not a Terraform state or plan. Write it with `terraform show -json [PLAN] > FILE`."
        )
    resources = list(_resources(root))
    for _, values in _of_type(resources, "aws_scheduler_schedule"):
        if _first(values, "target").get("ecs_parameters"):
            yield _schedule(values)
    targets = [values for _, values in _of_type(resources, "aws_cloudwatch_event_target") if values.get("ecs_target")]
    for _, rule in _of_type(resources, "aws_cloudwatch_event_rule"):
        for target in targets:
            if rule.get("schedule_expression") and target.get("rule") == rule.get("name"):
                yield _rule(rule, target)


def skipped(document: Mapping[str, Any]) -> Iterator[str]:
    """A note for each schedule that doesn't start a task."""
    root = (document.get("planned_values") or document.get("values") or {}).get("root_module") or {}
    for address, values in _of_type(list(_resources(root)), "aws_scheduler_schedule"):
        if not _first(values, "target").get("ecs_parameters"):
            yield f"{address}: its target isn't an ECS task"


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources") or []
    for child in module.get("child_modules") or []:
        yield from _resources(child)


def _of_type(resources: list[Mapping[str, Any]], kind: str) -> Iterator[tuple[str, Values]]:
    for resource in resources:
        if resource.get("type") == kind and resource.get("mode", "managed") == "managed":
            yield str(resource.get("address", kind)), resource.get("values") or {}


def _first(values: Values, block: str) -> Values:
    """Terraform stores a block that may occur once as a list of one."""
    blocks = values.get(block) or [{}]
    return blocks[0] or {}


def _schedule(values: Values) -> Found:
    target, window = _first(values, "target"), _first(values, "flexible_time_window")
    return {
        "Name": values.get("name") or values.get("name_prefix") or "unnamed",
        "Arn": values.get("arn"),
        "GroupName": values.get("group_name"),
        "Description": values.get("description"),
        "ScheduleExpression": values.get("schedule_expression"),
        "ScheduleExpressionTimezone": values.get("schedule_expression_timezone"),
        "StartDate": values.get("start_date"),
        "EndDate": values.get("end_date"),
        "State": values.get("state") or "ENABLED",
        "FlexibleTimeWindow": {"MaximumWindowInMinutes": window.get("maximum_window_in_minutes")},
        "Target": _target(target, _first(target, "ecs_parameters")),
    }


def _rule(rule: Values, target: Values) -> Found:
    disabled = rule.get("state") == "DISABLED" or rule.get("is_enabled") is False
    return {
        "Name": rule.get("name") or "unnamed",
        "Arn": rule.get("arn"),
        "Description": rule.get("description"),
        "ScheduleExpression": rule.get("schedule_expression"),
        "State": "DISABLED" if disabled else "ENABLED",
        "Target": _target(target, _first(target, "ecs_target")),
    }


def _target(target: Values, ecs: Values) -> Found:
    network = _first(ecs, "network_configuration")
    policy = _first(target, "retry_policy")
    retries = {
        "MaximumRetryAttempts": policy.get("maximum_retry_attempts"),
        "MaximumEventAgeInSeconds": policy.get("maximum_event_age_in_seconds"),
    }
    parameters = {theirs: ecs[ours] for ours, theirs in _ECS.items() if ecs.get(ours)}
    parameters["CapacityProviderStrategy"] = [
        {theirs: each[ours] for ours, theirs in _PROVIDER.items() if each.get(ours) is not None}
        for each in ecs.get("capacity_provider_strategy") or []
    ]
    if network:
        parameters["NetworkConfiguration"] = {
            "awsvpcConfiguration": {
                "Subnets": sorted(network.get("subnets") or []),
                "SecurityGroups": sorted(network.get("security_groups") or []),
                "AssignPublicIp": "ENABLED" if network.get("assign_public_ip") else "DISABLED",
            }
        }
    return {
        "Arn": target.get("arn"),
        "Input": target.get("input"),
        "EcsParameters": parameters,
        "RetryPolicy": {key: number for key, number in retries.items() if number is not None},
    }
