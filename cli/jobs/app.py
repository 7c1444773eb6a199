"""`cronmend jobs …`: the commands on a jobs file. Those that need AWS are in account_commands.py."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.console import err, fail, out, print_json, write
from cli.jobs import account_commands, export, import_command, schema, slots
from cli.jobs.built_files import built_files, group_of, surplus, up_to_date
from cli.jobs.files import DEFAULT, Environment, FileArgument, findings, read, read_valid, selected
from cli.jobs.job import jobs_of
from cli.toml_files.commands import (
    AsJson,
    FileOption,
    OnlyCheck,
    Root,
    chosen_file,
    date_and_time,
    names_and_file,
    reported_errors,
    write_generated,
)
from cli.toml_files.findings import mistakes, print_findings, summary

jobs_app = typer.Typer(
    name="jobs",
    help="Define scheduled jobs in a file, and find mistakes in it before you deploy.",
    no_args_is_help=True,
)


@jobs_app.command()
def check(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    live: Annotated[bool, typer.Option("--live", help="Also check that the account has what the jobs need.")] = False,
) -> None:
    """Report every mistake with its line, key, problem and fix. Exits with 1 if there is a mistake."""
    path = chosen_file(file, file_option, DEFAULT)
    source = read(path, env)
    found = findings(source)
    if live and not mistakes(found):
        found += account_commands.live_findings(source)
    print_findings(found)
    err.print(f"{path}: {summary(found)}")
    raise typer.Exit(1 if mistakes(found) else 0)


@jobs_app.command()
def build(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    root: Root = Path(),
    only_check: OnlyCheck = False,
) -> None:
    """Write the schedules' template, the policies that the functions read, and the editors' schema."""
    path = chosen_file(file, file_option, DEFAULT)
    source, now = read_valid(path, env), datetime.now(UTC)
    with reported_errors():
        expected = up_to_date(source, now, root) if only_check else built_files(source, now, root)
    left_over = surplus(expected, root)
    if only_check and left_over:
        raise fail(f"{', '.join(map(str, left_over))} has no jobs any more. Run `cronmend jobs build`.")
    for each in left_over:
        (root / each).unlink()
    write_generated(expected, root, file=path, command="cronmend jobs build", only_check=only_check)


@jobs_app.command(name="next")
def next_slots(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB|FILE", help=f"Jobs by name, or all; and the file to read (default: {DEFAULT})."),
    ] = None,
    file_option: FileOption = None,
    env: Environment = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many scheduled times to list for each job.")] = 5,
    after: Annotated[
        str, typer.Option(metavar="DATE-TIME", help="Start at this date and time, not now.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the next scheduled times, and mark those that a clock change skips or repeats."""
    names, path = names_and_file(words or [], file_option, DEFAULT)
    since = date_and_time(after, "--after") if after else datetime.now(UTC)
    managed = [job for job in selected(path, env, names) if job.managed]
    if as_json:
        print_json(
            {
                job.name: [slot.at.isoformat(timespec="seconds") for slot in slots.upcoming(job, since, count)]
                for job in managed
            }
        )
        return
    for job in managed:
        state = "" if job.enabled else "  (disabled)"
        out.print(Text.assemble((job.name, "bold"), f"  {job.schedule} {job.timezone}{state}"))
        for slot in slots.upcoming(job, since, count, skipped=True):
            out.print(f"  {slot.at.isoformat(timespec='seconds')}  {slot.at:%a}  {slots.MARKS[slot.mark]}".rstrip())


@jobs_app.command(name="export")
def export_jobs(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    terraform: Annotated[bool, typer.Option("--terraform", help="Print Terraform JSON (.tf.json).")] = False,
) -> None:
    """Print the schedules, roles and queue for Terraform."""
    if not terraform:
        raise fail("No output format is given. Use --terraform; for CloudFormation, run `cronmend jobs build`.", 2)
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    write(export.terraform(jobs_of(source.tables), group_of(source)))


@jobs_app.command(name="schema")
def print_schema() -> None:
    """Print the JSON Schema of jobs.toml, for completion in editors."""
    write(schema.text())


account_commands.register(jobs_app)
import_command.register(jobs_app)
