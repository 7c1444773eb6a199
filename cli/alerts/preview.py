"""``cronmend alert preview``: what people will see of a failure, before it comes or once more."""

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from cli.alerts import preview_html, preview_terminal
from cli.alerts.chromium import NoChromium, screenshot
from cli.alerts.preview_source import Offline, Unsuited, of_event, of_task
from cli.on_call.options import STACK, Profile, Region, StackName, asked
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cronmend.adapters.channels.events import DETAIL_TYPE, SOURCE
from cronmend.alerting import render
from cronmend.model import WindowState
from cronmend.model.report import MessageKind, Report


class Shown(StrEnum):
    SLACK = "slack"
    EMAIL = "email"
    SMS = "sms"
    EVENTS = "events"
    JSON = "json"


def preview(  # noqa: PLR0913, PLR0917 # each is an option of the command
    what: Annotated[str, typer.Argument(help="A STOPPED event as a JSON file, or the id of a task on record.")],
    channel: Annotated[Shown, typer.Option(help="In whose form.")] = Shown.SLACK,
    kind: Annotated[MessageKind, typer.Option(help="Which message of the incident.")] = MessageKind.ALERT,
    log: Annotated[Path | None, typer.Option(help="Of an event: the log's tail, a line each.")] = None,
    log_group: Annotated[str, typer.Option(help="Of an event: where the container logs to, for the link.")] = "",
    deploy: Annotated[WindowState, typer.Option(help="Of an event: the state of the deploy.")] = WindowState.CLOSED,
    job: Annotated[str, typer.Option(help="Of an event: the job, where the run does not name it.")] = "",
    buttons: Annotated[bool, typer.Option(help="With the buttons that a bot in Slack may have.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What is sent, as it is sent.")] = False,
    png: Annotated[Path | None, typer.Option(help="Write a picture, too (needs Chromium).")] = None,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show a message as people will see it, from a sample event or from the ledger."""
    try:
        if _is_file(what):
            report = of_event(Path(what), kind, Offline(log, log_group, deploy, job))
        else:
            report = asked(lambda: of_task(Reader(Stack(stack_name, profile, region)), what, kind))
        if png:
            screenshot(_page(report, channel, buttons=buttons), preview_html.WIDTH[channel.value], png)
    except (Unsuited, NoChromium) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json or channel in _FOR_MACHINES:
        typer.echo(_sent(report, channel, buttons=buttons))
    else:
        _print(report, channel, buttons=buttons)


_FOR_MACHINES: Final = frozenset({Shown.EVENTS, Shown.JSON})


def _is_file(what: str) -> bool:
    if Path(what).is_file():
        return True
    if what.endswith(".json"):
        raise Unsuited(f"{what}: there is no such file; name a sample event, e.g. events/task_stopped/exit_code_1.json")
    return False


def _sent(report: Report, channel: Shown, *, buttons: bool) -> str:
    forms: dict[Shown, Callable[[], str]] = {
        Shown.SLACK: lambda: json.dumps(render.slack(report, buttons=buttons), indent=2, ensure_ascii=False),
        Shown.EMAIL: lambda: json.dumps(
            {"subject": render.sns_subject(report), "text": render.sns_text(report)}, indent=2
        ),
        Shown.SMS: lambda: json.dumps({"text": render.sms(report)}, indent=2),
        Shown.EVENTS: lambda: json.dumps(_event(report), indent=2, ensure_ascii=False),
        Shown.JSON: lambda: json.dumps(json.loads(render.as_json(report)), indent=2, ensure_ascii=False),
    }
    return forms[channel]()


def _mail(report: Report) -> dict[str, str]:
    return {"subject": render.sns_subject(report), "text": render.sns_text(report)}


def _event(report: Report) -> dict[str, object]:
    return {"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": json.loads(render.as_json(report))}


def _print(report: Report, channel: Shown, *, buttons: bool) -> None:
    console = Console(highlight=False)
    if channel is Shown.SLACK:
        for line in preview_terminal.blocks(render.slack(report, buttons=buttons)["blocks"]):
            console.print(line)
    elif channel is Shown.SMS:
        console.print(preview_terminal.bubble(render.sms(report)))
    else:
        console.print(Text(f"Subject: {render.sns_subject(report)}\n", style="bold"))
        console.print(Text(render.sns_text(report)), soft_wrap=True)


def _page(report: Report, channel: Shown, *, buttons: bool) -> str:
    if channel is Shown.SLACK:
        return preview_html.slack(render.slack(report, buttons=buttons)["blocks"])
    if channel is Shown.SMS:
        return preview_html.phone(render.sms(report))
    if channel is Shown.EMAIL:
        return preview_html.mail(render.sns_subject(report), render.sns_text(report))
    return preview_html.code(_sent(report, channel, buttons=False))
