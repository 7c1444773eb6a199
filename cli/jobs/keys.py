"""Every key of jobs.toml, once: checks, JSON Schema and the reference in docs/jobs.md come from this table."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from cli.toml_files.kinds import Choice, Count, Duration, Flag, Kind, Moment, Providers, Table, Text, Words, as_duration
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from cronmend.model.categories import SEVERITIES

NAME = r"[0-9a-zA-Z_.-]{1,64}"
DEFAULT_GROUP = "cronmend-jobs"
REFERENCE = r"[A-Za-z0-9_:/.-]+"
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_POLICY = {spec.name: spec.default for spec in fields(JobPolicy)}


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    kind: Kind
    says: str
    default: Any = None
    """As it would be written in the file; None where there is none."""
    policy: bool = False
    """How failures are treated; may also be written for a schedule that is defined elsewhere."""
    shared: bool = True
    """May stand in [defaults]."""


def _policy(name: str, kind: Kind, says: str) -> Key:
    default = _POLICY[name]
    written = as_duration(default) if isinstance(default, timedelta) else default
    return Key(name, kind, says, written if written != "" else None, policy=True)


KEYS = (
    Key("schedule", Text(high=256), "cron(…), rate(…), at(…), or five fields as in a crontab", shared=False),
    Key("timezone", Text(high=50), "IANA name, e.g. Europe/London", "UTC"),
    Key(
        "command",
        Words(says='a list, e.g. ["python", "manage.py", "publish_scheduled"]', item=Text(low=0, high=8192)),
        "program and arguments; without it the container's own command runs",
        shared=False,
    ),
    Key(
        "task_definition",
        Text(pattern=REFERENCE, shape='family, family:revision or ARN, e.g. "webapp"'),
        "a family runs its newest revision at each start, so a deploy moves the job at once; family:revision stays "
        "until the file is changed",
    ),
    Key("container", Text(high=255), "the container that is the job"),
    Key("cluster", Text(pattern=REFERENCE, shape='a cluster\'s name or ARN, e.g. "app-prod"'), "name or ARN"),
    Key(
        "subnets",
        Words(
            Text(pattern=r"subnet-[0-9a-f]+", shape='a subnet, e.g. "subnet-0d0eab1bb38d5ca64"'), 1, 16, "1-16 subnets"
        ),
        "where the task runs; several zones survive a lack of capacity in one",
    ),
    Key(
        "security_groups",
        Words(Text(pattern=r"sg-[0-9a-f]+", shape='a security group, e.g. "sg-0123456789abcdef0"'), 1, 5, "1-5 groups"),
        "the VPC's default group where none is given",
    ),
    Key("assign_public_ip", Flag(), "needed in a public subnet without NAT", False),
    Key("launch_type", Choice(("FARGATE", "EC2", "EXTERNAL")), "instead of capacity_providers", "FARGATE"),
    Key("capacity_providers", Providers(), "instead of launch_type"),
    Key("platform_version", Text(high=64), "Fargate's, without prefix, e.g. 1.4.0"),
    Key("cpu", Count(128, 196_608), "CPU units for this job instead of the task definition's; with memory"),
    Key("memory", Count(4, 1_048_576), "MiB for this job instead of the task definition's; with cpu"),
    Key("environment", Table(), "variables added to the container's; anybody who may read the schedule can read them"),
    Key("task_count", Count(1, 10), "tasks per start", 1),
    Key("task_group", Text(high=255), "the tasks' group; family:<family> where none is given"),
    Key("propagate_tags", Flag(), "copy the task definition's tags to the task", False),
    Key("managed_tags", Flag(), "let ECS tag the task with its cluster", False),
    Key("execute_command", Flag(), "allow `aws ecs execute-command` into the task", False),
    Key(
        "roles",
        Words(Text(pattern=r"[\w+=,.@/:-]+", shape='a role\'s name or ARN, e.g. "webapp-task"'), 1, 4, "1-4 roles"),
        "the task definition's task role and execution role: the schedule may pass these only; without it any role "
        "of the account to ECS tasks",
    ),
    Key("start", Moment(), "no slot before this moment"),
    Key("end", Moment(), "no slot after this moment"),
    Key(
        "flexible_window",
        Duration(_MINUTE, _DAY, _MINUTE),
        "start at any moment within this time after the slot",
    ),
    Key("enabled", Flag(), "false keeps the schedule but starts nothing", True),
    Key("description", Text(low=0, high=512), "for people, shown in the console", shared=False),
    Key("retry_attempts", Count(0, 185), "how often Scheduler repeats a start that AWS refused", 2),
    Key(
        "max_event_age",
        Duration(_MINUTE, _DAY),
        "how long it goes on repeating: a job never starts later than this (AWS's own default is a day)",
        "10m",
    ),
    _policy(
        "rerun", Choice(tuple(Policy)), "safe: running twice does no harm; unstarted: only a run whose code never ran"
    ),
    _policy("attempts", Count(0, 10), "most re-runs in one incident; failures of AWS are counted apart, 0 means none"),
    _policy("max_runtime", Duration(_MINUTE, 14 * _DAY), "a run that is alive for longer is overdue"),
    _policy("deadline", Duration(_MINUTE, _DAY), "the longest that an alert is held while a re-run is hoped for"),
    _policy("grace", Duration(_MINUTE, _DAY), "how long after its slot a run may begin before the slot is missed"),
    _policy("stale_after", Duration(_MINUTE, 7 * _DAY), "a slot older than this is not made up for by a re-run"),
    _policy(
        "memory_step",
        Flag(),
        "run a job that ran out of memory once more with Fargate's next larger size; only where rerun is safe",
    ),
    _policy(
        "alert", Text(high=64, pattern=r"[\w-]+", shape='a route\'s name, e.g. "default"'), "the route of its alerts"
    ),
    _policy("severity", Choice(SEVERITIES), "how loud its alerts are"),
    _policy("owner", Text(high=128), "who is called"),
    _policy("runbook", Text(high=1000, pattern=r"https?://\S+", shape='a link, e.g. "https://…"'), "what to do then"),
    _policy("hold_in_deploys", Flag(), "stand still while a deploy window is open"),
    Key(
        "managed", Flag(), "false: the schedule is defined elsewhere, only its policy is kept here", True, shared=False
    ),
    Key(
        "group",
        Text(pattern=NAME, shape="a name that AWS takes, 1 to 64 of letters, digits, - _ ."),
        "the schedule's group; only with managed = false",
        shared=False,
    ),
)
BY_NAME = {key.name: key for key in KEYS}
TOP = ("group", "defaults", "jobs")
UNMANAGED = frozenset({key.name for key in KEYS if key.policy} | {"managed", "group", "container", "description"})
OTHER_NAMES = {
    "cron": "schedule", "expression": "schedule", "schedule_expression": "schedule", "scheduleExpression": "schedule",
    "tz": "timezone", "schedule_expression_timezone": "timezone", "taskDefinition": "task_definition",
    "task_definition_arn": "task_definition", "container_name": "container", "containerName": "container",
    "cluster_arn": "cluster", "launchType": "launch_type", "securityGroups": "security_groups",
    "security_group": "security_groups", "subnet": "subnets", "subnet_ids": "subnets", "env": "environment",
    "capacity_provider_strategy": "capacity_providers", "maximum_retry_attempts": "retry_attempts",
    "maximum_event_age_in_seconds": "max_event_age", "start_date": "start", "end_date": "end", "state": "enabled",
    "disabled": "enabled", "group_name": "group", "timeout": "max_runtime", "retries": "attempts", "args": "command",
    "input": "command", "overrides": "command", "containerOverrides": "command", "container_overrides": "command",
}  # fmt: skip
"""What other tools call it."""
NO_OVERRIDE = {
    "logConfiguration": "log settings can't be overridden: they belong to the task definition",
    "log_configuration": "log settings can't be overridden: they belong to the task definition",
    "image": "the image can't be overridden: it belongs to the task definition",
    "secrets": "secrets can't be overridden: they belong to the task definition",
    "entrypoint": "the entry point can't be overridden: it belongs to the task definition",
}
