"""`cronmend jobs …`: one file defines the schedules, and a mistake is found before AWS sees it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.jobs import account, export, schema, show, slots
from cli.jobs import build as building
from cli.jobs.check import mistakes
from cli.jobs.files import DEFAULT, Environment, File, chosen, findings, load, moment, sound
from cli.jobs.job import jobs_of

app = typer.Typer(name="jobs", help=__doc__, no_args_is_help=True)
SCHEMA = Path("jobs.schema.json")


@app.command()
def check(
    file: Annotated[Path, typer.Argument()] = DEFAULT,
    env: Environment = "",
    live: Annotated[bool, typer.Option("--live", help="Look also whether the account has what the jobs need")] = False,
) -> None:
    """Find every mistake: line, key, what is wrong, what to write. Exit 1 where there is one."""
    read = load(file, env)
    found = findings(read)
    if live and not mistakes(found):
        found += account.live_findings(read)
    show.findings(found)
    show.err.print(f"{file}: {show.summary(found)}")
    raise typer.Exit(1 if mistakes(found) else 0)


@app.command()
def build(
    file: File = DEFAULT,
    env: Environment = "",
    root: Annotated[Path, typer.Option(help="The project's directory")] = Path(),
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file is stale")] = False,
) -> None:
    """Write schedules/template.yaml and functions/cronmend/jobs/jobs.json."""
    expected = {**building.files(sound(file, env)), SCHEMA: schema.text()}
    stale = building.stale(expected, root)
    for path in stale:
        show.err.print(f"{'stale' if only_check else 'written'}: {path}")
    if only_check and stale:
        show.err.print("run `cronmend jobs build` and commit what it writes")
        raise typer.Exit(1)
    building.write(expected, root)
    show.err.print(f"{len(expected)} files are those of {file}")


@app.command(name="next")
def next_slots(
    names: Annotated[list[str] | None, typer.Argument(metavar="JOB…")] = None,
    file: File = DEFAULT,
    env: Environment = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="Slots a job")] = 5,
    after: Annotated[str, typer.Option(metavar="ISO", help="From this moment on; now where it is left out")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The slots that fire, by job")] = False,
) -> None:
    """The next slots; those that a change of the clocks takes or doubles are marked."""
    since = moment(after, "--after") if after else datetime.now(UTC)
    managed = [job for job in chosen(file, env, names or []) if job.managed]
    if as_json:
        firing = {job.name: [slot.at.isoformat() for slot in slots.upcoming(job, since, count)] for job in managed}
        print(json.dumps(firing))
        return
    for job in managed:
        show.out.print(f"[bold]{job.name}[/]  {job.schedule} {job.timezone}{'' if job.enabled else '  (disabled)'}")
        for slot in slots.upcoming(job, since, count, skipped=True):
            show.out.print(f"  {slot.at.isoformat()}  {slot.at:%a}  {slots.MARKS[slot.mark]}".rstrip())


@app.command(name="export")
def export_jobs(
    file: File = DEFAULT,
    env: Environment = "",
    terraform: Annotated[bool, typer.Option("--terraform", help="As Terraform's JSON (.tf.json)")] = False,
) -> None:
    """Print the schedules, roles and queue for a team whose infrastructure is Terraform."""
    if not terraform:
        show.err.print("write --terraform: it is the only form there is; CloudFormation's is `cronmend jobs build`")
        raise typer.Exit(2)
    read = sound(file, env)
    print(export.terraform(jobs_of(read.tables), building.group_of(read)), end="")


@app.command(name="schema")
def print_schema() -> None:
    """Print the JSON Schema that gives completion in editors."""
    print(schema.text(), end="")


account.register(app)
