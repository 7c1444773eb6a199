"""What a schedule's runs do: their family and commands, by which those of similar names differ. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cronmend.errors import UNREADABLE
from cronmend.jobs.context_attributes import all_fit, is_replaced
from cronmend.jobs.run_task_request import as_text
from cronmend.model import ContainerOverride, FailedTask, LiveSchedule, LiveTask, TaskDefinitionRef
from cronmend.model.keys import stable_key

ANY: Final = "any"
"""In place of a digest: the runs' commands hold what Scheduler fills in, so they differ from run to run."""


def digest_of_schedule(schedule: LiveSchedule) -> str:
    """That of its runs, or :data:`ANY`. Not the commands themselves: they may contain secrets."""
    overrides = overrides_of(schedule)
    if all(is_replaced(word) for each in overrides for word in each.command):
        return _digest(_family(schedule), overrides)
    return ANY


def digest_of_run(task: FailedTask | LiveTask) -> str:
    """Equal for runs that do the same work."""
    return _digest(task.task_definition.family, task.overrides)


def _digest(family: str, overrides: Sequence[ContainerOverride]) -> str:
    return stable_key(repr((family, sorted((name, *command) for name, command in _commands(overrides).items()))), 0)


def same_work(schedule: LiveSchedule, task: FailedTask | LiveTask) -> bool:
    family = _family(schedule)
    return (
        bool(family)
        and family == task.task_definition.family
        and _same_commands(overrides_of(schedule), task.overrides)
    )


def _family(schedule: LiveSchedule) -> str:
    """``""`` if its target names no task definition: then it starts no run."""
    try:
        return TaskDefinitionRef.parse(schedule.parameters.get("TaskDefinitionArn", "")).family
    except ValueError:
        return ""


def _same_commands(written: Sequence[ContainerOverride], seen: Sequence[ContainerOverride]) -> bool:
    """By container. An event lists every container; only those with a command distinguish jobs."""
    wanted, given = _commands(written), _commands(seen)
    return wanted.keys() == given.keys() and all(all_fit(wanted[name], given[name]) for name in wanted)


def _commands(overrides: Sequence[ContainerOverride]) -> Mapping[str, Sequence[str]]:
    return {each.name: each.command for each in overrides if each.command}


def overrides_of(schedule: LiveSchedule) -> tuple[ContainerOverride, ...]:
    """None if the target's input isn't a task override: then no run carries any."""
    try:
        return tuple(_override(each) for each in _task_override(schedule).get("containerOverrides") or [])
    except UNREADABLE:
        return ()


def roles_of(schedule: LiveSchedule) -> tuple[str, str]:
    """The task role and the execution role that the target names; ``""`` for each that the task definition names."""
    try:
        override = _task_override(schedule)
        return as_text(override.get("taskRoleArn")), as_text(override.get("executionRoleArn"))
    except UNREADABLE:
        return "", ""


def _task_override(schedule: LiveSchedule) -> Mapping[str, Any]:
    override: Mapping[str, Any] = json.loads(schedule.target_input or "{}", parse_float=str)
    return override


def _override(raw: Mapping[str, Any]) -> ContainerOverride:
    pairs = {as_text(each.get("name")): as_text(each.get("value")) for each in raw.get("environment") or ()}
    return ContainerOverride(as_text(raw.get("name")), _words(raw.get("command") or ()), pairs)


def _words(command: Any) -> tuple[str, ...]:
    """Rules accept any input: a text in the place of a list is one word."""
    return (command,) if isinstance(command, str) else tuple(map(as_text, command))
