"""``cronmend event``: make the event of a failure of one's own, for `sam local invoke`."""

from copy import replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.console import err, fail, json_text, write
from cli.jobs.job import Job
from cli.stopped_runs.ending import BadOption
from cli.stopped_runs.fresh import freshened
from cli.stopped_runs.in_account import LocalPast
from cli.stopped_runs.made_event import definition_of, made_event, stable_id
from cli.stopped_runs.options import ENDING, RunOptions, read_event, read_log, with_run_options
from cli.stopped_runs.scheduled_job import ScheduledJob, jobs_in, named, of_job, unknown
from cronmend.incoming.task_events import stopped_task
from cronmend.model import Log

event_app = typer.Typer(no_args_is_help=True, help="Make events to invoke the functions with on this machine.")
_NO_ACCOUNT = (
    "No local account is up, so nothing but the event was made{log}. For a diagnosis by a function, start one with "
    "`cronmend local up` and run this command again. `cronmend explain` needs no account."
)


@event_app.callback()
def _group() -> None:
    """Keep the name `new`: typer runs an only command without its name."""


@event_app.command()
@with_run_options
def new(
    run: RunOptions,
    event: Annotated[
        str | None,
        typer.Argument(metavar="EVENT", help="With --fresh or --log: an event to take instead of making one."),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Give the task a new ID. Otherwise the same options give the same ID."),
    ] = False,
) -> None:
    """Print the ECS event of a run that ended as the options say.

    If a local account is up, the log, the deploy and the schedule are put there, so that
    `sam local invoke TaskStateFunction -e FILE` diagnoses the run.
    """
    try:
        now, account = datetime.now(UTC), LocalPast.running()
        if event is None:
            printed = made(run, now, account, fresh=fresh)
        else:
            printed = taken(event, run, now, account, fresh=fresh)
    except BadOption as error:
        raise fail(str(error), 2) from error
    write(f"{json_text(printed)}\n")


def taken(name: str, run: RunOptions, now: datetime, account: LocalPast | None, *, fresh: bool) -> dict[str, Any]:
    """The event of a file, with a new task ID, a log, or both. Without a log, a new ID gets a copy of the old one's."""
    if said := run.given("job", "deploy", *ENDING):
        raise BadOption(f"EVENT already describes the run. Leave out {' and '.join(said)}, or leave out EVENT.")
    if not fresh and run.log is None:
        raise BadOption("Nothing to change in EVENT. Use --fresh for a new task ID, --log for a log, or both.")
    event, log = read_event(name, run), read_log(run.log) if run.log is not None else None
    task = stopped_task(event, run.container or "")
    if log is not None and not task.job_container:
        raise BadOption("EVENT doesn't show which container is the job. Name it with --container.")
    task_id = token_hex(16) if fresh else task.task_id
    if account is None:
        _print_no_account(log)
    else:
        account.put_log(task.job_container, task_id, account.log_of(task) if log is None else log)
        _report(account)
    return freshened(event, task_id, str(uuid4()), now) if fresh else event


def made(run: RunOptions, now: datetime, account: LocalPast | None, *, fresh: bool) -> dict[str, Any]:
    """The event of a run that ended as the options say. Its log, deploy and schedule are put into the account.

    The options are checked before the account is changed; only a container that the task definition lacks comes later.
    """
    ending, log = run.ending, read_log(run.log) if run.log is not None else None
    job = _job(run, account, now)
    task_id = token_hex(16) if fresh else _id_of(run, job, log)
    if account is None:
        event = made_event(job, ending, definition_of(job), task_id, now)
        _print_no_account(log)
        return event
    job, definition = account.prepare(job, run.deploy)
    event = made_event(job, ending, definition, task_id, now, account.digests())
    if ending.ran:
        account.put_log(job.container, task_id, log)
    _report(account)
    return event


def _print_no_account(log: Log | None) -> None:
    err.print(_NO_ACCOUNT.format(log="" if log is None else ": the log isn't stored anywhere"))


def _report(account: LocalPast) -> None:
    err.print("\n".join(["In the local account:", *(f"- {each}" for each in account.done)]))


def _job(run: RunOptions, account: LocalPast | None, now: datetime) -> ScheduledJob:
    """The job as the jobs file defines it, else as the local account does."""
    if not run.job:
        raise BadOption("--job is missing. Name a job of the jobs file, or <group>/<schedule name>.")
    exists = run.file is not None or run.jobs_file.exists()
    jobs = jobs_in(run.jobs_file, run.env) if exists else ()
    job = named(run.job, jobs)
    if job and job.managed:
        return of_job(job, now, run.container or "")
    found = account.scheduled_job(job.id if job else run.job) if account else None
    if found is None:
        raise _unknown(run, jobs, account, only_policy=job is not None)
    return replace(found, container=run.container or found.container)


def _unknown(run: RunOptions, jobs: tuple[Job, ...], account: LocalPast | None, *, only_policy: bool) -> BadOption:
    start = "" if account else " Start the account with `cronmend local up`."
    if only_policy:
        return BadOption(
            f"--job: {run.jobs_file} has only the policy of {run.job} (managed = false), and its schedule is not in a "
            f"local account, so its command isn't known.{start} Or name another job."
        )
    name = run.job or ""
    if account and "/" in name:
        return unknown(name, jobs, run.jobs_file, "The local account has no such schedule either.")
    elsewhere = f"For a job that only the local account has, use <group>/<schedule name>.{start}"
    return unknown(name, jobs, run.jobs_file, elsewhere)


def _id_of(run: RunOptions, job: ScheduledJob, log: Log | None) -> str:
    """The same for the same description of a run, whatever the time and the name of the log's file."""
    said = (run.exit_code, run.deploy, run.stop_reason, run.stop_code, run.container, log)
    return stable_id(job.id, *map(str, said))
