"""Terraform's JSON, as `terraform show -json` prints it for a state or a plan."""

import json
import re
from collections.abc import Mapping
from typing import Any

CLUSTER = "arn:aws:ecs:us-east-1:111122223333:cluster/main"
TASK = "arn:aws:ecs:us-east-1:111122223333:task-definition/webapp:1"


def resource(address: str, values: Mapping[str, Any], index: Any = None) -> dict[str, Any]:
    kind, name = re.sub(r"\[[^\]]*\]$", "", address).split(".")[-2:]
    keyed = {} if index is None else {"index": index}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "values": dict(values), **keyed}


def rule(address: str, expression: str, **values: Any) -> dict[str, Any]:
    index = values.pop("index", None)
    return resource(address, {"schedule_expression": expression, **values}, index)


def target(address: str, command: Any, **values: Any) -> dict[str, Any]:
    index = values.pop("index", None)
    override = {"containerOverrides": [{"name": "web", "command": command}]}
    ecs = {"task_definition_arn": TASK, "launch_type": "FARGATE"}
    return resource(address, {"arn": CLUSTER, "input": json.dumps(override), "ecs_target": [ecs], **values}, index)


def state(*resources: Mapping[str, Any], **modules: list[Mapping[str, Any]]) -> str:
    return json.dumps({"values": {"root_module": _module(resources, modules)}})


def plan(
    *resources: Mapping[str, Any],
    configuration: Mapping[str, Any],
    unknown: Mapping[str, Any] | None = None,
    modules: Mapping[str, list[Mapping[str, Any]]] | None = None,
) -> str:
    """
    Args:
        configuration: the root module's.
        unknown: by address, the attributes that are known only after the plan is applied.
        modules: by address.
    """
    changes = [{"address": each, "change": {"after_unknown": paths}} for each, paths in (unknown or {}).items()]
    return json.dumps(
        {
            "planned_values": {"root_module": _module(resources, modules or {})},
            "resource_changes": changes,
            "configuration": {"root_module": configuration},
        }
    )


def configured(address: str, **references: list[str]) -> dict[str, Any]:
    kind, name = address.split(".")
    expressions = {key: {"references": found} for key, found in references.items() if key != "for_each"}
    each = {"for_each_expression": {"references": references["for_each"]}} if "for_each" in references else {}
    return {"address": address, "type": kind, "name": name, "expressions": expressions, **each}


def _module(resources: Any, modules: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, Any]:
    children = [{"address": address, "resources": found} for address, found in modules.items()]
    return {"resources": list(resources), "child_modules": children}
