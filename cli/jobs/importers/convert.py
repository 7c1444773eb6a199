"""A schedule in the shape of GetSchedule's answer → the table of a job, and notes on what isn't converted."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cli.jobs.importers.found import NOT_IMPORTED, Found, dropped, table, tables, words
from cli.jobs.importers.override import override
from cli.jobs.keys import BY_NAME, DEFAULT_GROUP, KEYS
from cli.toml_files.kinds import as_duration

type Values = Mapping[str, Any]

_PLAIN = {
    "TaskCount": "task_count",
    "LaunchType": "launch_type",
    "PlatformVersion": "platform_version",
    "Group": "task_group",
    "EnableECSManagedTags": "managed_tags",
    "EnableExecuteCommand": "execute_command",
}
_CARRIED = frozenset(
    {
        "Name", "GroupName", "Description", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate",
        "State", "FlexibleTimeWindow", "Target",
    }
)  # fmt: skip
_READ_ONLY = frozenset({"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata"})
_TARGET = frozenset({"Arn", "Input", "EcsParameters", "RetryPolicy"})
_ECS = frozenset({*_PLAIN, "TaskDefinitionArn", "CapacityProviderStrategy", "NetworkConfiguration", "PropagateTags"})
_NETWORK = frozenset({"Subnets", "SecurityGroups", "AssignPublicIp"})
_PROVIDER = frozenset({"capacityProvider", "weight", "base"})
_WINDOW = frozenset({"MaximumWindowInMinutes", "Mode"})
_RETRIES = frozenset({"MaximumRetryAttempts", "MaximumEventAgeInSeconds"})
_ORDER = {key.name: number for number, key in enumerate(KEYS)}
_AWS_RETRIES, _AWS_AGE = 185, 86_400
_LONGEST_NAME = 64
_NEEDED = ("schedule", "cluster", "task_definition")


@dataclass(frozen=True, slots=True)
class Converted:
    name: str
    table: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    """A note for each part that wasn't converted, for a person to check."""


def convert(found: Found, group: str = "", needed: Iterable[str] = _NEEDED) -> Converted:
    """
    Args:
        group: the file's schedule group, if that is the one of its source.
        needed: the keys of which a note says that the source doesn't set them.
    """
    schedule, notes = found.schedule, list(found.notes)
    target = table(schedule.get("Target"), "the target", notes)
    values = {
        **_when(schedule, notes),
        **override(target.get("Input"), found.containers, notes),
        **_references(schedule, target),
        **_parameters(table(target.get("EcsParameters"), "EcsParameters", notes), notes),
        **_delivery(table(target.get("RetryPolicy"), "RetryPolicy", notes), notes),
    }
    for key in [key for key, value in values.items() if value in (None, "", [], {}) or value == BY_NAME[key].default]:
        del values[key]
    notes += _lost(schedule, target, group)
    for key in needed:
        if key not in values:
            notes.append(f"{key} isn't set in the source; add it")
    return Converted(_name(str(schedule["Name"]), notes), ordered(values), notes)


def ordered(values: Values) -> dict[str, Any]:
    """In the order of the reference."""
    return dict(sorted(values.items(), key=lambda item: _ORDER[item[0]]))


def _name(wanted: str, notes: list[str]) -> str:
    """A long name keeps six characters of its hash, so that names that differ only at their end stay apart."""
    name = re.sub(r"[^0-9a-zA-Z_.-]+", "-", wanted)
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 7]}-{sha256(wanted.encode()).hexdigest()[:6]}"
    if name != wanted:
        notes.append(f"the name {wanted!r} isn't allowed for a schedule; the job is named {name}")
    return name


def _lost(schedule: Values, target: Values, group: str) -> Iterator[str]:
    yield from dropped(schedule, _CARRIED | _READ_ONLY | {"ActionAfterCompletion"}, "the schedule")
    yield from dropped(target, _TARGET | NOT_IMPORTED, "the target")
    if schedule.get("ActionAfterCompletion") not in (None, "", "NONE"):
        yield f"ActionAfterCompletion {schedule['ActionAfterCompletion']} of the schedule isn't converted"
    if schedule.get("GroupName") not in (None, "", "default", group or DEFAULT_GROUP):
        yield f"GroupName {schedule['GroupName']} of the schedule isn't converted: all jobs of a file are in its group"


def shared(jobs: Iterable[Converted]) -> dict[str, Any]:
    """The values that all jobs have in common: [defaults]. A key that one job leaves out isn't shared."""
    tables = [job.table for job in jobs]
    alike = {key for key in set().union(*tables) if BY_NAME[key].shared and key != "environment"}
    return ordered(
        {key: tables[0][key] for key in alike if all(key in each and each[key] == tables[0][key] for each in tables)}
    )


def _when(schedule: Values, notes: list[str]) -> dict[str, Any]:
    window = table(schedule.get("FlexibleTimeWindow"), "FlexibleTimeWindow", notes)
    notes += dropped(window, _WINDOW, "FlexibleTimeWindow")
    return {
        "schedule": schedule.get("ScheduleExpression"),
        "timezone": schedule.get("ScheduleExpressionTimezone"),
        "start": _date_and_time(schedule.get("StartDate")),
        "end": _date_and_time(schedule.get("EndDate")),
        "flexible_window": _duration(window.get("MaximumWindowInMinutes"), 60),
        "enabled": str(schedule.get("State") or "ENABLED").startswith("ENABLED"),
        "description": schedule.get("Description"),
    }


def _references(schedule: Values, target: Values) -> dict[str, Any]:
    """Names instead of ARNs for the schedule's own region and account."""
    home = str(schedule.get("Arn") or "").split(":")[3:5]
    task = (target.get("EcsParameters") or {}).get("TaskDefinitionArn")
    return {"cluster": _short(target.get("Arn"), home), "task_definition": _short(task, home)}


def _short(arn: Any, home: list[str]) -> Any:
    text = str(arn or "")
    return text.rpartition("/")[2] if text.startswith("arn:aws:ecs:") and text.split(":")[3:5] == home else arn


def _parameters(ecs: Values, notes: list[str]) -> dict[str, Any]:
    notes += dropped(ecs, _ECS, "the target")
    found: dict[str, Any] = {ours: ecs.get(theirs) for theirs, ours in _PLAIN.items()}
    providers = tables(ecs.get("CapacityProviderStrategy"), "CapacityProviderStrategy", notes)
    if not ecs.get("LaunchType") and not providers:
        notes.append("the launch type isn't set, so the cluster's default strategy decides; the job uses FARGATE")
    if ecs.get("PropagateTags") not in (None, "", "TASK_DEFINITION"):
        notes.append(f"PropagateTags {ecs['PropagateTags']} of the target isn't converted; Scheduler refuses it")
    found["propagate_tags"] = ecs.get("PropagateTags") == "TASK_DEFINITION"
    found["capacity_providers"] = [_provider(each, notes) for each in providers]
    return found | _network(table(ecs.get("NetworkConfiguration"), "NetworkConfiguration", notes), notes)


def _network(network: Values, notes: list[str]) -> dict[str, Any]:
    notes += dropped(network, frozenset({"awsvpcConfiguration"}), "NetworkConfiguration")
    vpc = table(network.get("awsvpcConfiguration"), "awsvpcConfiguration", notes)
    notes += dropped(vpc, _NETWORK, "awsvpcConfiguration")
    return {
        "subnets": words(vpc.get("Subnets"), "Subnets", notes),
        "security_groups": words(vpc.get("SecurityGroups"), "SecurityGroups", notes),
        "assign_public_ip": vpc.get("AssignPublicIp") == "ENABLED",
    }


def _provider(each: Values, notes: list[str]) -> dict[str, Any]:
    notes += dropped(each, _PROVIDER, "the capacity provider strategy")
    raw = {"provider": each.get("capacityProvider"), "weight": each.get("weight"), "base": each.get("base")}
    return {key: value for key, value in raw.items() if value is not None}


def _delivery(policy: Values, notes: list[str]) -> dict[str, Any]:
    """An age of 0 is how Terraform's state writes that none is set; AWS accepts 60 s or more."""
    notes += dropped(policy, _RETRIES, "RetryPolicy")
    attempts, age = policy.get("MaximumRetryAttempts"), policy.get("MaximumEventAgeInSeconds")
    return {
        "retry_attempts": _AWS_RETRIES if attempts is None else attempts,
        "max_event_age": _duration(age or _AWS_AGE, 1),
    }


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
