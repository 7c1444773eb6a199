"""The `jobs` commands that talk to an account: diff, import, run, pause and resume, and check's --live."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import boto3
import typer

from cli.jobs import diff as differences
from cli.jobs import hold, live, run, show
from cli.jobs.aws import Answer, LiveSchedules, Surroundings
from cli.jobs.build import group_of
from cli.jobs.files import DEFAULT, Environment, File, load, moment, politely, sound
from cli.jobs.importers import read as importing
from cli.jobs.job import jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.toml_files.source import Finding, Source
from cronmend.errors import Permanent
from cronmend.jobs import policies

DIFFERS = 2
_YAML = (".yaml", ".yml")
_RULES = re.compile(r'"rules"\s*:\s*\[')
"""What tells ecschedule's JSON from Terraform's."""


def register(app: typer.Typer) -> None:
    app.command(name="diff")(diff)
    app.command(name="import")(import_jobs)
    app.command(name="run")(run_job)
    app.command(name="pause")(pause)
    app.command(name="resume")(resume)


def live_findings(read: Source) -> list[Finding]:
    with politely():
        account, schedules = Surroundings(), LiveSchedules()
        home = schedules.home()
        there = {str(each["Name"]): each for each in schedules.all_in(group_of(read))}
        return [
            Finding(read.place_of(job.name, key), f"jobs.{job.name}.{key}", problem, remedy)
            for job in jobs_of(read.tables)
            if job.managed
            for key, problem, remedy in live.problems(job, account, home, there.get(job.name))
        ]


def diff(file: File = DEFAULT, env: Environment = "") -> None:
    """The file against the live account: exit 2 where they differ."""
    read = sound(file, env)
    jobs = jobs_of(read.tables)
    with politely():
        schedules, around = LiveSchedules(), Surroundings()
        found = list(differences.diff(jobs, schedules.all_in(group_of(read)), schedules.home()))
        for job in (job for job in jobs if job.managed and job.pinned):
            newest = around.task_definition(job.task_definition.rpartition(":")[0])
            drifted = differences.drift(job, int(newest["revision"])) if newest else None
            found += [drifted] if drifted else []
    for each in found:
        show.out.print(str(each), markup=False)
    show.err.print(show.count(len(found), "difference") if found else "the account is as the file says")
    raise typer.Exit(DIFFERS if found else 0)


def import_jobs(
    source: Annotated[Path | None, typer.Argument(help="A file; the live account where it is left out")] = None,
    group: Annotated[str, typer.Option(help="The live schedule group")] = "default",
    out: Annotated[Path | None, typer.Option(help="Write here instead of printing")] = None,
    system: Annotated[bool, typer.Option(help="A crontab with a user's name in each line")] = False,
    policy: Annotated[Path | None, typer.Option("--policies", help="A jobs.json to take the policies from")] = None,
) -> None:
    """Write a jobs.toml from a live account, `terraform show -json`, ecschedule's YAML or a crontab."""
    with politely():
        if out and out.exists():
            raise Permanent(f"{out} is there already: write another --out, or move it away")
        known = policies.read(_text(policy)) if policy else None
        imported = _imported(source, group, system=system, known=known)
    for note in imported.notes:
        show.err.print(f"note: {note}", markup=False)
    if out:
        out.write_text(imported.text, encoding="utf-8")
    else:
        print(imported.text, end="")
    show.err.print(f"{show.count(imported.jobs, 'job')}; now: cronmend jobs check {out or 'FILE'}")


def run_job(
    job: Annotated[str, typer.Argument(help="Its name, or <group>/<name>")],
    file: File = DEFAULT,
    env: Environment = "",
    follow: Annotated[bool, typer.Option("--follow", help="Show its log and exit with its code")] = False,
) -> None:
    """Start a job now as its schedule would."""
    with politely():
        schedule = LiveSchedules().get(*_job(job, file, env))
        wanted, runner = run.request(schedule, datetime.now(UTC)), run.Runner(boto3.Session())
        task = runner.start(wanted)
        show.err.print(f"started {task}")
        if follow:
            code = runner.follow(wanted["cluster"], task, run.job_container(schedule), print)
            raise typer.Exit(code)


def pause(
    job: Annotated[str, typer.Argument(help="Its name, or <group>/<name>")],
    file: File = DEFAULT,
    env: Environment = "",
    until: Annotated[str, typer.Option(metavar="ISO", help="It goes on by itself then")] = "",
) -> None:
    """Keep a schedule from starting its job; a run that is alive goes on."""
    with politely():
        schedules = LiveSchedules()
        schedule = schedules.get(*_job(job, file, env))
        end = moment(until, "--until") if until else None
        schedules.update(hold.paused(schedule, datetime.now(UTC), end))
    show.err.print(f"{job} is paused" + (f" until {end.isoformat()}" if end else f": cronmend jobs resume {job}"))


def resume(
    job: Annotated[str, typer.Argument(help="Its name, or <group>/<name>")], file: File = DEFAULT, env: Environment = ""
) -> None:
    """Let a paused schedule start its job again."""
    with politely():
        schedules = LiveSchedules()
        schedules.update(hold.resumed(schedules.get(*_job(job, file, env)), datetime.now(UTC)))
    show.err.print(f"{job} starts again at its next slot")


def _job(job: str, file: Path, env: str) -> tuple[str, str]:
    """Group and name; the group is the file's where the job names none."""
    group, slash, name = job.partition("/")
    if slash:
        return group, name
    if not file.exists():
        return DEFAULT_GROUP, job
    tables = load(file, env)
    own = tables.tables.get("jobs", {}).get(job, {})
    return str(own.get("group", group_of(tables))), job


def _imported(source: Path | None, group: str, *, system: bool, known: policies.Policies | None) -> importing.Imported:
    if source is None:
        schedules: list[Answer] = list(LiveSchedules().all_in(group))
        if not schedules:
            raise Permanent(f"the group {group} has no schedule: name another with --group")
        return importing.from_schedules(schedules, group, known)
    text = _text(source)
    is_json = source.suffix == ".json" or text.lstrip().startswith("{")
    if source.suffix in _YAML or (is_json and _RULES.search(text)):
        return importing.from_ecschedule(text)
    if is_json:
        return importing.from_terraform(text)
    return importing.from_crontab(text, system=system)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Permanent(f"{file} can't be read: {error}") from error
