"""The commands for people: a table to read, or JSON for a program."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.people.reading import Reader
from cli.people.stack import PeopleError, Stack, people_errors
from cronmend.adapters.items import to_item
from cronmend.model import Mode
from cronmend.records import Incident, RunRecord
from cronmend.words import clock

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

StackName = Annotated[str, typer.Option("--stack-name", help="Name of the deployed stack.")]
Profile = Annotated[str | None, typer.Option("--profile", help="Profile of the AWS configuration.")]
Region = Annotated[str | None, typer.Option("--region", help="Region of the stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
STACK = "cronmend"
TASK = "Task"
"""The column that people copy into `cronmend why`: whole in a window of any width."""


def incidents(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the incidents that are open."""
    reader = Reader(Stack(stack_name, profile, region))
    found = _asked(lambda: [each for each in reader.incidents() if everything or each.is_open])
    if as_json:
        _print_json([to_item(each) for each in found])
    elif found:
        rows = [_incident_row(each) for each in found]
        _print_table(("Job", "Since (UTC)", "State", "Category", "Runs", "Re-runs", "Next"), rows)
    else:
        console.print("No incident is open.")


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
    found = _asked(lambda: reader.runs(reader.job(job), most))
    if as_json:
        _print_json([to_item(each) for each in found])
        return
    rows = [
        (f"{r.stopped_at:%Y-%m-%d %H:%M:%S}", r.task_id, str(r.attempt), r.category.value, r.action, r.sentence)
        for r in found
    ]
    _print_table(("Ended (UTC)", TASK, "Run", "Category", "Plan", "Why"), rows)


def why(
    task: Annotated[str, typer.Argument(help="Id or ARN of a task.")],
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say all that is on record of a run: evidence, deploy signal, rule, plan, and what was done."""
    reader = Reader(Stack(stack_name, profile, region))
    document = _asked(lambda: _record(reader, reader.run(task)))
    if as_json:
        _print_json(document)
        return
    grid = Table.grid(padding=(0, 2))
    for label, value in _lines(document):
        grid.add_row(f"[dim]{label}[/]", escape(value))
    console.print(grid)


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
    wish = {"kind": "manual", "id": uuid.uuid4().hex, "force": force}
    answer = _asked(lambda: stack.ask_rerun({**wish, "job": Reader(stack).job(job) if "/" not in job else job}))
    if as_json:
        _print_json(answer)
    else:
        for each in answer["objections"]:
            word = "overridden" if answer["task_arn"] else "stands against it"
            console.print(f"[yellow]{word}[/]: {each['guard']} — {escape(each['reason'])}")
        console.print(f"{escape(answer['done'])} {escape(answer['task_arn'])}".strip(), soft_wrap=True)
        if answer["objections"] and not answer["task_arn"] and not force:
            console.print("[dim]--force overrides these guards.[/]")
    raise typer.Exit(0 if answer["task_arn"] else 1)


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
        _asked(lambda: stack.set_mode(to.value))
    now = datetime.now(UTC)
    current, until = _asked(lambda: (stack.mode(), stack.circuit.open_until(now)))
    if as_json:
        _print_json({"mode": current, "circuit_open_until": until.isoformat() if until else None})
        return
    console.print(
        f"The mode is [bold]{escape(current)}[/]." + (" It holds within a quarter of a minute." if to else "")
    )
    if until:
        console.print(f"The circuit is open until {clock(until)}: nothing is healed. End it: cronmend circuit close")


circuit = typer.Typer(no_args_is_help=True, help="The breaker that stops all healing when too much is run again.")


@circuit.command()
def close(stack_name: StackName = STACK, profile: Profile = None, region: Region = None) -> None:
    """Let healing go on now, with this hour's bound unspent."""
    stack = Stack(stack_name, profile, region)
    closed = _asked(lambda: stack.circuit.close(datetime.now(UTC)))
    console.print("The circuit is closed: healing goes on." if closed else "The circuit was not open.")


def register(app: typer.Typer) -> None:
    for command in (incidents, history, why, rerun, mode):
        app.command(command.__name__)(command)
    app.add_typer(circuit, name="circuit")


def _asked[T](ask: Callable[[], T]) -> T:
    try:
        with people_errors():
            return ask()
    except PeopleError as error:
        errors.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error


def _record(reader: Reader, run: RunRecord) -> dict[str, Any]:
    incident = reader.incident_of(run) if run.incident else None
    told = reader.messages(incident) if incident else []
    return {
        "run": to_item(run),
        "incident": to_item(incident) if incident else None,
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
    lines += [("done", f"run {a['number']}: {a.get('task_arn', 'started no task')}") for a in document["reruns"]]
    lines += [
        ("told", f"{t['kind']} to {', '.join(t['channels']) or 'nobody yet'}: {t['text']}") for t in document["told"]
    ]
    if document["incident"]:
        lines.append(("incident", f"{document['incident']['id']} is {document['incident']['state']}"))
    return [(label, value) for label, value in lines if value]


def _incident_row(incident: Incident) -> tuple[str, ...]:
    planned = incident.planned
    next_ = f"run {planned.attempt} at {clock(planned.at)}" if planned else ""
    if not next_ and incident.held_until:
        next_ = f"alert at {clock(incident.held_until)}"
    counts = (str(incident.runs), str(incident.reruns))
    since = f"{incident.began_at:%Y-%m-%d %H:%M}"
    return (incident.job, since, incident.state.value, incident.category.value, *counts, next_)


def _print_json(document: Any) -> None:
    console.print_json(json.dumps(document, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> int | str:
    """DynamoDB's numbers."""
    return int(value) if hasattr(value, "as_integer_ratio") else str(value)


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head == TASK)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
