"""The options that describe a stopped run, shared by every command that takes one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import reason_of
from cli.grouped_options import with_options
from cli.jobs.files import DEFAULT
from cli.stopped_runs.ending import BadOption, Ending, StopCode, ending
from cli.text_files import STDIN, read_text
from cronmend.adapters.logs import MAX_LINES
from cronmend.errors import UNREADABLE, BadEvent
from cronmend.incoming.task_events import stopped_task
from cronmend.model import Log
from local.past import Deploy

ENDING = ("exit_code", "stop_code", "stop_reason")
"""The options about how the run ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """A person's description of a run that ended. :func:`with_run_options` makes each field an option."""

    log: Annotated[
        str | None, typer.Option(metavar="FILE", help="The job's log, oldest line first; - for standard input.")
    ] = None
    exit_code: Annotated[
        int | None,
        typer.Option(help="Exit code of the job's container, 0 to 255. Default: 1.", show_default=False),
    ] = None
    job: Annotated[
        str | None, typer.Option(metavar="JOB", help="Its name in jobs.toml, or <group>/<schedule name>.")
    ] = None
    deploy: Annotated[
        Deploy | None, typer.Option(help="The deploy when the run ended. Default: not known.", show_default=False)
    ] = None
    stop_reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The task's stoppedReason, such as CannotPullContainerError: …")
    ] = None
    stop_code: Annotated[
        StopCode | None, typer.Option(help="The task's stopCode. Default: as ECS sends it with --stop-reason.")
    ] = None
    container: Annotated[
        str | None, typer.Option(metavar="NAME", help="The container that is the job. Default: as jobs.toml says.")
    ] = None
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help=f"The jobs file. Default: {DEFAULT}.", show_default=False)
    ] = None
    env: Annotated[
        str,
        typer.Option("--env", envvar="CRONMEND_ENV", help="Merge jobs.<env>.toml over the file.", show_default=False),
    ] = ""

    @property
    def jobs_file(self) -> Path:
        return self.file or DEFAULT

    @property
    def ending(self) -> Ending:
        """
        Raises:
            BadOption: the options contradict each other.
        """
        found = ending(self.exit_code, self.stop_code, self.stop_reason or "")
        if not found.ran and self.log is not None:
            raise BadOption(
                f"--log contradicts a run that ended with {found.stop_code}: a container that never ran has no log. "
                "Leave out --log."
            )
        return found

    def given(self, *names: str) -> list[str]:
        """Those of these options that were given, as they are written on the command line."""
        return [f"--{name.replace('_', '-')}" for name in names if getattr(self, name) is not None]


with_run_options = with_options(run=RunOptions)
"""Gives a command these options; they arrive as its argument ``run``."""


def read_log(name: str) -> Log:
    """The end of a log, as much of it as the deployed function reads.

    Raises:
        BadOption: the file can't be read.
    """
    try:
        text = read_text(name)
    except OSError as error:
        raise BadOption(
            f"--log: can't read '{name}': {reason_of(error)}. Name a text file, or - for standard input."
        ) from error
    return tuple(text.splitlines()[-MAX_LINES:])


def read_event(name: str, run: RunOptions) -> dict[str, Any]:
    """A task's final event.

    Raises:
        BadOption: the file can't be read, or has no such event.
    """
    if name == STDIN == run.log:
        raise BadOption("EVENT and --log can't both be standard input. Name a file for one of them.")
    return event_in(name, "Can't read the event", "Name a JSON file with a STOPPED event, or leave out EVENT")


def event_in(file: str | Path, problem: str, remedy: str) -> dict[str, Any]:
    """
    Raises:
        BadOption: the file can't be read, or isn't a task's final event.
    """
    try:
        event: dict[str, Any] = json.loads(read_text(file))
        stopped_task(event)
    except (OSError, BadEvent, *UNREADABLE) as error:
        raise BadOption(f"{problem} '{file}': {reason_of(error)}. {remedy}.") from error
    return event
