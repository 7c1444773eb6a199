"""ecschedule's configuration (YAML) → schedules in the API's shape. https://github.com/Songmu/ecschedule"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from cli.jobs.importers.convert import Found
from cronmend.errors import Permanent

_CALL = re.compile(r"\{\{-?\s*(?P<name>\w+)(?P<arguments>.*?)-?\}\}")
_ARGUMENT = re.compile(r"`(?P<raw>[^`]*)`|\"(?P<quoted>[^\"]*)\"")
_SIZES = ("cpu", "memory", "memoryReservation")


def found(text: str) -> Iterator[Found]:
    """
    Raises:
        Permanent: not YAML, or without a list of rules.
    """
    try:
        document = yaml.safe_load(_expanded(text))
    except yaml.YAMLError as error:
        raise Permanent(f"The file isn't valid YAML: {error}. Name a configuration of ecschedule.") from error
    if not isinstance(document, Mapping) or not isinstance(document.get("rules"), list):
        raise Permanent("The file has no list `rules`. Name a configuration of ecschedule.")
    for rule in document["rules"]:
        yield _schedule(rule, document)


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


def _schedule(rule: Mapping[str, Any], top: Mapping[str, Any]) -> Found:
    cluster = rule.get("cluster") or top.get("cluster")
    network = (rule.get("network_configuration") or {}).get("aws_vpc_configuration") or {}
    vpc = {"Subnets": network.get("subnets"), "SecurityGroups": network.get("security_groups")}
    parameters = {
        "TaskDefinitionArn": rule.get("taskDefinition"),
        "TaskCount": rule.get("taskCount"),
        "LaunchType": rule.get("launch_type"),
        "PlatformVersion": rule.get("platform_version"),
        "Group": rule.get("group"),
        "PropagateTags": rule.get("propagateTags"),
        "CapacityProviderStrategy": [_provider(each) for each in rule.get("capacityProviderStrategy") or []],
        "NetworkConfiguration": {"awsvpcConfiguration": vpc | {"AssignPublicIp": network.get("assign_public_ip")}},
    }
    return {
        "Name": rule.get("name") or "unnamed",
        "Description": rule.get("description"),
        "ScheduleExpression": rule.get("scheduleExpression"),
        "State": "DISABLED" if rule.get("disabled") else "ENABLED",
        "Target": {"Arn": cluster, "Input": _input(rule), "EcsParameters": parameters},
    }


def _provider(each: Mapping[str, Any]) -> dict[str, Any]:
    names = ("capacityProvider", "weight", "base")
    return {name: each[name] for name in names if each.get(name) is not None}


def _input(rule: Mapping[str, Any]) -> str:
    containers = [_container(each) for each in rule.get("containerOverrides") or []]
    return json.dumps({"containerOverrides": containers}) if containers else ""


def _container(override: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [{"name": name, "value": str(value)} for name, value in (override.get("environment") or {}).items()]
    sizes = {size: override[size] for size in _SIZES if override.get(size)}
    command = [str(word) for word in override.get("command") or []]
    return {"name": override.get("name"), "command": command, "environment": pairs, **sizes}
