"""The run that `cronmend explain` is asked about: an event as it is, or one made up from options."""

from copy import replace
from dataclasses import dataclass
from datetime import datetime

from cli.diagnosis.samples import Sample
from cli.jobs.job import Job
from cli.stopped_runs.deploys import window_of
from cli.stopped_runs.ending import BadOption
from cli.stopped_runs.made_event import definition_of, made_event, stable_id
from cli.stopped_runs.options import ENDING, RunOptions, read_event, read_log
from cli.stopped_runs.scheduled_job import ScheduledJob, jobs_in, named, of_job, stand_in, unknown
from cronmend.incoming.task_events import stopped_task
from cronmend.jobs.identity import identify
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Evidence, LiveSchedule, Log, Missing, Policy, StoppedTask

_NO_POLICY = "the default for a job that jobs.toml doesn't have"


@dataclass(frozen=True, slots=True)
class Question:
    sample: Sample
    job: str
    """Its ID; ``""`` if the run was described without one."""
    policy_source: str
    """Where the policy comes from."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A job as far as a jobs file knows it."""

    id: str
    policy: JobPolicy
    policy_source: str
    schedule: LiveSchedule | None


def question(run: RunOptions, event: str | None, policy: Policy | None, now: datetime) -> Question:
    """
    Args:
        event: a file with an event, or ``-``; None if the options alone describe the run.
        policy: goes before the job's own.

    Raises:
        BadOption: an option, or the event, can't be used.
    """
    task, job = _made(run, now) if event is None else _of_event(event, run, now)
    if policy:
        job = replace(job, policy=replace(job.policy, rerun=policy), policy_source="as --policy says")
    evidence = Evidence(task, _log(run, task), window_of(run.deploy))
    return Question(Sample(job.id, evidence, job.policy, job.schedule, now), job.id, job.policy_source)


def _made(run: RunOptions, now: datetime) -> tuple[StoppedTask, _Known]:
    if not run.given("log", *ENDING):
        raise BadOption(
            "Nothing to explain. Name the job's log with --log FILE (- for standard input), an EVENT file, or how the "
            "run ended with --exit-code, --stop-code or --stop-reason."
        )
    ending = run.ending
    job = _named(run, now) if run.job else None
    scheduled = job[0] if job else stand_in(now, run.container or "")
    event = made_event(scheduled, ending, definition_of(scheduled), stable_id(scheduled.id), now)
    return stopped_task(event, scheduled.container), job[1] if job else _Known("", JobPolicy(), _NO_POLICY, None)


def _of_event(name: str, run: RunOptions, now: datetime) -> tuple[StoppedTask, _Known]:
    if said := run.given(*ENDING):
        raise BadOption(f"EVENT already says how the run ended. Leave out {' and '.join(said)}, or leave out EVENT.")
    task = stopped_task(read_event(name, run), run.container or "")
    return task, _named(run, now)[1] if run.job else _attributed(task, run, now)


def _named(run: RunOptions, now: datetime) -> tuple[ScheduledJob, _Known]:
    jobs, name = jobs_in(run.jobs_file, run.env), run.job or ""
    if (job := named(name, jobs)) is None:
        remedy = "For a job that is defined elsewhere, leave out --job and name its policy with --policy."
        raise unknown(name, jobs, run.jobs_file, remedy)
    scheduled = of_job(job, now, run.container or "")
    return scheduled, _known(job, scheduled, run)


def _attributed(task: StoppedTask, run: RunOptions, now: datetime) -> _Known:
    """The job of the event, with the policy that the jobs file has for it, if there is a file."""
    exists = run.file is not None or run.jobs_file.exists()
    jobs = {job.id: (job, of_job(job, now)) for job in jobs_in(run.jobs_file, run.env)} if exists else {}
    id_ = identify(task, [scheduled.live for job, scheduled in jobs.values() if job.managed]).job
    return _known(*jobs[id_], run) if id_ in jobs else _Known(id_, JobPolicy(), _NO_POLICY, None)


def _known(job: Job, scheduled: ScheduledJob, run: RunOptions) -> _Known:
    return _Known(job.id, job.policy, f"from {run.jobs_file}", scheduled.live if job.managed else None)


def _log(run: RunOptions, task: StoppedTask) -> Log | Missing:
    if run.log is not None:
        return read_log(run.log)
    return Missing("no log was given" if task.ran else "the container never ran, so it wrote nothing")
