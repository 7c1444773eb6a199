"""The on-call commands: incidents, history, why, rerun, mode and circuit. Each prints text, or JSON for a program."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.console import out, print_json, print_table, spinner
from cli.on_call import documents
from cli.on_call.options import (
    JOB,
    STACK,
    TASK,
    AsJson,
    JobArgument,
    Profile,
    Region,
    StackName,
    print_rows,
    reported,
)
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.items import to_item
from cronmend.adapters.mode import SECONDS
from cronmend.alerting.fingerprint import cause_of
from cronmend.model import Mode
from cronmend.model.incident import Incident, RunRecord
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
        print_json([{**documents.of_incident(each), "cause": cause_of(each)} for each in found])
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
    rows = [
        (
            f"{r.stopped_at:%d %b %H:%M:%S}",
            r.task_id,
            str(r.attempt),
            f"{r.category.value} → {r.action}: {r.full_sentence}",
        )
        for r in found
    ]
    print_rows(("Ended (UTC)", TASK, "Run", "Diagnosis"), rows)


def why(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The ID or ARN of a task.", show_default=False)],
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show everything recorded about a run: evidence, deploy signal, rule, plan and actions taken."""
    reader = Reader(Stack(stack_name, profile, region))
    document = reported(lambda: _document(reader, reader.run(task)))
    if as_json:
        print_json(document)
        return
    grid = Table.grid(padding=(0, 2))
    for label, value in _lines(document):
        grid.add_row(Text(label, style="dim"), value)
    print_table(grid)
    if by_hand := document["run"].get("by_hand"):
        out.print()
        out.print(Text("To run it yourself, replace each <…> and [hidden] in this command:", style="dim"))
        out.print(by_hand)


def rerun(
    job: JobArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Override every guard except the one for an active run.")
    ] = False,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Run a job now, with the same guards as an automatic re-run. Exits with 1 if no run started."""
    stack = Stack(stack_name, profile, region)
    with spinner("Checking the guards and starting the job"):
        request = reported(lambda: RunRequest(_full_name(stack, job), uuid.uuid4().hex, force, stack.person))
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
def close(stack_name: StackName = STACK, profile: Profile = None, region: Region = None) -> None:
    """Resume re-runs now, with the full budget for the next hour."""
    stack = Stack(stack_name, profile, region)
    closed = reported(lambda: stack.circuit.close(datetime.now(UTC)))
    out.print("The circuit is closed: re-runs resume." if closed else "The circuit was not open.")


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


def _document(reader: Reader, run: RunRecord) -> dict[str, Any]:
    incident = reader.incident_of(run) if run.incident else None
    messages = reader.messages(incident) if incident else []
    return {
        "run": to_item(run),
        "incident": documents.of_incident(incident) if incident else None,
        "reruns": [to_item(attempt) for attempt in reader.attempts(incident)] if incident else [],
        "told": [{"kind": m.report.kind.value, "text": m.report.headline, "channels": list(c)} for m, c in messages],
    }


def _lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    run, window = document["run"], document["run"]["window"]
    lines = [
        ("job", run["job"]),
        ("run", f"{run['attempt']}, {run['task_definition']}, started by {run['started_by']}"),
    ]
    ended = f"{datetime.fromisoformat(run['stopped_at']):%Y-%m-%d %H:%M:%S} UTC"
    lines += [("ended", ended), ("category", run["category"]), ("why", run["sentence"])]
    lines += [("rule", run["rule"]), ("line", run.get("line", ""))]
    lines += [("deploy", _deploy(window))]
    lines += [("not read", reason) for reason in window.get("unread", ())]
    lines += [("planned", reason) for reason in run["reasons"]]
    for each in document["reruns"]:
        lines += [("deploy then", _deploy(each["window"]))] if each.get("window") else []
        lines.append(("done", _attempt(each)))
    lines += [
        ("sent", f"{each['kind']} to {', '.join(each['channels']) or 'no channel yet'}: {each['text']}")
        for each in document["told"]
    ]
    if document["incident"]:
        lines.append(("incident", f"{document['incident']['id']} is {document['incident']['state']}"))
        lines.append(("acknowledged by", document["incident"].get("acknowledged_by", "")))
    return [(label, value) for label, value in lines if value]


def _deploy(window: Mapping[str, Any]) -> str:
    signal = ", ".join(filter(None, (window["signal"], window.get("proof"))))
    return f"{window['state']} ({signal}): {window.get('reason', '')}"


def _attempt(attempt: Mapping[str, Any]) -> str:
    by = f", requested by {attempt['by']}" if attempt.get("by") else ""
    return f"run {attempt['number']}{by}: {attempt.get('task_arn', 'started no task')}"


def _incident_row(incident: Incident, now: datetime) -> tuple[str, ...]:
    planned = incident.planned
    next_action = f"run {planned.attempt} at {moment(planned.at, now)}" if planned else ""
    if not next_action and incident.held_until:
        next_action = f"alert at {moment(incident.held_until, now)}"
    acknowledged = f"acknowledged by {incident.acknowledged_by}" if incident.acknowledged_by else ""
    runs = f"{incident.runs} ({times(incident.reruns, 're-run')})" if incident.reruns else str(incident.runs)
    since = f"{incident.began_at:%d %b %H:%M}"
    following = ", ".join(filter(None, (acknowledged, next_action)))
    return (incident.job, since, f"{incident.state.value}: {incident.category.value}", runs, following)
