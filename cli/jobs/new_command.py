"""``cronmend jobs new``: a job from an ECS service or a task definition."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer

from cli.aws_options import Profile, Region
from cli.console import as_sentence, err, fail, write
from cli.jobs import toml_text
from cli.jobs.aws import LiveAccount
from cli.jobs.check import check_jobs
from cli.jobs.check_values import schedule_mistakes
from cli.jobs.files import DEFAULT
from cli.jobs.importers.convert import Converted
from cli.jobs.keys import BY_NAME
from cli.jobs.new_job import Wanted, job_of
from cli.jobs.new_source import definition_of, is_file, service_of
from cli.questions import answer
from cli.text_files import write_text
from cli.toml_files.commands import reported_errors
from cli.toml_files.findings import mistakes, print_findings
from cli.toml_files.source import Finding, merge, parse
from cronmend.errors import Permanent

_HEAD = "#:schema ./jobs.schema.json\n"
_NAME, _WHEN = "Name of the job", "When it starts, such as cron(0 7 * * ? *), rate(1 hour) or 0 7 * * *"
_COMMAND = "Command, as in a shell (Enter for the container's own)"


def new_job(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The job's name.", show_default=False)] = None,
    service: Annotated[
        str, typer.Option(help="The service that has the job's code and network: name or ARN.", show_default=False)
    ] = "",
    task_definition: Annotated[
        str,
        typer.Option(
            metavar="FAMILY|FILE",
            help="Instead of a service: family, family:revision, ARN, or a JSON file.",
            show_default=False,
        ),
    ] = "",
    cluster: Annotated[
        str, typer.Option(help="Where the service or the job is. Default: the account's only one.", show_default=False)
    ] = "",
    container: Annotated[
        str, typer.Option(help="The container that runs the job. Default: the only essential one.", show_default=False)
    ] = "",
    schedule: Annotated[
        str | None, typer.Option(help="cron(…), rate(…), at(…), or five fields as in a crontab.", show_default=False)
    ] = None,
    command: Annotated[
        str | None, typer.Option(help='As in a shell; "" for the container\'s own.', show_default=False)
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of the schedule, such as Europe/London.", show_default=False)] = "",
    subnet: Annotated[list[str] | None, typer.Option(help="Instead of the service's. Repeatable.")] = None,
    security_group: Annotated[list[str] | None, typer.Option(help="Instead of the service's. Repeatable.")] = None,
    file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The jobs file.")] = DEFAULT,
    write_: Annotated[bool, typer.Option("--write", help="Append the job to the file instead of printing it.")] = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Make a job of an ECS service or a task definition. Asks for name, schedule and command if they aren't given.

    Exits with 1 if the job would have a mistake.
    """
    if bool(service) == bool(task_definition):
        raise fail("Name a service with --service, or a task definition with --task-definition.", 2)
    with reported_errors():
        text = _existing(file)
        tables = parse(text, str(file)).tables
        account = LiveAccount(boto3.Session(profile_name=profile, region_name=region))
        found = service_of(account, service, cluster) if service else None
        definition = definition_of(account, str(found["taskDefinition"]) if found else task_definition)
        chosen = _asked(name, schedule, command, timezone, _table(tables, "jobs"))
        place = {"cluster": cluster, "subnets": subnet, "security_groups": security_group}
        given = {key: each for key, each in place.items() if each}
        reference = "" if is_file(task_definition) else task_definition
        wanted = Wanted(*chosen, timezone, container, reference, given)
        _add(file, text, job_of(wanted, definition, found, _table(tables, "defaults")), writes=write_)


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Empty if it is absent, or a mistake of the file."""
    found = tables.get(name)
    return found if isinstance(found, Mapping) else {}


def _existing(file: Path) -> str:
    """With its own ends of lines; ``""`` if there is no such file yet."""
    try:
        return file.read_text(encoding="utf-8", newline="") if file.exists() else ""
    except OSError as error:
        raise Permanent(f"Can't read '{file}': {error.strerror}. Name another --file.") from error
    except UnicodeDecodeError as error:
        raise Permanent(f"'{file}' isn't UTF-8 at byte {error.start}. Save it as UTF-8.") from error


def _asked(
    name: str | None, schedule: str | None, command: str | None, timezone: str, known: Mapping[str, Any]
) -> tuple[str, str, str]:
    def of_name(text: str) -> str:
        if text in known:
            return f"The file has a job '{text}' already. Use another name."
        return _first(f"The name: {problem}; {remedy}" for problem, remedy in BY_NAME["group"].kind.problems(text))

    def of_schedule(text: str) -> str:
        found = schedule_mistakes(text, timezone or "UTC")
        return _first(f"{each.field} {each.value!r}: {each.problem}; {each.remedy}" for each in found)

    try:
        return (
            answer(_NAME, name, "", of_name),
            answer(_WHEN, schedule, "", of_schedule),
            answer(_COMMAND, command, "", lambda _: ""),
        )
    except typer.Abort as error:
        err.print()  # the question has no line break yet
        raise Permanent("Nothing was written. To answer beforehand, give NAME, --schedule and --command.") from error


def _first(problems: Iterable[str]) -> str:
    return next((as_sentence(each) for each in problems), "")


def _add(file: Path, text: str, job: Converted, *, writes: bool) -> None:
    """Print the job, or append it if it has no mistakes; what the file has stays as it is."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text if text.endswith("\n") or not text else text + end
    entry = toml_text.job(job.name, job.table, job.notes).replace("\n", end)
    after = (before or _HEAD) + entry
    for note in job.notes:
        err.print(f"note: {note}")
    found = _findings(after, file, job.name)
    print_findings(found)
    wrong = mistakes(found)
    if not writes:
        write(entry.lstrip())
        err.print(f"Next: complete it, and add it to {file}" if wrong else f"Add it to {file} with --write.")
    elif not wrong:
        write_text(file, after)
        err.print(f"Added {job.name} to {file}. Next: cronmend jobs check {file} --live")
    else:
        err.print("Nothing was written.")
    raise typer.Exit(1 if wrong else 0)


def _findings(text: str, file: Path, name: str) -> Sequence[Finding]:
    """Those of the job; the file's other mistakes are no reason not to add it."""
    found = check_jobs(merge((parse(text, str(file)),)), datetime.now(UTC))
    return [each for each in found if f"{each.key}.".startswith(f"jobs.{name}.")]
