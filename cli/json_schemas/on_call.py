"""The documents of the on-call commands."""

from cli.json_schemas import stored
from cli.json_schemas.shapes import (
    Schema,
    by_name,
    described,
    or_null,
    rows,
    table,
    text,
    time,
    whole,
    words,
)
from cli.on_call.redriver import RedriveResult
from cronmend.alerting.conversations import Delivery
from cronmend.deploys.following import Following, Moved
from cronmend.deploys.holds import Hold
from cronmend.model import DeployWindow, Diagnosis, LogPlace, Mode, Proof, Signal, WindowState
from cronmend.model.failed_run import FailedRun
from cronmend.model.findings import Finding
from cronmend.model.incident import Attempt, Incident, RunRecord
from cronmend.model.mutes import Mute
from cronmend.model.report import MessageKind


def incident() -> Schema:
    """One flat map of the incident, its diagnosis, the deploy and the latest failed run."""
    own = ("diagnosis", "failed", "began_with_task", "missed_until")
    of_diagnosis, of_run = ("window", "lasts", "fatal_error"), ("created_at", "slot", "container", "task_definition")
    found = {
        **stored.properties(FailedRun, *of_run),
        **stored.properties(Diagnosis, *of_diagnosis),
        **stored.properties(Incident, *own),
        **_window(),
        "ended_at": time("When the latest failed run ended; if none is known, when the run ended that closed it."),
        "failed_at": time("When the latest failed run was created."),
        "task_definition": text("Of the latest failed run: family:revision."),
        "container": text("The name of the job's own container."),
        "image": text("Its image, as the task definition names it."),
        "image_digest": text(),
        "cause": text("What ended the run, as a grouped message shows it."),
    }
    required = (*stored.always(Incident, *own), *stored.always(Diagnosis, *of_diagnosis), "window", "signal")
    return table(found, required=(*required, "ran", "attempt", "last_good", "cause"))


def _window() -> dict[str, Schema]:
    about = stored.properties(DeployWindow)
    return {
        "window": words(WindowState, "The state of the deploy around the run."),
        "window_reason": text("Why, as a clause."),
        "signal": words(Signal, "What decided it."),
        "during": about["during"],
        "proof": described(words(Proof), "How sure the deploy's end is; left out if no end is known."),
        "unread": about["unread"],
    }


def incidents() -> Schema:
    return rows(incident())


def findings() -> Schema:
    found = {
        **stored.properties(Finding),
        "found_at": time("When it was found first."),
        "notified_at": or_null(time("When people were told; null if they weren't.")),
    }
    return rows(table(found, required=(*stored.always(Finding), "found_at", "notified_at")))


def history() -> Schema:
    return rows(stored.item(RunRecord), "The latest run first.")


def why() -> Schema:
    told = {
        "kind": words(MessageKind),
        "text": text("The message's headline."),
        "channels": rows(text(), "The channels whose readers have been told."),
        "deliveries": by_name(stored.item(Delivery), "By channel."),
    }
    return table(
        {
            "run": stored.item(RunRecord),
            "moves": rows(stored.item(Moved), "Where Cronmend moved the job's schedule, since it follows a service."),
            "ended": _ended(),
            "incident": {"anyOf": [incident(), {"type": "null"}]},
            "reruns": rows(stored.item(Attempt), "The re-runs that were claimed for the incident."),
            "told": rows(table(told), "The messages about the incident."),
        }
    )


def _ended() -> Schema:
    found = {
        "exit_code": whole("Left out if the container never ran."),
        "seconds": whole("How long it ran."),
        "excerpt": rows(text(), "The redacted lines of the log around the error."),
        "advice": text("What to do, while the incident is open."),
        "log": stored.item(LogPlace),
        "log_url": text("The log in the AWS console."),
    }
    return table(found, "How the run ended. The first four are known of an incident's latest failure alone.", ())


def logs() -> Schema:
    return table({"run": text("Which run it is."), "log": rows(text(), "Its last lines, as they were written.")})


def rerun() -> Schema:
    blocker = table({"guard": text("Its name, as in docs/healing.md."), "reason": text("A clause.")})
    return table(
        {
            "job": text(),
            "done": text("What was done, in words."),
            "task_arn": text("The run; empty if none was started."),
            "blockers": rows(
                blocker, "Every guard that blocks the run; if it was started, those that were overridden."
            ),
        }
    )


def mode() -> Schema:
    until = or_null(time("While the circuit is open, no job is re-run; null if it is closed."))
    return table({"mode": words(Mode), "circuit_open_until": until})


def mutes() -> Schema:
    return rows(stored.item(Mute))


def redrive() -> Schema:
    return rows(stored.whole(RedriveResult), "Each message of the dead-letter queues.")


def catch_up() -> Schema:
    return table({"job": text(), "missed": rows(time(), "The scheduled times without a run.")})


def follow() -> Schema:
    return rows(stored.item(Following))


def holds() -> Schema:
    return rows(stored.item(Hold))


def done() -> Schema:
    return table({"done": text("What was done, as a sentence.")})
