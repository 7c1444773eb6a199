"""What to write instead of a key that jobs.toml doesn't have, such as that of another tool."""

from difflib import get_close_matches

from cli.jobs.keys import KEYS

_OTHER_NAMES = {
    "cron": "schedule", "expression": "schedule", "schedule_expression": "schedule", "scheduleExpression": "schedule",
    "tz": "timezone", "schedule_expression_timezone": "timezone", "taskDefinition": "task_definition",
    "task_definition_arn": "task_definition", "container_name": "container", "containerName": "container",
    "cluster_arn": "cluster", "launchType": "launch_type", "securityGroups": "security_groups",
    "security_group": "security_groups", "subnet": "subnets", "subnet_ids": "subnets", "env": "environment",
    "capacity_provider_strategy": "capacity_providers", "maximum_retry_attempts": "retry_attempts",
    "maximum_event_age_in_seconds": "max_event_age", "start_date": "start", "end_date": "end", "state": "enabled",
    "disabled": "enabled", "group_name": "group", "timeout": "max_runtime", "retries": "attempts", "args": "command",
}  # fmt: skip
"""A name that other tools use → the key here."""
_NO_OVERRIDE = {
    "logConfiguration": "log settings can't be overridden; they belong to the task definition",
    "log_configuration": "log settings can't be overridden; they belong to the task definition",
    "image": "the image can't be overridden; it belongs to the task definition",
    "secrets": "secrets can't be overridden; they belong to the task definition",
    "entrypoint": "the entry point can't be overridden; it belongs to the task definition",
}
_INPUT = ("input", "overrides", "containerOverrides", "container_overrides")


def unknown(key: str) -> tuple[str, str]:
    """What is wrong with it, and what to write."""
    if key in _NO_OVERRIDE:
        return _NO_OVERRIDE[key], "remove it here and set it in the task definition"
    if key in _INPUT:
        return "unknown key; `cronmend jobs build` writes the target's input", "write command and environment"
    if key in _OTHER_NAMES:
        return "unknown key", f"write {_OTHER_NAMES[key]}"
    near = get_close_matches(key, [known.name for known in KEYS], n=1, cutoff=0.6)
    return "unknown key", f"write {near[0]}" if near else "remove it; docs/jobs.md lists the keys"
