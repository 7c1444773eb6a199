"""A log in a file, as a failure to learn from: options or an event say how the run ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.console import reason_of
from cli.learning.failure import Failure
from cli.stopped_runs.deploys import DeployState
from cli.stopped_runs.ending import BadOption, ending
from cli.stopped_runs.made_event import definition_of, made_event, stable_id
from cli.stopped_runs.options import event_in
from cli.stopped_runs.scheduled_job import stand_in
from cli.text_files import STDIN, read_text
from cronmend.adapters.logs import MAX_LINES
from cronmend.incoming.task_events import stopped_task
from cronmend.model import Log, Policy

_TASK: Final = re.compile(r"arn:aws[\w-]*:ecs:[\w-]+:\d+:task/\S+|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """The run of a log."""

    event: Annotated[Path | None, typer.Option(metavar="FILE", help="Of a LOG: the run's STOPPED event.")] = None
    exit_code: Annotated[int | None, typer.Option(help="Of a LOG: the job's exit code. Default: 1.")] = None
    stop_reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Of a LOG: the task's stoppedReason.")] = None
    container: Annotated[str | None, typer.Option(metavar="NAME", help="Of a LOG: the container that is the job.")] = (
        None
    )
    deploy: Annotated[DeployState | None, typer.Option(help="Of a LOG: the deploy. Default: closed.")] = None
    policy: Annotated[Policy | None, typer.Option(help="Of a LOG: the job's re-run policy. Default: safe.")] = None

    @property
    def given(self) -> list[str]:
        """As they are written on the command line."""
        return [f"--{each.name.replace('_', '-')}" for each in fields(self) if getattr(self, each.name) is not None]


def is_task(source: str) -> bool:
    """Whether it is an ID or ARN; a file of that name goes first."""
    return not Path(source).exists() and _TASK.fullmatch(source) is not None


def failure_of(source: str, options: LogOptions) -> Failure:
    """
    Args:
        source: a file, or ``-``.

    Raises:
        BadOption: an option, the log or the event can't be used.
    """
    log = _log(source)
    event = _made(options) if options.event is None else _read(options.event, options)
    return Failure(
        source="standard input" if source == STDIN else Path(source).name,
        event=event,
        container=stopped_task(event, options.container or "").job_container,
        log=log,
        deploy=(options.deploy or DeployState.CLOSED).window_state,
        policy=options.policy or Policy.SAFE,
    )


def _log(source: str) -> Log:
    try:
        return tuple(read_text(source).splitlines()[-MAX_LINES:])
    except OSError as error:
        remedy = "Name a file with the job's log, - for standard input, or the ID or ARN of a task"
        raise BadOption(f"Can't read '{source}': {reason_of(error)}. {remedy}.") from error


def _made(options: LogOptions) -> Mapping[str, Any]:
    now = datetime.now(UTC)
    job = stand_in(now, options.container or "")
    ended = ending(options.exit_code, None, options.stop_reason or "")
    return made_event(job, ended, definition_of(job), stable_id(job.id, now.isoformat()), now)


def _read(file: Path, options: LogOptions) -> Mapping[str, Any]:
    if options.exit_code is not None or options.stop_reason is not None:
        raise BadOption("--event already says how the run ended. Leave out --exit-code and --stop-reason, or --event.")
    return event_in(file, "--event: can't read", "Name a JSON file with a STOPPED event")
