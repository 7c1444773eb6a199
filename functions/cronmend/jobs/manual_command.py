"""A command to re-run a job that has no schedule, for a person to complete. Pure.

The event lacks parts of the target (security groups, roles, a size of its own), and the schedule may have been deleted
to stop the job. So Cronmend doesn't run the command itself.
"""

import json
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from cronmend.jobs import identity
from cronmend.model import Category, ContainerOverride, Identity, Missing, StoppedTask
from cronmend.redact import HIDDEN, redact

NETWORK = "awsvpcConfiguration={subnets=[<SUBNETS>],securityGroups=[<SECURITY_GROUPS>],assignPublicIp=DISABLED}"
"""The event names one subnet and no security group; an empty list would select the VPC's default group."""
_MARKS = frozenset({"CRONMEND_INCIDENT", "CRONMEND_ATTEMPT"})
"""Variables that Cronmend sets for its own runs; they would be wrong for another run."""


def command(task: StoppedTask, who: Identity, category: Category) -> str:
    """The command; ``""`` if the schedule exists, or if the category needs no further run."""
    if category.traits.silent or not isinstance(who.schedule, Missing):
        return ""
    return shlex.join(_parts(task))


def _parts(task: StoppedTask) -> Iterator[str]:
    yield from ("aws", "ecs", "run-task", "--region", task.cluster_arn.split(":")[3], "--cluster", task.cluster)
    yield from ("--task-definition", str(task.task_definition))
    if task.capacity_provider:
        yield from ("--capacity-provider-strategy", f"capacityProvider={task.capacity_provider},weight=1")
    elif task.launch_type:
        yield from ("--launch-type", task.launch_type)
    if "FARGATE" in task.capacity_provider + task.launch_type:
        yield from ("--network-configuration", NETWORK)
    if overrides := [_override(each) for each in task.overrides if _changes(each)]:
        yield from ("--overrides", json.dumps({"containerOverrides": overrides}, ensure_ascii=False))
    if identity.name_prefix(task):
        yield from ("--started-by", task.started_by)


def _changes(override: ContainerOverride) -> bool:
    """An event lists every container. RunTask rejects overrides of injected sidecars, and theirs are empty."""
    return bool(override.command or override.environment)


def _override(override: ContainerOverride) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": override.name}
    if override.command:
        entry["command"] = [_without_secret(*pair) for pair in pairwise(("", *override.command))]
    if pairs := [(name, value) for name, value in override.environment.items() if name not in _MARKS]:
        entry["environment"] = [{"name": name, "value": _value(name, value)} for name, value in pairs]
    return entry


def _without_secret(before: str, word: str) -> str:
    """Hides a secret that is a word of its own after its flag."""
    after_flag = before.startswith("--") and redact(f"{before} {word}") != f"{before} {word}"
    return HIDDEN if after_flag and redact(before) == before else redact(word)


def _value(name: str, value: str) -> str:
    """A placeholder for the person to fill in, if the value is secret."""
    return value if redact(f"{name}={value}") == f"{name}={value}" else f"<{name}>"
