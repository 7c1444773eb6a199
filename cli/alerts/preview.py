"""``cronmend alert preview``: show a message without sending it."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from cli.alerts import preview_html, preview_terminal
from cli.alerts.chromium import NoChromium, screenshot
from cli.alerts.preview_source import EventContext, NoPreview, of_event, of_task
from cli.console import fail, json_text, out, write
from cli.on_call.options import STACK, Profile, Region, StackName, reported
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cli.stopped_runs.deploys import DeployState
from cronmend.adapters.channels.events import DETAIL_TYPE, SOURCE
from cronmend.alerting import render
from cronmend.model.report import MessageKind, Report


class PreviewFormat(StrEnum):
    SLACK = "slack"
    EMAIL = "email"
    SMS = "sms"
    EVENTS = "events"
    JSON = "json"


def preview(  # noqa: PLR0913, PLR0917 # each is an option of the command
    what: Annotated[
        str,
        typer.Argument(metavar="EVENT|TASK", help="A JSON file with a STOPPED event, or the ID of a recorded task."),
    ],
    channel: Annotated[PreviewFormat, typer.Option(help="The channel to format the message for.")] = (
        PreviewFormat.SLACK
    ),
    kind: Annotated[
        MessageKind | None,
        typer.Option(help="Which message of the incident. Default: the alert.", show_default=False),
    ] = None,
    log: Annotated[Path | None, typer.Option(help="For an event: a file with the last lines of the log.")] = None,
    log_group: Annotated[str, typer.Option(help="For an event: the log group, for the link to the log.")] = "",
    deploy: Annotated[DeployState, typer.Option(help="For an event: the deploy's state.")] = DeployState.CLOSED,
    job: Annotated[str, typer.Option(help="For an event: the job, if the run doesn't name it.")] = "",
    buttons: Annotated[bool, typer.Option(help="Include the buttons of a Slack bot's message.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is sent to the channel.")] = False,
    png: Annotated[Path | None, typer.Option(help="Also write a picture to this file (needs Chromium).")] = None,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show the message that people would receive for an ECS event or a recorded task."""
    try:
        if _is_file(what):
            report = of_event(Path(what), kind, EventContext(log, log_group, deploy.window_state, job))
        else:
            report = reported(lambda: of_task(Reader(Stack(stack_name, profile, region)), what, kind))
        if png:
            screenshot(_page(report, channel, buttons=buttons), preview_html.WIDTH[channel.value], png)
    except (NoPreview, NoChromium) as error:
        raise fail(str(error), 2) from error
    if as_json or channel in _FOR_PROGRAMS:
        write(f"{_sent(report, channel, buttons=buttons)}\n")
    else:
        _print(report, channel, buttons=buttons)


_FOR_PROGRAMS: Final = frozenset({PreviewFormat.EVENTS, PreviewFormat.JSON})


def _is_file(what: str) -> bool:
    if Path(what).is_file():
        return True
    if Path(what).suffix or Path(what).exists():
        raise NoPreview(f"No file '{what}'. Name a sample event, such as events/task_stopped/exit_code_1.json.")
    return False


def _sent(report: Report, channel: PreviewFormat, *, buttons: bool) -> str:
    forms: dict[PreviewFormat, Callable[[], object]] = {
        PreviewFormat.SLACK: lambda: render.slack(report, buttons=buttons),
        PreviewFormat.EMAIL: lambda: {"subject": render.sns_subject(report), "text": render.sns_text(report)},
        PreviewFormat.SMS: lambda: {"text": render.sms(report)},
        PreviewFormat.EVENTS: lambda: _event(report),
        PreviewFormat.JSON: lambda: json.loads(render.as_json(report)),
    }
    return json_text(forms[channel]())


def _event(report: Report) -> dict[str, object]:
    return {"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": json.loads(render.as_json(report))}


def _print(report: Report, channel: PreviewFormat, *, buttons: bool) -> None:
    if channel is PreviewFormat.SLACK:
        for block in preview_terminal.blocks(render.slack(report, buttons=buttons)["blocks"]):
            out.print(block, soft_wrap=False)
    elif channel is PreviewFormat.SMS:
        out.print(preview_terminal.bubble(render.sms(report)), soft_wrap=False)
    else:
        out.print(Text(f"Subject: {render.sns_subject(report)}\n", style="bold"))
        out.print(render.sns_text(report))


def _page(report: Report, channel: PreviewFormat, *, buttons: bool) -> str:
    if channel is PreviewFormat.SLACK:
        return preview_html.slack(render.slack(report, buttons=buttons)["blocks"])
    if channel is PreviewFormat.SMS:
        return preview_html.phone(render.sms(report))
    if channel is PreviewFormat.EMAIL:
        return preview_html.email(render.sns_subject(report), render.sns_text(report))
    return preview_html.code(_sent(report, channel, buttons=False))
