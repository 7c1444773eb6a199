"""ecschedule's configuration (YAML) → schedules in the API's shape. https://github.com/Songmu/ecschedule"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from cli.jobs.importers.found import Found, dropped, table, tables
from cronmend.errors import UNREADABLE, Permanent

_CALL = re.compile(r"\{\{-?\s*(?P<name>\w+)(?P<arguments>.*?)-?\}\}")
_ARGUMENT = re.compile(r"`(?P<raw>[^`]*)`|\"(?P<quoted>[^\"]*)\"")
_ECS = {
    "taskDefinition": "TaskDefinitionArn",
    "taskCount": "TaskCount",
    "launch_type": "LaunchType",
    "platform_version": "PlatformVersion",
    "group": "Group",
    "propagateTags": "PropagateTags",
    "capacityProviderStrategy": "CapacityProviderStrategy",
}
_VPC = {"subnets": "Subnets", "security_groups": "SecurityGroups", "assign_public_ip": "AssignPublicIp"}
_TOP = frozenset({"rules", "cluster", "role", "plugins"})
_RULE = frozenset(
    {
        *_ECS, "name", "description", "scheduleExpression", "disabled", "cluster", "network_configuration",
        "containerOverrides", "taskOverride", "role", "dead_letter_config", "targetId",
    }
)  # fmt: skip
"""Carried, or named in the note about the whole file."""


def document(text: str) -> Any:
    """The file with its template calls expanded; None if it isn't YAML or JSON."""
    try:
        return yaml.safe_load(_expanded(text))
    except (yaml.YAMLError, *UNREADABLE):
        return None


def found(text: str) -> Iterator[Found]:
    """
    Raises:
        Permanent: not YAML, or without a list of rules.
    """
    top = document(text)
    if not isinstance(top, Mapping) or not isinstance(top.get("rules"), list):
        raise Permanent("The file isn't YAML or JSON with a list `rules`. Name a configuration of ecschedule.")
    notes: list[str] = []
    for rule in tables(top["rules"], "rules", notes):
        yield _found(rule, top)
    for note in [*notes, *dropped(top, _TOP, "the configuration")]:
        yield Found({"Name": "the file"}, notes=(note,))


def _expanded(text: str) -> str:
    """``{{ must_env `NAME` }}`` and ``{{ env `NAME` `DEFAULT` }}`` from the environment.

    Other calls become ``UNKNOWN-…``.
    """
    return _CALL.sub(_value, text)


def _value(call: re.Match[str]) -> str:
    arguments = [match["raw"] or match["quoted"] or "" for match in _ARGUMENT.finditer(call["arguments"])]
    if call["name"] == "must_env" and arguments:
        return os.environ.get(arguments[0], f"UNKNOWN-{arguments[0]}")
    if call["name"] == "env" and len(arguments) == 2:
        return os.environ.get(*arguments)
    return "UNKNOWN-" + re.sub(r"[^\w.-]+", "-", " ".join([call["name"], *arguments]))


def _found(rule: Mapping[str, Any], top: Mapping[str, Any]) -> Found:
    notes = dropped(rule, _RULE, "the rule")
    network = table(rule.get("network_configuration"), "network_configuration", notes)
    vpc = table(network.get("aws_vpc_configuration"), "aws_vpc_configuration", notes)
    parameters = {theirs: rule.get(ours) for ours, theirs in _ECS.items()}
    parameters["NetworkConfiguration"] = {"awsvpcConfiguration": {_VPC.get(key, key): vpc[key] for key in vpc}}
    schedule = {
        "Name": rule.get("name") or "unnamed",
        "Description": rule.get("description"),
        "ScheduleExpression": rule.get("scheduleExpression"),
        "State": "DISABLED" if rule.get("disabled") else "ENABLED",
        "Target": {
            "Arn": rule.get("cluster") or top.get("cluster"),
            "Input": _input(rule, notes),
            "EcsParameters": parameters,
        },
    }
    return Found(schedule, notes=tuple(notes))


def _input(rule: Mapping[str, Any], notes: list[str]) -> str:
    size = table(rule.get("taskOverride"), "taskOverride", notes)
    containers = [
        _container(each, notes) for each in tables(rule.get("containerOverrides"), "containerOverrides", notes)
    ]
    override = {**size, **({"containerOverrides": containers} if containers else {})}
    return json.dumps(override, default=str) if override else ""


def _container(override: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    environment = table(override.get("environment"), f"environment of {override.get('name')}", notes)
    pairs = [{"name": name, "value": str(value)} for name, value in environment.items()]
    return {**override, "environment": pairs}
