"""An incident → the report that people read, neutral of any channel. Pure."""

from cronmend.model import Category
from cronmend.records import Incident, MessageKind, Report

_CAUSE = {
    Category.DEPLOY_RACE: "it ran into a deploy",
    Category.SCHEMA_MISMATCH: "the database does not have what the code expects",
    Category.APPLICATION_ERROR: "its own code failed",
    Category.CONFIGURATION_ERROR: "its configuration is wrong",
    Category.OUT_OF_MEMORY: "it ran out of memory",
    Category.DEPENDENCY_UNAVAILABLE: "something it depends on did not answer",
    Category.INFRASTRUCTURE: "AWS could not run it",
    Category.TIMEOUT: "it took too long",
    Category.CANCELLED: "it was stopped on purpose",
    Category.UNKNOWN: "nothing says why",
}


def of_incident(incident: Incident, kind: MessageKind, what_happens: str) -> Report:
    """What people are told of the incident as it stands."""
    return Report(
        kind=kind,
        job=incident.job,
        headline=_headline(incident, kind),
        category=incident.category,
        what_happens=what_happens,
        facts=tuple((label, value) for label, value in _facts(incident, kind) if value),
        excerpt=incident.excerpt if _is_alert(kind) else (),
        advice=incident.advice if _is_alert(kind) else "",
    )


def _is_alert(kind: MessageKind) -> bool:
    return kind in {MessageKind.ALERT, MessageKind.HALF_DONE}


def _headline(incident: Incident, kind: MessageKind) -> str:
    name = incident.job.rsplit("/", 1)[-1]
    match kind:
        case MessageKind.HALF_DONE:
            return f"{name} can't run: the deploy is half done"
        case MessageKind.HEALED:
            return (
                f"{name} is healed: {_CAUSE.get(incident.category, incident.category.value)}, and the re-run succeeded"
            )
        case MessageKind.RECOVERED:
            return f"{name} has recovered: a later run succeeded"
        case MessageKind.ALERT:
            return f"{name} failed: {incident.sentence or _CAUSE.get(incident.category, incident.category.value)}"


def _facts(incident: Incident, kind: MessageKind) -> tuple[tuple[str, str], ...]:
    told = (
        ("Job", incident.job),
        ("Failed runs", str(incident.runs)),
        ("Re-runs", str(incident.reruns) if incident.reruns else ""),
    )
    if not _is_alert(kind):
        return told
    return (
        ("Category", incident.category.value),
        *told,
        ("Why", incident.sentence if kind is MessageKind.HALF_DONE else ""),
        ("Decided by", incident.rule),
        ("Line", incident.line),
        ("Deploy signal", incident.signal.value if incident.signal.value != "none" else ""),
        ("Code", incident.task_definition),
        ("Slot", incident.slot),
        ("Task", incident.task_id),
    )
