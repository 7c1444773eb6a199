"""The `jobs` commands that only read a jobs file. They import no client of AWS."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from cli.aws_options import Profile, Region
from cli.console import err, out, print_json, write
from cli.jobs import schema, slots
from cli.jobs.files import DEFAULT, Environment, FileArgument, findings, read, selected
from cli.times import parse_until
from cli.toml_files.commands import (
    AsJson,
    FileOption,
    chosen_file,
    names_and_file,
    reported_errors,
)
from cli.toml_files.findings import document, mistakes, print_findings, summary


def check(  # each is an argument or option of the command
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    live: Annotated[bool, typer.Option("--live", help="Also check that the account has what the jobs need.")] = False,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Report every mistake with its line, key, problem and fix. Exits with 1 if there is a mistake."""
    path = chosen_file(file, file_option, DEFAULT)
    source = read(path, env)
    found = findings(source)
    if live and not mistakes(found):
        from cli.jobs.account_commands import account_findings  # noqa: PLC0415 # only this option calls AWS

        found += account_findings(source, profile, region)
    if as_json:
        print_json({"mistakes": len(mistakes(found)), "findings": [document(each) for each in found]})
    else:
        print_findings(found)
        err.print(f"{path}: {summary(found)}")
    raise typer.Exit(1 if mistakes(found) else 0)


def next_slots(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB|FILE", help=f"Jobs by name, or all; and the file to read (default: {DEFAULT})."),
    ] = None,
    file_option: FileOption = None,
    env: Environment = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many scheduled times to list for each job.")] = 5,
    after: Annotated[
        str,
        typer.Option(
            metavar="DATE-TIME",
            help="Start then, or so long from now, such as 8h.",
            show_default=False,
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the next scheduled times, and mark those that a clock change skips or repeats."""
    names, path = names_and_file(words or [], file_option, DEFAULT)
    now = datetime.now(UTC)
    with reported_errors():
        since = parse_until(after, now, "--after") if after else now
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


def print_schema() -> None:
    """Print the JSON Schema of jobs.toml, for completion in editors."""
    write(schema.text())
