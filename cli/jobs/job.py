"""A job of a file without mistakes, and the RunTask override that starts it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.jobs.keys import BY_NAME, DEFAULT_GROUP, KEYS
from cli.jobs.unix_cron import translated
from cli.toml_files.kinds import Duration, duration
from cronmend.jobs.identity import JOB_VARIABLE, SLOT_VARIABLE
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from cronmend.model.expected_logs import NumberInLog, Silence
from cronmend.model.findings import OnFinding
from cronmend.model.slos import Slo

SLOT = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    weight: int | None = None
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What EventBridge Scheduler needs to start a job, and how its failures are handled."""

    name: str
    group: str
    policy: JobPolicy
    schedule: str = ""
    timezone: str = "UTC"
    command: tuple[str, ...] = ()
    task_definition: str = ""
    container: str = ""
    cluster: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    assign_public_ip: bool = False
    launch_type: str = ""
    capacity_providers: tuple[Provider, ...] = ()
    platform_version: str = ""
    cpu: int | None = None
    memory: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    task_count: int = 1
    task_group: str = ""
    propagate_tags: bool = False
    managed_tags: bool = False
    execute_command: bool = False
    roles: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    flexible_window: timedelta | None = None
    fixed_time: bool | None = None
    """None if its owner doesn't say whether its minute has a meaning."""
    enabled: bool = True
    description: str = ""
    retry_attempts: int = 2
    max_event_age: timedelta = timedelta(minutes=10)
    managed: bool = True

    @property
    def id(self) -> str:
        return f"{self.group}/{self.name}"

    @property
    def fargate(self) -> bool:
        return self.launch_type == "FARGATE" or any(each.name.startswith("FARGATE") for each in self.capacity_providers)

    @property
    def pinned(self) -> bool:
        """Whether the file names a revision, so that a deploy doesn't move the job."""
        return self.task_definition.rpartition(":")[2].isdigit()


def jobs_of(tables: Mapping[str, Any]) -> tuple[Job, ...]:
    """The jobs of tables without mistakes, by name."""
    group = str(tables.get("group", DEFAULT_GROUP))
    defaults = tables.get("defaults", {})
    return tuple(_job(name, group, effective(defaults, own)) for name, own in sorted(tables.get("jobs", {}).items()))


def effective(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A job's values merged over the shared ones. Its environment is added to theirs; its capacity replaces theirs."""
    shared = dict(defaults)
    for one, other in (("launch_type", "capacity_providers"), ("capacity_providers", "launch_type")):
        if one in own:
            shared.pop(other, None)
    environment = {**defaults.get("environment", {}), **own.get("environment", {})}
    return {**shared, **own} | ({"environment": environment} if environment else {})


def override(job: Job) -> str:
    """The target's input: a RunTask TaskOverride as JSON, with the job's id and slot in the environment."""
    environment = {**job.environment, JOB_VARIABLE: job.id, SLOT_VARIABLE: SLOT}
    container: dict[str, Any] = {"name": job.container}
    if job.command:
        container["command"] = list(job.command)
    container["environment"] = [{"name": name, "value": value} for name, value in sorted(environment.items())]
    size = {"cpu": job.cpu, "memory": job.memory}
    task = {name: str(value) for name, value in size.items() if value is not None}
    return json.dumps({"containerOverrides": [container], **task}, ensure_ascii=False, separators=(",", ":"))


def _job(name: str, group: str, values: Mapping[str, Any]) -> Job:
    typed = {key.name: _typed(key.name, values[key.name]) for key in KEYS if key.name in values}
    managed = typed.get("managed", True)
    own = {key: value for key, value in typed.items() if not BY_NAME[key].policy and key != "group"}
    group = typed.get("group", group)
    if not managed:
        own = {key: value for key, value in own.items() if key in ("container", "description", "managed")}
    elif "launch_type" not in own and "capacity_providers" not in own:
        own["launch_type"] = BY_NAME["launch_type"].default
    policy = {key: value for key, value in typed.items() if BY_NAME[key].policy}
    shared = {"container": typed.get("container", ""), "managed": managed}
    return Job(name, group, JobPolicy(job=f"{group}/{name}", **policy, **shared), **own)


_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "rerun": Policy,
    "silence": Silence,
    "slo": Slo.read,
    "on_finding": OnFinding,
    "number": lambda value: NumberInLog(**value),
    "schedule": translated,
}


def _typed(key: str, value: Any) -> Any:
    if key in _TYPES:
        return _TYPES[key](value)
    match key:
        case "start" | "end":
            found = datetime.fromisoformat(value) if isinstance(value, str) else value
            return found.astimezone(UTC)
        case "capacity_providers":
            return tuple(Provider(item["provider"], item.get("weight"), item.get("base")) for item in value)
        case _ if isinstance(BY_NAME[key].kind, Duration):
            return duration(value)
        case _:
            return tuple(value) if isinstance(value, list) else value
