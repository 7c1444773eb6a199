"""The functions' answers as JSON: what was decided, and the incident's current state.

EventBridge and the stream ignore an answer: it is for a person who invokes a function, with ``sam local invoke`` or in
an account. It quotes only what the ledger stores, which is redacted.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cronmend.wording import moment

if TYPE_CHECKING:
    from datetime import datetime

    from cronmend.deploys import DeployNote
    from cronmend.model import DeployWindow
    from cronmend.model.alert_wakeups import Timer
    from cronmend.model.incident import Attempt, Incident, RunRecord
    from cronmend.model.report import Message
    from cronmend.model.wakeups import RerunTimer

type Answer = dict[str, Any]

JOB_BOARD = """## Cronmend's board

Every job at a glance, broken ones first. It takes no parameters. It has the dashboard's theme, and shows the deploys in
its range of time. Choose a job to see its page.
"""
"""Markdown, for a person who adds the widget to a dashboard; the next one, too."""
BOARD_ACTION = "This function carries out the buttons of Cronmend's board. As a widget, use the function `job-board`.\n"


def of_run(record: "RunRecord", incident: "Incident | None", now: "datetime") -> Answer:
    """
    Args:
        incident: the job's latest; the run may not be a part of it.
        now: when the event was handled; a record of another time already existed.
    """
    return {
        **({} if record.recorded_at == now else {"on_record": _on_record(record, now)}),
        "job": record.job,
        "task": record.task_id,
        "attempt": record.attempt,
        "category": record.category.value,
        "sentence": record.full_sentence,
        "rule": record.rule,
        "line": record.line,
        "deploy": _window(record.window),
        "action": record.action,
        "plan": list(record.reasons),
        "incident": of_incident(incident) if incident and incident.id == record.incident else None,
    }


def _on_record(record: "RunRecord", now: "datetime") -> str:
    since = f" since {moment(record.recorded_at, now)}" if record.recorded_at else ""
    nothing = "This event changed nothing; `cronmend event new --fresh` gives one a new task ID."
    return f"Already on record{since} as {record.category.value}. {nothing}"


def of_incident(incident: "Incident") -> Answer:
    """The incident's state: the next re-run, until when its alert is held, and the IDs of its messages."""
    planned, held = incident.planned, incident.held_until
    return {
        "id": incident.id,
        "state": incident.state.value,
        "rerun": {"attempt": planned.attempt, "at": planned.at.isoformat()} if planned else None,
        "alert_held_until": held.isoformat() if held else None,
        "acknowledged_by": incident.acknowledged_by,
        "messages": [f"{incident.id}/{change}" for change in incident.notified],
    }


def of_timer(job: str, done: str, incident: "Incident | None", attempt: "Attempt | None") -> Answer:
    """Args: attempt: the one that was claimed last, of the job's latest incident."""
    return {
        "job": job,
        "done": done,
        "task": attempt.task_arn if attempt else "",
        "incident": of_incident(incident) if incident else None,
    }


def of_deploy(
    done: str, notes: Iterable["DeployNote"], brought_forward: Iterable["RerunTimer"], switched: Sequence[str]
) -> Answer:
    return {
        "done": done,
        "deploys": [_note(each) for each in notes],
        "brought_forward": [
            {"job": each.job, "attempt": each.attempt, "at": each.at.isoformat()} for each in brought_forward
        ],
        "switched": list(switched),
    }


def of_click(job: str, button: str, done: str, incident: "Incident | None") -> Answer:
    return {"job": job, "button": button, "done": done, "incident": of_incident(incident) if incident else None}


def of_message(message: "Message") -> Answer:
    return {
        "job": message.job,
        "id": f"{message.incident}/{message.change}",
        "kind": message.report.kind.value,
        "headline": message.report.headline,
    }


def of_canary(errors: Mapping[str, str]) -> Answer:
    """Args: errors: by channel; ``""`` if the test message was delivered."""
    return {
        "delivered": [name for name, error in errors.items() if not error],
        "failed": {name: error for name, error in errors.items() if error},
    }


def of_reconciled(overdue: int, woken: Iterable["Timer"], failed: Sequence[str], remaining: int) -> Answer:
    return {
        "overdue": overdue,
        "woken": [{"kind": each.kind, "job": each.job} for each in woken],
        "failed": list(failed),
        "remaining": remaining,
    }


def of_checked(
    slots: int,
    missed: Iterable[tuple[str, Sequence["datetime"]]],
    failed: Iterable[tuple[str, str]],
    left: int,
) -> Answer:
    return {
        "slots": slots,
        "missed": [{"job": job, "slots": [slot.isoformat() for slot in found]} for job, found in missed],
        "unchecked": [f"{job}: {reason}" for job, reason in failed],
        "left": left,
    }


def of_moves(moved: Iterable[tuple[str, str]], failed: Iterable[tuple[str, str]]) -> Answer:
    """Schedules that were moved to the revision of their service."""
    return {
        "moved": [{"job": job, "task_definition": revision} for job, revision in moved],
        "unmoved": [f"{job}: {reason}" for job, reason in failed],
    }


def of_alive(
    tasks: int, overdue: Iterable[tuple[str, str]], stopped: Iterable[str], failed: Iterable[tuple[str, str]]
) -> Answer:
    return {
        "tasks": tasks,
        "overdue_runs": [{"job": job, "cause": cause} for job, cause in overdue],
        "stopped": list(stopped),
        "unread": [f"{what}: {reason}" for what, reason in failed],
    }


def _window(window: "DeployWindow") -> Answer:
    since = window.since.isoformat() if window.since else None
    return {
        "state": window.state.value,
        "signal": window.signal.value,
        "reason": window.reason,
        "since": since,
        "during": window.during,
    }


def _note(note: "DeployNote") -> Answer:
    return {
        "family": note.family,
        "signal": note.signal.value,
        "phase": note.phase.value,
        "deploy": note.words,
        "since": note.since.isoformat(),
    }
