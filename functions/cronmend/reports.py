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
    Category.MISSED: "its slot was held back during a deploy",
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
    return kind in {MessageKind.ALERT, MessageKind.HALF_DONE, MessageKind.GAVE_UP}


def _headline(incident: Incident, kind: MessageKind) -> str:
    name = incident.job.rsplit("/", 1)[-1]
    match kind:
        case MessageKind.HALF_DONE:
            return f"{name} can't run: the deploy is half done"
        case MessageKind.HEALED:
            return (
                f"{name} is healed: {_CAUSE.get(incident.category, incident.category.value)}, and the re-run succeeded"
            )
        case MessageKind.GAVE_UP:
            times = "1 re-run" if incident.reruns == 1 else f"{incident.reruns} re-runs"
            return f"{name} still fails after {times}: {incident.sentence or _CAUSE.get(incident.category, '')}"
        case MessageKind.CIRCUIT:
            return "healing has stopped for all jobs"
        case MessageKind.RECOVERED:
            return f"{name} has recovered: a later run succeeded"
        case MessageKind.ALERT:
            return f"{name} failed: {incident.sentence or _CAUSE.get(incident.category, incident.category.value)}"


def _facts(incident: Incident, kind: MessageKind) -> tuple[tuple[str, str], ...]:
    told = (
        ("Job", incident.job),
        ("Failed runs", str(incident.runs)),
        ("Re-runs", _reruns(incident)),
        ("First failure", task_link(incident.cluster_arn, incident.id) if incident.runs > 1 else ""),
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
        ("Deploy", incident.during),
        ("Code", incident.task_definition),
        ("Slot", incident.slot),
        ("Task", incident.task_id),
    )


def of_circuit(incident: Incident, bound: int, until: str) -> Report:
    """The one alert when healing stops for all jobs; ``incident`` is the one whose re-run was one too many."""
    return Report(
        kind=MessageKind.CIRCUIT,
        job="all jobs",
        headline=f"Healing has stopped for all jobs: {bound} re-runs in this hour are used up",
        category=incident.category,
        what_happens=f"No job is run again until {until}; alerts come at their deadlines. Then healing goes on.",
        facts=(("First job that was not run again", incident.job), ("Bound", f"{bound} re-runs an hour over all jobs")),
        advice="Many jobs failing at once have a common cause: look for that. `cronmend circuit close` ends it sooner.",
    )


def task_link(cluster_arn: str, task_id: str) -> str:
    """The task in AWS's console, where ECS shows it for about an hour."""
    region, cluster = cluster_arn.split(":")[3], cluster_arn.rsplit("/", 1)[-1]
    return f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/tasks/{task_id}"


def _reruns(incident: Incident) -> str:
    """Attempt 1 is the schedule's own."""
    if not incident.reruns:
        return ""
    bound = f" of at most {incident.bound}" if incident.bound >= incident.reruns else ""
    return f"{incident.reruns}{bound}"
