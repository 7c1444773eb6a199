"""`terraform show -json`, of a state or of a plan → schedules in the API's shape.

``aws_scheduler_schedule``, and ``aws_cloudwatch_event_rule`` with its ``aws_cloudwatch_event_target``.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from copy import replace
from typing import Any

from cli.jobs.importers.found import Found, essential
from cli.jobs.importers.rules import schedule_of_rule
from cli.jobs.importers.terraform_document import Document, Resource, Values, first, read
from cronmend.errors import UNREADABLE

_API_NAMES = {
    "enable_ecs_managed_tags": "EnableECSManagedTags",
    "placement_constraint": "PlacementConstraints",
    "ordered_placement_strategy": "PlacementStrategy",
    "ecs_target": "EcsParameters",
    "ecs_parameters": "EcsParameters",
    "network_configuration": "NetworkConfiguration",
    "capacity_provider_strategy": "CapacityProviderStrategy",
    "http_target": "HttpParameters",
    "target_id": "Id",
}
"""Those that aren't the same words in another case."""
_TERRAFORMS_OWN = frozenset({"id", "tags_all", "region", "name_prefix", "timeouts", "force_destroy"})
_PROVIDER = {"capacity_provider": "capacityProvider", "weight": "weight", "base": "base"}
_COMPUTED = frozenset({"id", "arn", "tags_all", "region", "name", "name_prefix", "rule", "target_id"})
_UNTIL_APPLIED = "isn't known until the plan is applied"


def found(document: Mapping[str, Any]) -> Iterator[Found]:
    """
    Raises:
        Permanent: not a state or a plan.
    """
    source = read(document)
    for resource in source.of_type("aws_scheduler_schedule"):
        yield _found(source, resource, _schedule(resource), "target", "ecs_parameters")
    joined = list(_joined(source))
    tasks = Counter(rules[0].address for _, rules in joined if len(rules) == 1)
    for target, rules in joined:
        if len(rules) == 1 and rules[0].values.get("schedule_expression"):
            yield _of_rule(source, target, rules[0], alone=tasks[rules[0].address] == 1)
        else:
            yield Found({"Name": target.address}, target.address, (_unjoined(target, rules),))


def _of_rule(source: Document, target: Resource, rule: Resource, *, alone: bool) -> Found:
    schedule = schedule_of_rule(
        {"Name": _own_name(rule), **_api(rule.values)},
        {**_target(target.values, "ecs_target"), "Id": _target_id(target)},
        alone=alone,
    )
    notes = _until_applied(source, rule)
    joined = _found(source, target, {**schedule, "State": _state(rule)}, "", "ecs_target", notes)
    return replace(joined, of_rule=True, several=not alone, name_known=bool(rule.values.get("name")))


def _target_id(target: Resource) -> str:
    """Terraform makes one up if none is written; then the resource's own name says more."""
    given = str(target.values.get("target_id") or "terraform-")
    key = "" if target.key is None else f"-{target.key}"
    return f"{target.name}{key}" if given.startswith("terraform-") else given


def _joined(source: Document) -> Iterator[tuple[Resource, list[Resource]]]:
    """Each target that starts tasks, with the rules that it may belong to.

    They are joined by name, or in a plan that doesn't know the name by reference.
    """
    named: defaultdict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for rule in source.of_type("aws_cloudwatch_event_rule"):
        if (name := rule.values.get("name")) is not None:
            named[str(name), *_bus(rule)].append(rule)
    for target in source.of_type("aws_cloudwatch_event_target"):
        if not target.values.get("ecs_target"):
            continue
        if (name := target.values.get("rule")) is not None:
            yield target, named.get((str(name), *_bus(target)), [])
        else:
            referred = source.referred(target, "rule", "aws_cloudwatch_event_rule")
            yield target, [referred] if referred else []


def _bus(resource: Resource) -> tuple[str, str]:
    values = resource.values
    return str(values.get("event_bus_name") or "default"), str(values.get("region") or "")


def _unjoined(target: Resource, rules: list[Resource]) -> str:
    name = target.values.get("rule")
    if len(rules) == 1:
        return f"its rule {rules[0].address} has no schedule, so it isn't converted"
    if rules:
        return (
            f"the file has several rules named {name}, so it isn't converted; import one account and region at a time"
        )
    if name is not None:
        return f"its rule {name} isn't in this file, so it isn't converted; import the state that has the rule"
    return f"its rule {_UNTIL_APPLIED}, so it isn't converted; apply the plan and import the state"


def _found(
    source: Document, resource: Resource, schedule: Values, block: str, ecs_block: str, notes: tuple[str, ...] = ()
) -> Found:
    """The schedule with what other resources of the file tell about its cluster and task definition."""
    path = f"{block}.".lstrip(".")
    task = source.referred(resource, f"{path}{ecs_block}.task_definition_arn", "aws_ecs_task_definition")
    cluster = source.referred(resource, f"{path}arn", "aws_ecs_cluster")
    target = dict(schedule["Target"])
    resolved = set()
    if cluster and not target.get("Arn") and cluster.values.get("name"):
        target["Arn"] = cluster.values["name"]
        resolved.add(f"{path}arn")
    ecs = dict(target.get("EcsParameters") or {})
    if task and not ecs.get("TaskDefinitionArn") and task.values.get("family"):
        ecs["TaskDefinitionArn"] = task.values["family"]
        resolved.add(f"{path}{ecs_block}.task_definition_arn")
        notes += (f"the revision of {ecs['TaskDefinitionArn']} {_UNTIL_APPLIED}; the job runs the newest",)
    if ecs:
        target["EcsParameters"] = ecs
    task = task or _task_definition(source, str(ecs.get("TaskDefinitionArn") or ""))
    notes += _until_applied(source, resource, resolved)
    known = bool(resource.values.get("name"))
    return Found({**schedule, "Target": target}, resource.address, notes, _essential(task), name_known=known)


def _until_applied(source: Document, resource: Resource, resolved: set[str] | None = None) -> tuple[str, ...]:
    unknown = source.unknown_of(resource) - _COMPUTED - (resolved or set())
    return tuple(f"{path} {_UNTIL_APPLIED}; add it, or import the state afterwards" for path in sorted(unknown))


def _task_definition(source: Document, reference: str) -> Resource | None:
    """The task definition of the same file, by ARN or by family."""
    family = reference.rpartition("/")[2].partition(":")[0]
    tasks = list(source.of_type("aws_ecs_task_definition"))
    exact = [each for each in tasks if each.values.get("arn") == reference]
    named = exact or [each for each in tasks if family and each.values.get("family") == family]
    return named[0] if len(named) == 1 else None


def _essential(task: Resource | None) -> tuple[str, ...]:
    try:
        containers = json.loads((task.values if task else {}).get("container_definitions") or "[]")
        return essential(containers)
    except UNREADABLE:
        return ()


def _own_name(resource: Resource) -> str:
    """A plan knows no name that has a generated part: the address tells the resources apart."""
    steps = [step for step in re.split(r"[.\[\]\"]+", resource.address) if step not in ("", "module", resource.type)]
    return str(resource.values.get("name") or "-".join(steps))


def _schedule(resource: Resource) -> Values:
    values = {key: value for key, value in resource.values.items() if key not in ("target", "flexible_time_window")}
    return {
        **_api(values),
        "Name": _own_name(resource),
        "State": _state(resource),
        "FlexibleTimeWindow": _api(resource.first("flexible_time_window")),
        "Target": _target(resource.first("target"), "ecs_parameters"),
    }


def _state(resource: Resource) -> str:
    disabled = resource.values.get("state") == "DISABLED" or resource.values.get("is_enabled") is False
    return "DISABLED" if disabled else "ENABLED"


def _target(target: Values, ecs_block: str) -> dict[str, Any]:
    ecs, policy = first(target, ecs_block), first(target, "retry_policy")
    network = first(ecs, "network_configuration")
    parameters: dict[str, Any] = _api(ecs)
    parameters["CapacityProviderStrategy"] = [
        {_PROVIDER.get(key, key): value for key, value in each.items() if value is not None}
        for each in ecs.get("capacity_provider_strategy") or []
    ]
    if network:
        vpc = _api(network)
        vpc |= {key: _ordered(vpc[key]) for key in ("Subnets", "SecurityGroups") if key in vpc}
        vpc["AssignPublicIp"] = "ENABLED" if network.get("assign_public_ip") else "DISABLED"
        parameters["NetworkConfiguration"] = {"awsvpcConfiguration": vpc}
    return {
        **_api({key: value for key, value in target.items() if key != ecs_block}),
        "EcsParameters": {key: value for key, value in parameters.items() if value} if ecs else {},
        "RetryPolicy": {key: number for key, number in _api(policy).items() if number is not None},
    }


def _ordered(value: Any) -> Any:
    """Terraform's sets have no order of their own."""
    return sorted(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value


def _api(values: Values) -> dict[str, Any]:
    """The API's names for a block's attributes."""
    return {
        _API_NAMES.get(key, "".join(word.capitalize() for word in key.split("_"))): value
        for key, value in values.items()
        if key not in _TERRAFORMS_OWN
    }
