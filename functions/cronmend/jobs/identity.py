"""Find the job of a run. ``startedBy`` holds only the first 19 characters of a schedule's name, so names collide. Pure.

A run is matched against the live schedules by that prefix, then by cluster, family and command. A schedule that
Cronmend generated also passes its full ID in the run's environment.
"""

from collections.abc import Sequence
from copy import replace

from cronmend.jobs.context_attributes import fits, is_replaced
from cronmend.jobs.work import overrides_of, same_work
from cronmend.model import (
    ContainerOverride,
    FailedTask,
    Identity,
    LiveSchedule,
    LiveTask,
    Missing,
    StoppedTask,
    TaskDefinitionRef,
)
from cronmend.model.keys import stable_key

SCHEDULER = "chronos-schedule/"
RULE = "events-rule/"
OWN = "cronmend/"
"""How ``startedBy`` starts for runs of EventBridge Scheduler, of EventBridge rules, and of Cronmend."""

JOB_VARIABLE = "CRONMEND_JOB"
SLOT_VARIABLE = "CRONMEND_SLOT"
ATTEMPT_VARIABLE = "CRONMEND_ATTEMPT"
MADE_UP = ("ambiguous/", "unattributed/")
"""How the ID starts that stands for the job of a run if it isn't known."""
STARTED_BY = 36
"""The former maximum length of ``startedBy``; the names of rules and schedules are still cut there."""
NAME_KEPT = 19
"""Characters of a schedule's name in ``startedBy``: 36 in all, less the prefix."""


def declared_jobs(task: FailedTask | LiveTask) -> frozenset[str]:
    """The job IDs in the run's environment. Each may have been copied from another job."""
    return _variables(task.overrides, JOB_VARIABLE)


def declared_slot(task: FailedTask | LiveTask) -> str:
    """The slot in the run's environment (ISO 8601); ``""`` if there is none or Scheduler left its placeholder."""
    return next(filter(is_replaced, sorted(_variables(task.overrides, SLOT_VARIABLE))), "")


def name_prefix(task: FailedTask | LiveTask) -> str:
    """The schedule's name as cut in ``startedBy``, or all of ``startedBy`` for a rule; ``""`` if neither started it."""
    if task.started_by.startswith(RULE):
        return task.started_by
    return task.started_by.removeprefix(SCHEDULER) if task.started_by.startswith(SCHEDULER) else ""


def is_run(task: LiveTask) -> bool:
    """Whether a schedule, a rule or Cronmend started it: Cronmend hears of its end."""
    return task.started_by.startswith((SCHEDULER, RULE, OWN))


def job_by_name(task: FailedTask | LiveTask) -> str:
    """The one job in the run's environment that has the name in ``startedBy``; ``""`` if none or several have."""
    borne_out = _borne_out(task)
    return next(iter(borne_out)) if len(borne_out) == 1 else ""


def likely_job(task: FailedTask | LiveTask) -> str:
    """The job that the run most likely belongs to, before any schedule is read; ``""`` if it names none or several."""
    marked = _marked(task)
    return next(iter(marked)) if len(marked) == 1 else job_by_name(task)


def name_of(job: str) -> str:
    """The whole name of a job's schedule, without its group; for a rule, all of the ID but its target.

    Few schedules start with a whole name: those of that name in other groups, and those named after it. As many as
    1,000 may share the characters that ``startedBy`` keeps.
    """
    return "/".join(job.split("/")[:2]) if job.startswith(RULE) else job.rsplit("/", 1)[-1]


def kept_name(job: str) -> str:
    """The name of the job's schedule or rule as far as ``startedBy`` keeps it; for a rule, all of ``startedBy``."""
    return name_of(job)[: STARTED_BY if job.startswith(RULE) else NAME_KEPT]


def started_by(job: str) -> str:
    """``startedBy`` of the runs that the job's schedule or rule starts."""
    return kept_name(job) if job.startswith(RULE) else f"{SCHEDULER}{kept_name(job)}"


def identify(task: FailedTask, candidates: Sequence[LiveSchedule] | Missing) -> Identity:
    """The job of a run, from the live schedules whose names start with the prefix in ``startedBy``."""
    if isinstance(candidates, Missing):
        return _without_schedule(task, candidates)
    found = _declared(task, [each for each in candidates if _matches(each, task)])
    if len(found) == 1:
        return Identity(found[0].job, certain=True, reason="", schedule=found[0])
    if not found:
        return _without_schedule(task, Missing(_no_match(task.started_by)))
    jobs = [each.job for each in found]
    return ambiguous(task, jobs, f"{len(found)} schedules match {task.started_by!r}: {', '.join(sorted(jobs))}")


def ambiguous(task: FailedTask, jobs: Sequence[str], reason: str) -> Identity:
    job = f"ambiguous/{_own_name(name_prefix(task), task, ', '.join(sorted(jobs)))}"
    return Identity(job, certain=False, reason=reason, schedule=Missing(reason))


def unattributed(task: StoppedTask, job: str) -> str:
    """The ID on record for a run like this one that the job's schedule starts, if the schedule can't be read then; the
    job itself if its runs name it."""
    if task.started_by.startswith(OWN):
        overrides = tuple(replace(each, environment={}) for each in task.overrides)
        task = replace(task, started_by=started_by(job), overrides=overrides)
    return _without_schedule(task, Missing("the schedule can't be read")).job


def look_alikes(schedule: LiveSchedule, candidates: Sequence[LiveSchedule]) -> str:
    """Why the schedule's own runs can't be told from those of the candidates, as a clause; ``""`` if they can."""
    reference = TaskDefinitionRef.parse(schedule.parameters["TaskDefinitionArn"])
    by, overrides = started_by(schedule.job), overrides_of(schedule)
    run = StoppedTask("", schedule.cluster_arn, reference, "", overrides=overrides, started_by=by)
    who = identify(run, candidates)
    return "" if who.job == schedule.job else who.reason or f"its runs look like those of {who.job}"


def _no_match(started_by: str) -> str:
    """Only rules of the default event bus are read, and a schedule with a universal target has no ECS target."""
    if started_by.startswith(RULE):
        return f"no rule matches {started_by!r}: it was deleted or changed, or is on a custom event bus"
    return f"no schedule with an ECS target matches {started_by!r}: it was deleted or changed"


def _declared(task: FailedTask, matching: Sequence[LiveSchedule]) -> Sequence[LiveSchedule]:
    """The schedules that the run's declared job leaves: those it names, and those that pass this name on.

    A name that leaves none was copied from another job and is ignored, unless the run's starter bears it out.
    """
    if not (declared := declared_jobs(task)):
        return matching
    left = [each for each in matching if each.job in declared or passed_on(each) == declared]
    return left if left or _borne_out(task) else matching


def runs_job(task: LiveTask, schedule: LiveSchedule) -> bool:
    """Whether this is a run of the schedule's job, even if something other than the schedule started it.

    A declared job may have been copied, so it doesn't hide a run that does the same work. If in doubt, it is one: the
    job must not run twice at once.
    """
    if marked := _marked(task):
        return schedule.job in marked
    kept = name_prefix(task)
    if kept and not is_named(schedule.job, kept):
        return False
    if schedule.job in declared_jobs(task):
        return True
    return task.cluster_arn == schedule.cluster_arn and same_work(schedule, task) and not _names_another(task, schedule)


def _marked(task: FailedTask | LiveTask) -> frozenset[str]:
    """The job that Cronmend itself wrote into its own run; empty for any other run."""
    if not task.started_by.startswith(OWN):
        return frozenset()
    return _variables([each for each in task.overrides if ATTEMPT_VARIABLE in each.environment], JOB_VARIABLE)


def _names_another(task: LiveTask, schedule: LiveSchedule) -> bool:
    """Whether the run declares another job, and nothing suggests that the name was copied."""
    declared = declared_jobs(task)
    if not declared or declared == passed_on(schedule):
        return False
    if name_prefix(task):
        return bool(_borne_out(task))
    return not _same_environment(overrides_of(schedule), task.overrides)


def _borne_out(task: FailedTask | LiveTask) -> frozenset[str]:
    """The declared jobs whose name is the one in ``startedBy``, as far as it is kept there."""
    kept = name_prefix(task)
    return frozenset(job for job in declared_jobs(task) if kept and is_named(job, kept))


def _without_schedule(task: FailedTask, why: Missing) -> Identity:
    """Without a live schedule, a run still belongs to the job it names, but there is no target to re-run.

    The name must be that of what started the run: others may have been copied. Cronmend names the jobs of its own runs.
    """
    own = declared_jobs(task) if task.started_by.startswith(OWN) else frozenset()
    if len(jobs := _marked(task) or own or _borne_out(task)) == 1:
        return Identity(next(iter(jobs)), certain=True, reason=why.reason, schedule=why)
    name = name_prefix(task).removeprefix(RULE) or task.task_definition.family
    return Identity(f"unattributed/{_own_name(name, task)}", certain=False, reason=why.reason, schedule=why)


def _own_name(name: str, task: FailedTask, names: str = "") -> str:
    """A name that no other job and no other set of candidates has; messages show only its last part."""
    commands = sorted((each.name, each.command) for each in task.overrides if each.command)
    about = repr((task.started_by, task.cluster_arn, task.task_definition.family, commands, names))
    return f"{stable_key(about, 0)[:8]}/{name}"


def _matches(schedule: LiveSchedule, task: FailedTask) -> bool:
    return (
        is_named(schedule.job, name_prefix(task))
        and schedule.cluster_arn == task.cluster_arn
        and same_work(schedule, task)
    )


def is_named(job: str, kept: str) -> bool:
    """Whether the job has the name in ``startedBy``, as far as it is kept there."""
    if not kept.startswith(RULE):
        return not job.startswith(RULE) and name_of(job)[:NAME_KEPT] == kept
    name = name_of(job)
    return name == kept or (len(kept) >= STARTED_BY and name.startswith(kept))


def passed_on(schedule: LiveSchedule) -> frozenset[str]:
    """The job IDs that the schedule passes to its runs."""
    return _variables(overrides_of(schedule), JOB_VARIABLE)


def _same_environment(written: Sequence[ContainerOverride], seen: Sequence[ContainerOverride]) -> bool:
    wanted, given = _environment(written), _environment(seen)
    return wanted.keys() == given.keys() and all(fits(wanted[key], given[key]) for key in wanted)


def _environment(overrides: Sequence[ContainerOverride]) -> dict[tuple[str, str], str]:
    """Values by container and name, without Cronmend's own variables."""
    pairs = (((each.name, name), value) for each in overrides for name, value in each.environment.items())
    return {key: value for key, value in pairs if not key[1].startswith("CRONMEND_")}


def _variables(overrides: Sequence[ContainerOverride], name: str) -> frozenset[str]:
    return frozenset(value for each in overrides if (value := each.environment.get(name)))
