"""Find the job of a run. ``startedBy`` holds only the first 19 characters of a schedule's name, so names collide. Pure.

A run is matched against the live schedules by that prefix, then by cluster, family and command. A schedule that
Cronmend generated also passes its full ID in the run's environment.
"""

import json
from collections.abc import Sequence

from cronmend.errors import UNREADABLE
from cronmend.model import Identity, LiveSchedule, LiveTask, Missing, StoppedTask, TaskDefinitionRef

SCHEDULER = "chronos-schedule/"
RULE = "events-rule/"
OWN = "cronmend/"
"""How ``startedBy`` starts for runs of EventBridge Scheduler, of EventBridge rules, and of Cronmend."""

JOB_VARIABLE = "CRONMEND_JOB"
SLOT_VARIABLE = "CRONMEND_SLOT"
STARTED_BY = 36
"""The former maximum length of ``startedBy``; the names of rules and schedules are still cut there."""
NAME_KEPT = 19
"""Characters of a schedule's name in ``startedBy``: 36 in all, less the prefix."""


def declared_job(task: StoppedTask | LiveTask) -> str:
    """The job ID in the run's environment, or ``""``."""
    return _variable(task, JOB_VARIABLE)


def declared_slot(task: StoppedTask) -> str:
    """The slot in the run's environment (ISO 8601); ``""`` if there is none or Scheduler left its placeholder."""
    slot = _variable(task, SLOT_VARIABLE)
    return "" if slot.startswith("<") else slot


def name_prefix(task: StoppedTask) -> str:
    """The schedule's name as cut in ``startedBy``, or all of ``startedBy`` for a rule; ``""`` if neither started it."""
    if task.started_by.startswith(RULE):
        return task.started_by
    return task.started_by.removeprefix(SCHEDULER) if task.started_by.startswith(SCHEDULER) else ""


def identify(task: StoppedTask, candidates: Sequence[LiveSchedule] | Missing) -> Identity:
    """The job of a run, from the live schedules whose names start with the prefix in ``startedBy``."""
    if isinstance(candidates, Missing):
        return _from_declaration(task, candidates)
    matching = [each for each in candidates if _matches(each, task)]
    declared = [each for each in matching if each.job == declared_job(task)]
    if len(found := declared or matching) == 1:
        return Identity(found[0].job, certain=True, reason="", schedule=found[0])
    if not found:
        return _from_declaration(task, Missing(f"no schedule matches {task.started_by!r}: it was deleted or changed"))
    names = ", ".join(sorted(each.job for each in found))
    reason = f"{len(found)} schedules match {task.started_by!r}: {names}"
    return Identity(f"ambiguous/{name_prefix(task)}", certain=False, reason=reason, schedule=Missing(reason))


def runs_job(task: LiveTask, schedule: LiveSchedule) -> bool:
    """Whether this is a run of the schedule's job, even if something other than the schedule started it."""
    if declared := declared_job(task):
        return declared == schedule.job
    return task.cluster_arn == schedule.cluster_arn and _same_work(schedule, task)


def _from_declaration(task: StoppedTask, why: Missing) -> Identity:
    """Without a live schedule, a run still belongs to the job it names, but there is no target to re-run."""
    if job := declared_job(task):
        return Identity(job, certain=True, reason=why.reason, schedule=why)
    name = name_prefix(task) or task.task_definition.family
    job = name if name.startswith(RULE) else f"unattributed/{name}"
    return Identity(job, certain=False, reason=why.reason, schedule=why)


def _matches(schedule: LiveSchedule, task: StoppedTask) -> bool:
    return (
        _named_so(schedule, name_prefix(task))
        and schedule.cluster_arn == task.cluster_arn
        and _same_work(schedule, task)
    )


def _named_so(schedule: LiveSchedule, kept: str) -> bool:
    if not kept.startswith(RULE):
        return schedule.name[:NAME_KEPT] == kept
    name = "/".join(schedule.job.split("/")[:2])
    return name == kept or (len(kept) >= STARTED_BY and name.startswith(kept))


def _same_work(schedule: LiveSchedule, task: StoppedTask | LiveTask) -> bool:
    reference = schedule.parameters.get("TaskDefinitionArn", "")
    if not reference or TaskDefinitionRef.parse(reference).family != task.task_definition.family:
        return False
    return _commands(schedule) == {o.name: o.command for o in task.overrides if o.command}


def _commands(schedule: LiveSchedule) -> dict[str, tuple[str, ...]]:
    """Command overrides by container. An event lists every container; only those with a command distinguish jobs."""
    try:
        overrides = json.loads(schedule.target_input or "{}").get("containerOverrides") or []
        return {str(o.get("name")): tuple(map(str, o["command"])) for o in overrides if o.get("command")}
    except UNREADABLE:
        return {}


def _variable(task: StoppedTask | LiveTask, name: str) -> str:
    return next((o.environment[name] for o in task.overrides if o.environment.get(name)), "")
