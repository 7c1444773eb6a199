"""The commands for people: a table to read, or JSON for a program."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.on_call import answers, documents, redrive
from cli.on_call.options import (
    JOB,
    STACK,
    TASK,
    AsJson,
    Profile,
    Region,
    StackName,
    asked,
    console,
    print_json,
    print_table,
)
from cli.on_call.reader import Reader
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.items import to_item
from cronmend.alerting.fingerprint import cause_of
from cronmend.model import Mode
from cronmend.model.incident import Incident, RunRecord
from cronmend.model.wakeups import RunRequest
from cronmend.wording import clock


def incidents(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    cause: Annotated[str, typer.Option(help="Those of one cause, as a message that tells of many names it.")] = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the incidents that are open."""
    reader = Reader(Stack(stack_name, profile, region))
    found = asked(lambda: [each for each in reader.incidents() if everything or each.is_open])
    found = [each for each in found if cause in ("", cause_of(each))]
    if as_json:
        print_json([{**documents.of_incident(each), "cause": cause_of(each)} for each in found])
    elif found:
        rows = [_incident_row(each) for each in found]
        print_table((JOB, "Since (UTC)", "State", "Runs", "Next"), rows)
    else:
        console.print(f"No incident is open{f' that has the cause {escape(cause)}' if cause else ''}.")


def history(
    job: Annotated[str, typer.Argument(help="<group>/<schedule name>, or the name alone.")],
    most: Annotated[int, typer.Option("--most", min=1, max=200, help="How many runs.")] = 20,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List a job's latest runs."""
    reader = Reader(Stack(stack_name, profile, region))
    found = asked(lambda: reader.runs(reader.job(job), most))
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
    print_table(("Ended (UTC)", TASK, "Run", "Concluded"), rows)


def why(
    task: Annotated[str, typer.Argument(help="Id or ARN of a task.")],
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say all that is on record of a run: evidence, deploy signal, rule, plan, and what was done."""
    reader = Reader(Stack(stack_name, profile, region))
    document = asked(lambda: _record(reader, reader.run(task)))
    if as_json:
        print_json(document)
        return
    grid = Table.grid(padding=(0, 2))
    for label, value in _lines(document):
        grid.add_row(f"[dim]{label}[/]", escape(value))
    console.print(grid)
    if by_hand := document["run"].get("by_hand"):
        console.print("\n[dim]By hand, once you have filled in what stands in <…> and \\[hidden]:[/]")
        console.print(by_hand, markup=False, soft_wrap=True)


def rerun(
    job: Annotated[str, typer.Argument(help="<group>/<schedule name>, or the name alone.")],
    force: Annotated[bool, typer.Option("--force", help="Override every guard but that of a running job.")] = False,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Run a job now, through the guards that hold for Cronmend itself."""
    stack = Stack(stack_name, profile, region)
    answer = asked(lambda: stack.ask_rerun(RunRequest(_known(stack, job), uuid.uuid4().hex, force, stack.person)))
    if as_json:
        print_json(answer)
    else:
        for each in answer["blockers"]:
            word = "overridden" if answer["task_arn"] else "blocked by"
            console.print(f"[yellow]{word}[/]: {each['guard']} — {escape(each['reason'])}")
        console.print(f"{escape(answer['done'])} {escape(answer['task_arn'])}".strip(), soft_wrap=True)
        if answer["blockers"] and not answer["task_arn"] and not force:
            console.print("[dim]--force overrides these guards.[/]")
    raise typer.Exit(0 if answer["task_arn"] else 1)


def _known(stack: Stack, job: str) -> str:
    return job if "/" in job else Reader(stack).job(job)


def mode(
    to: Annotated[Mode | None, typer.Argument(help="heal, shadow or off; without it the mode is only shown.")] = None,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show or move the one switch over all healing; it needs no deploy."""
    stack = Stack(stack_name, profile, region)
    if to:
        asked(lambda: stack.set_mode(to.value))
    now = datetime.now(UTC)
    current, until = asked(lambda: (stack.mode(), stack.circuit.open_until(now)))
    if as_json:
        print_json({"mode": current, "circuit_open_until": until.isoformat() if until else None})
        return
    console.print(
        f"The mode is [bold]{escape(current)}[/]." + (" It holds within a quarter of a minute." if to else "")
    )
    if until:
        console.print(f"The circuit is open until {clock(until)}: nothing is healed. End it: cronmend circuit close")


circuit = typer.Typer(no_args_is_help=True, help="The breaker that stops all healing when too much is run again.")


@circuit.command()
def close(stack_name: StackName = STACK, profile: Profile = None, region: Region = None) -> None:
    """Let healing go on now, with the whole bound of 60 minutes unspent."""
    stack = Stack(stack_name, profile, region)
    closed = asked(lambda: stack.circuit.close(datetime.now(UTC)))
    console.print("The circuit is closed: healing goes on." if closed else "The circuit was not open.")


def register(app: typer.Typer) -> None:
    commands: tuple[Callable[..., None], ...] = (incidents, history, why, rerun, mode)
    commands += (answers.ack, answers.mute, answers.unmute, answers.mutes, redrive.redrive)
    for command in commands:
        app.command(command.__name__)(command)
    app.add_typer(circuit, name="circuit")


def _record(reader: Reader, run: RunRecord) -> dict[str, Any]:
    incident = reader.incident_of(run) if run.incident else None
    told = reader.messages(incident) if incident else []
    return {
        "run": to_item(run),
        "incident": documents.of_incident(incident) if incident else None,
        "reruns": [to_item(attempt) for attempt in reader.attempts(incident)] if incident else [],
        "told": [{"kind": m.report.kind.value, "text": m.report.headline, "channels": list(c)} for m, c in told],
    }


def _lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    run, window = document["run"], document["run"]["window"]
    lines = [
        ("job", run["job"]),
        ("run", f"{run['attempt']}, {run['task_definition']}, started by {run['started_by']}"),
    ]
    lines += [("ended", run["stopped_at"]), ("category", run["category"]), ("why", run["sentence"])]
    lines += [("rule", run["rule"]), ("line", run.get("line", ""))]
    lines += [("deploy", f"{window['state']} ({window['signal']}): {window.get('reason', '')}")]
    lines += [("planned", reason) for reason in run["reasons"]]
    lines += [("done", _attempt(each)) for each in document["reruns"]]
    lines += [
        ("told", f"{t['kind']} to {', '.join(t['channels']) or 'nobody yet'}: {t['text']}") for t in document["told"]
    ]
    if document["incident"]:
        lines.append(("incident", f"{document['incident']['id']} is {document['incident']['state']}"))
        lines.append(("taken on by", document["incident"].get("acknowledged_by", "")))
    return [(label, value) for label, value in lines if value]


def _attempt(attempt: Mapping[str, Any]) -> str:
    by = f", asked for by {attempt['by']}" if attempt.get("by") else ""
    return f"run {attempt['number']}{by}: {attempt.get('task_arn', 'started no task')}"


def _incident_row(incident: Incident) -> tuple[str, ...]:
    planned = incident.planned
    next_ = f"run {planned.attempt} at {clock(planned.at)}" if planned else ""
    if not next_ and incident.held_until:
        next_ = f"alert at {clock(incident.held_until)}"
    taken_on = f"{incident.acknowledged_by} has it" if incident.acknowledged_by else ""
    runs = f"{incident.runs}, {incident.reruns} again" if incident.reruns else str(incident.runs)
    since = f"{incident.began_at:%d %b %H:%M}"
    told = ", ".join(filter(None, (taken_on, next_)))
    return (incident.job, since, f"{incident.state.value}: {incident.category.value}", runs, told)
