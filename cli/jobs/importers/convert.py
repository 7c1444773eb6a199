"""A schedule in the shape of GetSchedule's answer → the table of a job, and notes on what isn't converted."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.jobs.keys import BY_NAME, KEYS
from cli.toml_files.kinds import as_duration
from cronmend.errors import UNREADABLE
from cronmend.jobs.identity import JOB_VARIABLE, SLOT_VARIABLE

type Found = Mapping[str, Any]
"""A schedule in the API's shape."""

_PLAIN = {
    "TaskCount": "task_count",
    "LaunchType": "launch_type",
    "PlatformVersion": "platform_version",
    "Group": "task_group",
    "EnableECSManagedTags": "managed_tags",
    "EnableExecuteCommand": "execute_command",
}
_ORDER = {key.name: number for number, key in enumerate(KEYS)}
_AWS_RETRIES, _AWS_AGE = 185, 86_400


@dataclass(frozen=True, slots=True)
class Converted:
    name: str
    table: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    """A note for each part that wasn't converted, for a person to check."""


def convert(found: Found) -> Converted:
    name = re.sub(r"[^0-9a-zA-Z_.-]+", "-", str(found["Name"]))[:64]
    converted = Converted(name, {})
    if name != found["Name"]:
        converted.notes.append(f"the name {found['Name']!r} isn't allowed for a schedule; the job is named {name}")
    target = found.get("Target") or {}
    table = converted.table
    table |= _when(found)
    table |= _override(target.get("Input"), converted.notes)
    table |= _references(found, target)
    table |= _parameters(target.get("EcsParameters") or {}, converted.notes)
    table |= _delivery(target.get("RetryPolicy") or {})
    for key in [key for key, value in table.items() if value in (None, "", [], {}) or value == BY_NAME[key].default]:
        del table[key]
    for key in ("schedule", "cluster", "task_definition"):
        if key not in table:
            converted.notes.append(f"{key} isn't set in the source; add it")
    ordered = dict(sorted(table.items(), key=lambda item: _ORDER[item[0]]))
    return Converted(name, ordered, converted.notes)


def shared(jobs: Iterable[Converted]) -> dict[str, Any]:
    """The values that all jobs have in common: [defaults]. A key that one job leaves out isn't shared."""
    tables = [job.table for job in jobs]
    alike = {key for key in set().union(*tables) if BY_NAME[key].shared and key != "environment"}
    common = {
        key: tables[0][key] for key in alike if all(key in each and each[key] == tables[0][key] for each in tables)
    }
    return dict(sorted(common.items(), key=lambda item: _ORDER[item[0]]))


def _when(found: Found) -> dict[str, Any]:
    window = found.get("FlexibleTimeWindow") or {}
    return {
        "schedule": found.get("ScheduleExpression"),
        "timezone": found.get("ScheduleExpressionTimezone"),
        "start": _date_and_time(found.get("StartDate")),
        "end": _date_and_time(found.get("EndDate")),
        "flexible_window": _duration(window.get("MaximumWindowInMinutes"), 60),
        "enabled": found.get("State", "ENABLED") == "ENABLED",
        "description": found.get("Description"),
    }


def _references(found: Found, target: Found) -> dict[str, Any]:
    """Names instead of ARNs for the schedule's own region and account."""
    home = str(found.get("Arn") or "").split(":")[3:5]
    task = (target.get("EcsParameters") or {}).get("TaskDefinitionArn")
    return {"cluster": _short(target.get("Arn"), home), "task_definition": _short(task, home)}


def _short(arn: Any, home: list[str]) -> Any:
    text = str(arn or "")
    return text.rpartition("/")[2] if text.startswith("arn:aws:ecs:") and text.split(":")[3:5] == home else arn


def _override(text: Any, notes: list[str]) -> dict[str, Any]:
    if not text:
        notes.append("the target's override names no container; add container")
        return {}
    try:
        task = json.loads(text)
        containers = list(task.get("containerOverrides") or [])
    except UNREADABLE:
        notes.append(f"the target's input isn't a TaskOverride: {str(text)[:60]}")
        return {}
    for key in sorted(task.keys() - {"containerOverrides", "cpu", "memory"}):
        notes.append(f"{key} of the override isn't converted")
    for other in containers[1:]:
        notes.append(f"the override of container {other.get('name')} isn't converted; a job overrides one container")
    container = containers[0] if containers else {}
    for key in sorted(container.keys() - {"name", "command", "environment"}):
        notes.append(f"{key} of the override of {container.get('name')} isn't converted")
    return {
        "container": container.get("name"),
        "command": list(container.get("command") or []),
        "environment": _environment(container.get("environment") or []),
        "cpu": _units(task.get("cpu"), "vcpu", 1024, notes),
        "memory": _units(task.get("memory"), "gb", 1024, notes),
    }


def _environment(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    own = (JOB_VARIABLE, SLOT_VARIABLE)
    return {pair["name"]: pair.get("value", "") for pair in pairs if pair.get("name") not in (None, *own)}


def _units(text: Any, unit: str, factor: int, notes: list[str]) -> int | None:
    """``256``, ``.25 vCPU`` or ``2 GB``: AWS accepts all three forms."""
    match = re.fullmatch(rf"(?P<number>[0-9]*\.?[0-9]+)\s*(?P<unit>{unit})?", str(text or "").lower().strip(), re.ASCII)
    if match:
        return int(float(match["number"]) * (factor if match["unit"] else 1))
    if text:
        notes.append(f"the size {text!r} of the override isn't converted")
    return None


def _parameters(ecs: Found, notes: list[str]) -> dict[str, Any]:
    known = {*_PLAIN, "TaskDefinitionArn", "CapacityProviderStrategy", "NetworkConfiguration", "PropagateTags"}
    for key in sorted(ecs.keys() - known):
        if ecs[key]:
            notes.append(f"{key} of the target isn't converted")
    table = {ours: ecs.get(theirs) for theirs, ours in _PLAIN.items()}
    if not ecs.get("LaunchType") and not ecs.get("CapacityProviderStrategy"):
        notes.append("the launch type isn't set, so the cluster's default strategy decides; the job uses FARGATE")
    table["propagate_tags"] = ecs.get("PropagateTags") == "TASK_DEFINITION"
    table["capacity_providers"] = [_provider(each) for each in ecs.get("CapacityProviderStrategy") or []]
    network = (ecs.get("NetworkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return table | {
        "subnets": list(network.get("Subnets") or []),
        "security_groups": list(network.get("SecurityGroups") or []),
        "assign_public_ip": network.get("AssignPublicIp") == "ENABLED",
    }


def _provider(each: Found) -> dict[str, Any]:
    raw = {"provider": each.get("capacityProvider"), "weight": each.get("weight"), "base": each.get("base")}
    return {key: value for key, value in raw.items() if value is not None}


def _delivery(policy: Found) -> dict[str, Any]:
    age = policy.get("MaximumEventAgeInSeconds", _AWS_AGE)
    return {"retry_attempts": policy.get("MaximumRetryAttempts", _AWS_RETRIES), "max_event_age": _duration(age, 1)}


def _duration(number: Any, seconds: int) -> str | None:
    return as_duration(timedelta(seconds=int(number) * seconds)) if number else None


def _date_and_time(value: Any) -> datetime | None:
    if not value:
        return None
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.astimezone(UTC) if isinstance(parsed, datetime) else None


def duplicate_names(jobs: Iterable[Converted]) -> Iterator[str]:
    seen: set[str] = set()
    for job in jobs:
        if job.name in seen:
            yield f"{job.name}: a second schedule with this name isn't converted"
        seen.add(job.name)
