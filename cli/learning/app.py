"""``cronmend learn``: from a failure that was diagnosed wrongly to a fixture, a rule to fill in, and their test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail, out, reason_of
from cli.diagnosis.labeled import Label
from cli.diagnosis.own_rules import FIXTURES, FOLDER, RULES
from cli.diagnosis.samples import BadSample
from cli.grouped_options import with_options
from cli.learning import recorded
from cli.learning.failure import Failure
from cli.learning.lesson import NAME, Right, fixture, name_of, rule, telling
from cli.learning.log_options import LogOptions, failure_of, is_task
from cli.on_call.options import STACK, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cli.stopped_runs.ending import BadOption
from cronmend.model import Category
from cronmend.redact import Redactor, redact
from cronmend.wording import times


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonOptions:
    """What to learn, and where to write it."""

    category: Annotated[Category | None, typer.Option(help="The right category. Default: to be filled in.")] = None
    action: Annotated[Label | None, typer.Option(help="The right action. Default: to be filled in.")] = None
    line: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A part of the line that tells the cause. Default: what decided.")
    ] = None
    name: Annotated[str | None, typer.Option(help="Of the two files. Default: the first words of that line.")] = None
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Your own rules and fixtures.")] = FOLDER


@with_options(wanted=LessonOptions, log=LogOptions)
def learn(
    failure: Annotated[
        str, typer.Argument(metavar="TASK|LOG", help="A task's ID or ARN, or a file with a log; - for standard input.")
    ],
    wanted: LessonOptions,
    log: LogOptions,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Turn a failure that was diagnosed wrongly into a fixture and a rule to fill in, both without secrets.

    `cronmend rules check account/rules` then says whether the rule is right, and `make deploy` packages it.
    """
    try:
        right = Right(wanted.category, wanted.action)
        seen, hide = _seen(failure, log, Stack(stack_name, profile, region))
        kept = seen.redacted(hide).cut()
        tells = telling(kept, wanted.line)
        name = _name(wanted.name or name_of(tells))
        row = rule(name, kept, tells, right, datetime.now(UTC).date())
        _write({wanted.to / f"{name}{FIXTURES}": fixture(name, kept, right), wanted.to / f"{name}{RULES}": row})
    except (BadOption, BadSample) as error:
        raise fail(str(error), 2) from error
    _conclude(seen, kept, wanted.to, tells.text)


def _seen(source: str, log: LogOptions, stack: Stack) -> tuple[Failure, Redactor]:
    """The failure as it is, and what hides its secrets."""
    if not is_task(source):
        return failure_of(source, log), redact
    if given := log.given:
        raise BadOption(f"The record of a task says how it ended. Leave out {' and '.join(given)}, or name a LOG.")
    return reported(lambda: (recorded.failure_of(source, stack), recorded.hidden_by(stack)))


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadOption(f"--name: '{name}' is no name for the files. Use up to 60 lowercase letters, digits, - and _.")
    return name


def _write(files: Mapping[Path, str]) -> None:
    """
    Raises:
        BadOption: one of them exists, or can't be written.
    """
    if there := next((path for path in files if path.exists()), None):
        raise BadOption(f"'{there}' exists and is kept. Name the new files with --name.")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BadOption(f"Can't write '{path}': {reason_of(error)}. Name another folder with --to.") from error
        out.print(f"written: {path}")


def _conclude(seen: Failure, kept: Failure, to: Path, line: str) -> None:
    out.print(f"Cronmend's own rules say: {kept.said}")
    if kept.said != seen.said:
        out.print(f"Before redaction, they said: {seen.said}")
    out.print(f"The rule's example: {line}")
    out.print(f"The fixture keeps {times(len(kept.log), 'line')} of the log.")
    out.print(
        "Next:\n"
        "  1. Read both files: redaction knows a secret only by its name or its form.\n"
        "  2. Replace each FILL_IN. If another line tells the cause, delete both files and name it with --line.\n"
        f"  3. cronmend rules check {to}\n"
        "  4. make deploy"
    )
