"""``cronmend why``: everything that is known about a run, in one place."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import err, out, print_json, print_log
from cli.on_call import documents
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, print_facts, reported
from cli.on_call.reader import Reader
from cli.on_call.run_log import lines_of, place_of
from cli.on_call.stack import Stack
from cli.on_call.words import HELD, state_of
from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.alerting import advice, console_links
from cronmend.alerting.conversations import UNOFFERED, Delivery, DeliveryState
from cronmend.healing.messages import kind_of_alert
from cronmend.model import LogPlace, Missing, Signal, TaskDefinitionRef
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Incident, RunRecord
from cronmend.wording import moment


def why(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The ID or ARN of a task.", show_default=False)],
    job: Annotated[str, typer.Option("--job", metavar="JOB", help="Its job, to find a run that succeeded.")] = "",
    log: Annotated[bool, typer.Option("--log", help="Print the end of the run's log, as it was written.")] = False,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show everything known about a run: evidence, deploy signal, rule, plan, actions, and who was told.

    With --log, standard output has the log alone, and the rest is on standard error.
    """
    reader = Reader(Stack(stack_name, profile, region))
    document, place = reported(lambda: known_of(reader, task, job))
    if as_json:
        print_json(document)
        return
    print_facts(_lines(document, datetime.now(UTC)), err if log else out)
    if log:
        for line in reported(lambda: lines_of(reader.stack, place)):
            print_log(line)
    elif by_hand := document["run"].get("by_hand"):
        out.print()
        out.print(Text("To run it yourself, replace each <…> and [hidden] in this command:", style="dim"))
        out.print(by_hand)


def known_of(reader: Reader, task: str, job: str = "") -> tuple[dict[str, Any], LogPlace | Missing]:
    """The document of ``--json``, and where the run's log is.

    Raises:
        CommandError: the ledger has no such run.
    """
    run = reader.run(task, job)
    incident = reader.incident_of(run)
    place = place_of(reader, run, incident)
    messages = reader.messages(incident) if incident else []
    document = {
        "run": to_item(run),
        "moves": _moves(reader, run),
        "ended": _ending(run, incident, reader.failed(run, incident), place),
        "incident": documents.of_incident(incident) if incident else None,
        "reruns": [to_item(attempt) for attempt in reader.attempts(incident)] if incident else [],
        "told": [
            {
                "kind": message.report.kind.value,
                "text": message.report.headline,
                "channels": sorted(name for name, each in deliveries.items() if each.state in _TOLD),
                "deliveries": {name: to_item(each) for name, each in deliveries.items()},
            }
            for message, deliveries in messages
        ],
    }
    return document, place


_TOLD = {DeliveryState.SENT, DeliveryState.JOINED}


def _moves(reader: Reader, run: RunRecord) -> list[dict[str, Any]]:
    """Where Cronmend moved the job's schedule, since it follows a service."""
    row = next((each for each in reader.stack.followings.all() if each.job == run.job), None)
    return [to_item(each) for each in row.moves] if row else []


def _move(move: Mapping[str, Any], now: datetime) -> str:
    before, after = (str(TaskDefinitionRef.parse(move[name])) for name in ("before", "after"))
    return f"{before} to {after} at {moment(datetime.fromisoformat(move['at']), now)}: {move['reason']}"


def _ending(
    run: RunRecord, incident: Incident | None, failed: FailedRun | None, place: LogPlace | Missing
) -> dict[str, Any]:
    """How it ended, and where its log is. Exit code and excerpt are kept of an incident's latest failure alone."""
    ended: dict[str, Any] = {}
    if failed and incident:
        ended = {"exit_code": failed.container.exit_code, "seconds": failed.seconds}
        ended["excerpt"] = incident.diagnosis.excerpt
        ended["advice"] = advice.of(incident, kind_of_alert(incident)) if incident.is_open else ""
    if incident and not isinstance(place, Missing):
        start = run.created_at or incident.began_at
        ended["log"] = to_item(place)
        ended["log_url"] = console_links.log(incident.cluster_arn, place, start, run.stopped_at)
    return {name: value for name, value in ended.items() if value not in (None, "", ())}


def _lines(document: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    run, ended, incident = document["run"], document["ended"], document["incident"]
    window = run["window"]
    lines = [
        ("job", run["job"]),
        ("run", ", ".join(filter(None, (str(run["attempt"]), run["task_definition"], _started(run))))),
        ("ended", _ended(run, ended)),
        ("category", run["category"]),
        ("why", run["sentence"]),
        ("rule", run["rule"]),
        ("line", "" if ended.get("excerpt") else run.get("line", "")),
        ("log", "\n".join(ended.get("excerpt", ()))),
        ("log at", ended.get("log_url", "")),
        ("deploy", _deploy(window if _asks_for_deploy(run) else {**window, "signal": "", "proof": ""})),
        *(("not read", reason) for reason in window.get("unread", ())),
        ("to do", ended.get("advice", "")),
        *(("planned", reason) for reason in run.get("reasons", ())),
    ]
    lines += [("schedule moved", _move(each, now)) for each in document["moves"]]
    for each in document["reruns"]:
        lines += [("deploy then", _deploy(each["window"]))] if each.get("window") else []
        lines.append(("done", _attempt(each)))
    for each in document["told"]:
        lines += _told(each, now)
    return [(label, value) for label, value in (*lines, *_now(incident, now)) if value]


def _started(run: Mapping[str, Any]) -> str:
    """``""`` for a start that failed: ECS has no task that names who started it."""
    return f"started by {by}" if (by := run.get("started_by")) else ""


def _ended(run: Mapping[str, Any], ended: Mapping[str, Any]) -> str:
    at = f"{datetime.fromisoformat(run['stopped_at']):%Y-%m-%d %H:%M:%S} UTC"
    code = f"exit code {ended['exit_code']}" if "exit_code" in ended else ""
    after = f"after {ended['seconds']} s" if "seconds" in ended else ""
    return ", ".join(filter(None, (at, code, after)))


def _told(each: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """The message, then what each channel answered."""
    yield each["kind"], each["text"]
    for name, stored in each["deliveries"].items():
        delivery = from_item(Delivery, stored)
        yield "", f"{name} at {moment(delivery.at, now)}: {delivery.answer(lambda at: moment(at, now))}"
    if not each["deliveries"]:
        yield "", UNOFFERED


def _now(incident: Mapping[str, Any] | None, now: datetime) -> Iterator[tuple[str, str]]:
    """What the incident is waiting for."""
    if not incident:
        return
    state = state_of(incident)
    why = f": {incident['no_rerun']}" if state == HELD and incident.get("no_rerun") else ""
    yield "incident", f"{incident['id']} is {state}{why}"
    if planned := incident.get("planned"):
        yield "next", f"run {planned['attempt']} at {moment(datetime.fromisoformat(planned['at']), now)}"
    if held := incident.get("held_until"):
        yield "held until", f"{moment(datetime.fromisoformat(held), now)}, when the alert is sent unless the job heals"
    yield "acknowledged by", incident.get("acknowledged_by", "")


def _deploy(window: Mapping[str, Any]) -> str:
    named = "" if window["signal"] == Signal.NONE else window["signal"]
    signal = ", ".join(filter(None, (named, window.get("proof"))))
    state = f"{window['state']} ({signal})" if signal else window["state"]
    return ": ".join(filter(None, (state, window.get("reason", ""))))


def _asks_for_deploy(run: Mapping[str, Any]) -> bool:
    """A signal isn't named for a failure that the state of the deploy didn't decide about."""
    return from_item(RunRecord, run).asks_for_deploy


def _attempt(attempt: Mapping[str, Any]) -> str:
    by = f", requested by {attempt['by']}" if attempt.get("by") else ""
    return f"run {attempt['number']}{by}: {attempt.get('task_arn', 'started no task')}"
