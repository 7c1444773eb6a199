"""An ECS service or a task definition, and what only a person knows → the table of a job, and notes on the rest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.jobs.answers import Answer
from cli.jobs.importers.convert import Converted, convert, ordered
from cli.jobs.importers.crontab_words import arguments
from cli.jobs.importers.found import Found, essential
from cli.jobs.keys import BY_NAME
from cli.jobs.unix_cron import translated
from cronmend.errors import Permanent

_CAPACITY = ("launch_type", "capacity_providers")
_OF_SERVICE = frozenset(
    {
        *_CAPACITY, "cluster", "task_definition", "container", "subnets", "security_groups", "assign_public_ip",
        "platform_version", "propagate_tags", "managed_tags", "execute_command", "roles",
    }
)  # fmt: skip
"""The keys whose values a service decides; of a task definition alone, the others stay as [defaults] has them."""
_OF_DEFINITION = frozenset({"task_definition", "container", "roles"})
_OF_TASK_SET = ("taskDefinition", "launchType", "capacityProviderStrategy", "platformVersion", "networkConfiguration")
_NOT_TAKEN = {
    "placementConstraints": "jobs.toml has no placement constraints",
    "placementStrategy": "jobs.toml has no placement strategy",
    "volumeConfigurations": "a schedule can't attach a volume at the start, so a task that needs it can't start",
    "serviceConnectConfiguration": "a job's task is not in Service Connect; it needs other addresses of these services",
}
"""Parts of a service that its tasks may need and a job doesn't get, and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What only a person knows."""

    name: str
    schedule: str
    """An expression without mistakes, of AWS or of a crontab."""
    command: str = ""
    """``""`` for the container's own."""
    timezone: str = ""
    """``""`` for the one of [defaults], or else UTC."""
    container: str = ""
    """``""`` for the only essential one."""
    reference: str = ""
    """The task definition as it was named; ``""`` for the family, whose newest revision runs."""
    place: Mapping[str, Any] = field(default_factory=dict)
    """Keys that were given as options; they count more than the service."""


def job_of(wanted: Wanted, definition: Answer, service: Answer | None, defaults: Mapping[str, Any]) -> Converted:
    """
    Args:
        definition: in DescribeTaskDefinition's shape.
        service: in DescribeServices's shape; None if only the task definition is known.
        defaults: those of the file that gets the job. A key that is the same there is left out.

    Raises:
        Permanent: no container, or several that could be the job's.
    """
    container = _container(wanted.container, definition)
    own = _current(service) if service else {"launchType": _launch_type(definition)}
    schedule = _schedule(wanted, container, definition, own)
    made = convert(Found(schedule, containers=(container,)), needed=())
    roles = {"roles": found} if (found := list(_roles(definition))) else {}
    timezone = {"timezone": wanted.timezone} if wanted.timezone else {}
    table = {**made.table, **roles, **timezone, **wanted.place}
    notes = [*made.notes, *_not_taken(service or {})]
    return _within(Converted(made.name, table, notes), defaults, _OF_SERVICE if service else _OF_DEFINITION)


def _container(named: str, definition: Answer) -> str:
    what = f"Task definition '{definition['family']}'"
    every = [str(each.get("name")) for each in definition.get("containerDefinitions") or ()]
    if named and named not in every:
        raise Permanent(f"{what} has no container '{named}' (it has {', '.join(every)}). Name another --container.")
    found = [named] if named else essential(definition.get("containerDefinitions") or ())
    if len(found) != 1:
        which = ", ".join(found or every) or "it has none"
        raise Permanent(f"{what} leaves open which container runs the job ({which}). Name one with --container.")
    return found[0]


def _current(service: Answer) -> Answer:
    """Under CodeDeploy or a controller of one's own, what the tasks have is in the primary task set."""
    primary = _primary(service, "taskSets")
    return {**service, **{key: primary[key] for key in _OF_TASK_SET if primary.get(key)}}


def _primary(service: Answer, kind: str) -> Answer:
    """The task set or the deployment that has the service's traffic; empty if it has none."""
    return next((each for each in service.get(kind) or () if each.get("status") == "PRIMARY"), {})


def _launch_type(definition: Answer) -> str:
    compatible = definition.get("requiresCompatibilities") or ["FARGATE"]
    return "FARGATE" if "FARGATE" in compatible else str(compatible[0])


def _schedule(wanted: Wanted, container: str, definition: Answer, own: Answer) -> Answer:
    """In the shape of GetSchedule's answer, with the retries that are the defaults of jobs.toml."""
    network = {key[:1].upper() + key[1:]: value for key, value in _network(own).items()}
    platform = own.get("platformVersion")
    parameters = {
        "TaskDefinitionArn": wanted.reference or definition["family"],
        "LaunchType": own.get("launchType"),
        "CapacityProviderStrategy": own.get("capacityProviderStrategy"),
        "PlatformVersion": platform if platform != "LATEST" else None,
        "NetworkConfiguration": {"awsvpcConfiguration": network} if network else {},
        "PropagateTags": own.get("propagateTags") if own.get("propagateTags") != "NONE" else None,
        "EnableECSManagedTags": own.get("enableECSManagedTags"),
        "EnableExecuteCommand": own.get("enableExecuteCommand"),
    }
    target = {
        "Arn": str(own.get("clusterArn", "")).rpartition("/")[2],
        "Input": json.dumps({"containerOverrides": [_override(wanted.command, container)]}),
        "EcsParameters": parameters,
        "RetryPolicy": {"MaximumRetryAttempts": BY_NAME["retry_attempts"].default, "MaximumEventAgeInSeconds": 600},
    }
    return {"Name": wanted.name, "ScheduleExpression": translated(wanted.schedule), "Target": target}


def _network(own: Answer) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (own.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return found


def _override(command: str, container: str) -> dict[str, Any]:
    if not command.strip():
        return {"name": container}
    variables, words = arguments(command)
    environment = [{"name": name, "value": value} for name, value in variables.items()]
    return {"name": container, "command": words, "environment": environment}


def _roles(definition: Answer) -> Iterator[str]:
    """Their names, with paths. The schedule can pass only these."""
    for key in ("taskRoleArn", "executionRoleArn"):
        if found := definition.get(key):
            yield str(found).partition(":role/")[2] or str(found)


def _not_taken(service: Answer) -> Iterator[str]:
    primary = _primary(service, "deployments")
    for key, why in _NOT_TAKEN.items():
        if service.get(key) or primary.get(key):
            yield f"{key} of the service isn't taken: {why}"


def _within(job: Converted, defaults: Mapping[str, Any], decided: frozenset[str]) -> Converted:
    """The job as it stands below these [defaults]: without what they say too, and with what they would change.

    Args:
        decided: the keys of which the source says that there is no value if the job has none.
    """
    table, notes = dict(job.table), list(job.notes)
    capacity = any(key in table for key in _CAPACITY)
    for key in [each for each in defaults if each in decided and each not in table]:
        default = BY_NAME[key].default
        if key in _CAPACITY:
            table |= {} if capacity or defaults[key] == "FARGATE" else {"launch_type": "FARGATE"}
        elif default is None:
            notes.append(f"{key} is not set by the source; the one of [defaults] applies")
        elif default != defaults[key]:
            table[key] = default
    kept = {key: value for key, value in table.items() if key not in defaults or defaults[key] != value}
    return Converted(job.name, ordered(kept), notes)
