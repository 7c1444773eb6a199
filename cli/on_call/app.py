"""The on-call commands: incidents, history, rerun, mode and circuit. Each prints text, or JSON for a program."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import out, print_json, spinner
from cli.on_call import documents
from cli.on_call.options import (
    JOB,
    STACK,
    TASK,
    AsJson,
    By,
    JobArgument,
    Profile,
    Region,
    StackName,
    print_done,
    print_rows,
    reported,
)
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cli.on_call.words import plan_of, state_of
from cronmend.adapters.ledger.items import to_item
from cronmend.adapters.mode import SECONDS
from cronmend.alerting.fingerprint import cause_of
from cronmend.model import Mode
from cronmend.model.incident import Incident
from cronmend.model.wakeups import RunRequest
from cronmend.wording import moment, times


def incidents(
    everything: Annotated[bool, typer.Option("--all", help="Include closed incidents.")] = False,
    cause: Annotated[str, typer.Option(help="Only incidents with this cause, as a grouped message shows it.")] = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the open incidents."""
    reader = Reader(Stack(stack_name, profile, region))
    found = reported(reader.incidents if everything else reader.open_incidents)
    found = [each for each in found if cause in ("", cause_of(each))]
    if as_json:
        print_json([documents.of_incident(each) for each in found])
    elif found:
        now = datetime.now(UTC)
        rows = [_incident_row(each, now) for each in found]
        print_rows((JOB, "Since (UTC)", "State", "Runs", "Next"), rows)
    else:
        out.print(f"No open incident{f" has the cause '{cause}'" if cause else ''}.")


def history(
    job: JobArgument,
    most: Annotated[int, typer.Option("--most", min=1, max=200, help="How many runs to list.")] = 20,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List a job's latest runs."""
    reader = Reader(Stack(stack_name, profile, region))
    found = reported(lambda: reader.runs(reader.job(job), most))
    if as_json:
        print_json([to_item(each) for each in found])
        return
    now = datetime.now(UTC)
    rows = [
        (
            f"{r.stopped_at:%d %b %H:%M:%S}",
            r.task_id,
            str(r.attempt),
            f"{r.category.value} → {plan_of(r, now)}: {r.full_sentence}",
        )
        for r in found
    ]
    print_rows(("Ended (UTC)", TASK, "Run", "Diagnosis"), rows)


def rerun(  # each is an argument or option of the command
    job: JobArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Override every guard except the one for an active run.")
    ] = False,
    by: By = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Run a job now, with the same guards as an automatic re-run. Exits with 1 if no run started."""
    stack = Stack(stack_name, profile, region)
    with spinner("Checking the guards and starting the job"):
        request = reported(lambda: RunRequest(_full_name(stack, job), uuid.uuid4().hex, force, by or stack.person))
        answer = reported(lambda: stack.ask_rerun(request))
    if as_json:
        print_json(answer)
    else:
        _print_answer(answer, force=force)
    raise typer.Exit(0 if answer["task_arn"] else 1)


def mode(
    to: Annotated[
        Mode | None, typer.Argument(metavar="MODE", help="heal, shadow or off. Without it, the mode is only shown.")
    ] = None,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show or set the mode (heal, shadow or off). Takes effect without a deploy."""
    stack = Stack(stack_name, profile, region)
    if to:
        reported(lambda: stack.set_mode(to.value))
    now = datetime.now(UTC)
    current, until = reported(lambda: (stack.mode(), stack.circuit.open_until(now)))
    if as_json:
        print_json({"mode": current, "circuit_open_until": until.isoformat() if until else None})
        return
    effect = f" It takes effect within {SECONDS} seconds." if to else ""
    out.print(Text.assemble("The mode is ", (current, "bold"), f".{effect}"))
    if until:
        out.print(
            f"The circuit is open until {moment(until, now)}: no job is re-run. To close it: cronmend circuit close"
        )


circuit = typer.Typer(
    no_args_is_help=True, help="The circuit breaker that stops all re-runs when there are too many in an hour."
)


@circuit.command()
def close(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """Resume re-runs now, with the full budget for the next hour."""
    stack = Stack(stack_name, profile, region)
    closed = reported(lambda: stack.circuit.close(datetime.now(UTC)))
    print_done("The circuit is closed: re-runs resume." if closed else "The circuit was not open.", as_json=as_json)


def _full_name(stack: Stack, job: str) -> str:
    return job if "/" in job else Reader(stack).job(job)


def _print_answer(answer: Mapping[str, Any], *, force: bool) -> None:
    started = answer["task_arn"]
    for each in answer["blockers"]:
        word = "overridden" if started else "blocked by"
        out.print(Text.assemble((word, "yellow"), f": {each['guard']} — {each['reason']}"))
    out.print(f"{answer['done']} {started}".strip())
    if answer["blockers"] and not started and not force:
        out.print(Text("To override these guards, add --force.", style="dim"))


def _incident_row(incident: Incident, now: datetime) -> tuple[str, ...]:
    planned = incident.planned
    next_action = f"run {planned.attempt} at {moment(planned.at, now)}" if planned else ""
    if not next_action and incident.held_until:
        next_action = f"alert held until {moment(incident.held_until, now)}"
    acknowledged = f"acknowledged by {incident.acknowledged_by}" if incident.acknowledged_by else ""
    runs = f"{incident.runs} ({times(incident.reruns, 're-run')})" if incident.reruns else str(incident.runs)
    since = f"{incident.began_at:%d %b %H:%M}"
    following = ", ".join(filter(None, (acknowledged, next_action)))
    return (incident.job, since, f"{state_of(to_item(incident))}: {incident.category.value}", runs, following)
