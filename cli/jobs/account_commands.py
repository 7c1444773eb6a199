"""The `jobs` commands that call AWS: diff, run, pause and resume, and `check --live`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import boto3
import typer

from cli.aws_options import Profile, Region
from cli.console import err, out, print_json, print_log, progress, spinner
from cli.jobs import live, pause, run
from cli.jobs.aws import LiveAccount, LiveSchedules
from cli.jobs.built_files import group_of
from cli.jobs.differences import differences, pinned_behind, without_schedule
from cli.jobs.files import DEFAULT, Environment, FileArgument, read, read_valid
from cli.jobs.job import Job, jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.jobs.unmatched import Unmatched, groups, unmatched
from cli.task_runner import Runner
from cli.times import parse_until
from cli.toml_files.commands import AsJson, FileOption, chosen_file, reported_errors
from cli.toml_files.findings import count
from cli.toml_files.source import Finding, Source

DIFFERS = 2
_UNMARKED = (
    "Cronmend can't tell which job this run is of: its task has several containers. Name the job's own in the target's "
    "input (containerOverrides), or use `cronmend rerun`."
)
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="A job's name in the file, or <group>/<name>.", show_default=False)
]


def account_findings(source: Source, profile: str | None, region: str | None) -> list[Finding]:
    """What the account lacks for the jobs of the file."""
    every = jobs_of(source.tables)
    jobs = [job for job in every if job.managed]
    found: list[Finding] = []
    with reported_errors(), progress("jobs checked in the account", len(jobs)) as done:
        session = boto3.Session(profile_name=profile, region_name=region)
        account, schedules = LiveAccount(session), LiveSchedules(session)
        home = schedules.home()
        deployed = {str(each["Name"]): each for each in schedules.all_in(group_of(source))}
        for number, job in enumerate(jobs, 1):
            for key, problem, remedy in live.problems(job, account, home, deployed.get(job.name)):
                name = f"jobs.{job.name}.{key}"
                found.append(Finding(source.location_of(job.name, key), name, problem, remedy))
            done(completed=number)
        found += live.policy_findings(source, every, _unmatched(source, every, schedules))
    return found


def _unmatched(source: Source, jobs: Sequence[Job], schedules: LiveSchedules) -> Unmatched:
    policies = {job.id for job in jobs}
    started = [job for group in groups(policies, group_of(source)) for job in schedules.starting_tasks(group)]
    return unmatched(policies, started)


def diff(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Compare the file with the account. Exits with 2 if they differ."""
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    jobs = jobs_of(source.tables)
    with reported_errors(), spinner("Reading the account's schedules"):
        session = boto3.Session(profile_name=profile, region_name=region)
        schedules, account = LiveSchedules(session), LiveAccount(session)
        found = list(differences(jobs, schedules.all_in(group_of(source)), schedules.home(), datetime.now(UTC)))
        for job in (job for job in jobs if job.managed and job.pinned):
            newest = account.task_definition(job.task_definition.rpartition(":")[0])
            behind = pinned_behind(job, int(newest["revision"])) if newest else None
            found += [behind] if behind else []
        apart = _unmatched(source, jobs, schedules)
    found += without_schedule(jobs, apart)
    if as_json:
        print_json([str(each) for each in found])
    else:
        for each in found:
            out.print(str(each))
    if others := [job for job in apart.schedules if job.partition("/")[0] != group_of(source)]:
        err.print(f"note: {', '.join(others)} {'have' if len(others) > 1 else 'has'} no policy in the file")
    err.print(count(len(found), "difference") if found else "The account matches the file.")
    raise typer.Exit(DIFFERS if found else 0)


def run_job(  # each is an argument or option of the command
    job: JobArgument,
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    follow: Annotated[bool, typer.Option("--follow", help="Print the log, and exit with the job's exit code.")] = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Start a job now, as its schedule would. It counts as a run of its job: its success closes the incident."""
    path = chosen_file(file, file_option, DEFAULT)
    with reported_errors():
        runner = Runner(boto3.Session(profile_name=profile, region_name=region))
        schedule = LiveSchedules(runner.session).get(*_group_and_name(job, path, env))
        container = run.container_of(schedule, runner)
        request = run.request(schedule, datetime.now(UTC), container)
        task = runner.start(request)
        err.print(f"Started {task}")
        if not container:
            err.print(_UNMARKED)
        if follow:
            raise typer.Exit(runner.follow(request["cluster"], task, container, print_log))


def pause_job(  # each is an argument or option of the command
    job: JobArgument,
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    until: Annotated[
        str, typer.Option(metavar="DATE-TIME", help="Resume automatically then, or so long from now, such as 8h.")
    ] = "",
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Stop a schedule from starting its job. A run that is active continues."""
    path = chosen_file(file, file_option, DEFAULT)
    with reported_errors():
        now = datetime.now(UTC)
        end = parse_until(until, now) if until else None
        schedules = LiveSchedules(boto3.Session(profile_name=profile, region_name=region))
        schedule = schedules.get(*_group_and_name(job, path, env))
        schedules.update(pause.paused(schedule, now, end))
    resumes = f"until {end.isoformat()}" if end else f"until you run: cronmend jobs resume {job}"
    err.print(f"{job} is paused {resumes}")


def resume_job(
    job: JobArgument,
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Let a paused schedule start its job again."""
    path = chosen_file(file, file_option, DEFAULT)
    with reported_errors():
        schedules = LiveSchedules(boto3.Session(profile_name=profile, region_name=region))
        schedules.update(pause.resumed(schedules.get(*_group_and_name(job, path, env)), datetime.now(UTC)))
    err.print(f"{job} is resumed: its schedule starts it at the next scheduled time.")


def _group_and_name(job: str, file: Path, env: str) -> tuple[str, str]:
    """The group is the file's if the job names none."""
    group, slash, name = job.partition("/")
    if slash:
        return group, name
    if not file.exists():
        return DEFAULT_GROUP, job
    source = read(file, env)
    own = source.tables.get("jobs", {}).get(job, {})
    return str(own.get("group", group_of(source))), job
