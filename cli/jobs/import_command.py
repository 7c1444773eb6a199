"""`cronmend jobs import`: schedules that are defined elsewhere → a jobs.toml."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import boto3
import typer

from cli.aws_options import Profile, Region
from cli.console import err, fail, spinner, write
from cli.jobs.answers import Answer
from cli.jobs.aws import LiveAccount, LiveSchedules
from cli.jobs.importers.account import of_rules, with_containers
from cli.jobs.importers.found import Found
from cli.jobs.importers.imported import Imported, from_file, from_found
from cli.jobs.importers.kinds import IN_WORDS, Kind, kind_of
from cli.jobs.importers.rules import RULES
from cli.text_files import write_text
from cli.toml_files.commands import reported_errors
from cli.toml_files.findings import count
from cronmend.errors import Permanent
from cronmend.jobs import policies


def import_jobs(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    source: Annotated[
        Path | None, typer.Argument(metavar="SOURCE", help="The file to convert. Without it, schedules in the account.")
    ] = None,
    group: Annotated[
        str, typer.Option(help=f"The schedule group in the account; {RULES} for EventBridge rules.")
    ] = "default",
    watch: Annotated[
        bool, typer.Option("--watch", help="Write only policies: the schedules stay defined where they are.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Look up in the account which container a file's task definitions have.")
    ] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of printing.")] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="What the file is. Without it, the shape of its content decides.")
    ] = None,
    policy: Annotated[Path | None, typer.Option("--policies", help="Take the policies from this jobs.json.")] = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write a jobs.toml from schedules in the account or a file of another tool. Exits with 1 if that has no jobs."""
    with reported_errors():
        if out_file and out_file.exists():
            raise Permanent(f"'{out_file}' exists. Use another --out, or move the file away.")
        known = policies.read(_text(policy)) if policy else None
        if source:
            imported = _from_file(source, kind, _session(profile, region) if live else None, watch=watch)
        else:
            imported = _from_account(group, known, _session(profile, region), watch=watch)
    for note in imported.notes:
        err.print(f"note: {note}")
    if not imported.jobs:
        raise fail(f"{source or f'Schedule group {group}'} has no schedule that can become a job.")
    if out_file:
        with reported_errors():
            write_text(out_file, imported.text)
    else:
        write(imported.text)
    err.print(f"{count(imported.jobs, 'job')} imported. Next: cronmend jobs check {out_file or 'FILE'}")


def _session(profile: str | None, region: str | None) -> boto3.Session:
    """A file alone needs none: nothing is wrong with a profile that isn't used."""
    return boto3.Session(profile_name=profile, region_name=region)


def _from_account(group: str, known: policies.Policies | None, session: boto3.Session, *, watch: bool) -> Imported:
    account, schedules = LiveAccount(session), LiveSchedules(session)
    with spinner(f"Reading the schedules of group {group}"):
        read: Iterable[Found] = map(Found, schedules.all_in(group))
        if group == RULES:
            read = of_rules(_rules(schedules, watch=watch))
        found = list(with_containers(read, account.task_definition))
    if not found:
        raise Permanent(f"Schedule group '{group}' has no schedules. Name another with --group.")
    return from_found(found, "" if group == RULES else group, known, watch=watch)


def _rules(schedules: LiveSchedules, *, watch: bool) -> Iterator[tuple[Answer, list[Answer]]]:
    """Tags are read only where they set policies."""
    for rule, targets in schedules.rules():
        if watch and any(each.get("EcsParameters") for each in targets):
            yield {**rule, "Tags": schedules.tags_of(str(rule["Arn"]))}, targets
        else:
            yield rule, targets


def _from_file(source: Path, kind: Kind | None, session: boto3.Session | None, *, watch: bool) -> Imported:
    """
    Args:
        session: to look up containers with; None for a file alone.
    """
    text = _text(source)
    try:
        read_as = kind or kind_of(text, str(source))
    except Permanent as error:
        raise Permanent(f"'{source}' isn't imported. {error}") from error
    err.print(f"'{source}' is read as {IN_WORDS[read_as]}.")
    if session is None:
        return from_file(text, read_as, watch=watch)
    account = LiveAccount(session)
    return from_file(text, read_as, lambda found: with_containers(found, account.task_definition), watch=watch)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Permanent(f"Can't read '{file}': {error.strerror}. Name a text file.") from error
    except UnicodeDecodeError as error:
        raise Permanent(f"'{file}' isn't UTF-8 at byte {error.start}. Save it as UTF-8.") from error
