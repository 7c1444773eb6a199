"""Put the past of every sample event into the local account: each has a job, a family and a service of its own.

No sample depends on another one, so they can be invoked in any order, as long as the account runs.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.deploys import DeployNote, Phase
from cronmend.deploys.holds import Hold, HoldState
from cronmend.model import Category, Container, DeployWindow, Diagnosis, History, Signal, TaskDefinitionRef, WindowState
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Attempt, Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.keys import stable_key
from local.account import LocalAccount
from local.aws import CLUSTER_ARN
from local.past import MINUTES_AGO, Deploy, Past
from local.pipeline import CONTAINER
from local.sam import Progress
from local.samples import PARAMETERS, VARIABLES, Sample, pipelines, samples

COMMAND = ("python", "manage.py", "publish_scheduled")
GOOD = datetime(2026, 5, 6, 9, 1, 20, tzinfo=UTC)
"""The last success: two slots before that of the samples, and one before an incident."""
SLOT = datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
FAILED = datetime(2026, 5, 6, 10, 0, 13, tzinfo=UTC)
"""When the failed run of an incident was created; a run of the samples that closes it is newer."""
LATER = timedelta(days=30)
"""Waiting re-runs are due only after the account is gone: only a sample brings one forward."""
OVERDUE = timedelta(minutes=10)
_RULE = "events-rule/"
_LINES = {
    Category.DEPLOY_RACE: 'django.db.utils.ProgrammingError: relation "events_venue" does not exist',
    Category.DEPENDENCY_UNAVAILABLE: "django.db.utils.OperationalError: connection failed: Connection refused",
}
_RULES = {Category.DEPLOY_RACE: "postgresql.schema", Category.DEPENDENCY_UNAVAILABLE: "sql.refused"}
_WAITS = {"state": "healing", "planned": 2}
_WITH_PAST = ("task_stopped", "deploy_state", "rerun", "slack_action", "board_action", "job_board", "reconcile")


def deploy(account: LocalAccount, parameters: Mapping[str, str], progress: Progress = lambda _: None) -> None:
    """Deploy Cronmend as the samples need it, and put their past into the account.

    Overdue promises are left to the samples, so the reconciler's own rule is disabled. It runs once before there are
    any: the board has the schedules of jobs.toml from it.
    """
    account.deploy(stack_parameters(parameters), progress)
    account.set_variables(VARIABLES)
    account.disable_rules("ReconcileFunction")
    account.reconcile()
    seed(Past.of(account.clients))


def stack_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """The template's parameters as given, plus what the samples need: their person may always click."""
    allowed = dict.fromkeys((PARAMETERS["SlackAllowed"], given.get("SlackAllowed", "")))
    return {**PARAMETERS, "Pipelines": pipelines(), **given, "SlackAllowed": ",".join(filter(None, allowed))}


def seed(past: Past) -> None:
    """Put the past of all samples into the account."""
    for sample in samples(*_WITH_PAST):
        if "same_as" not in sample.past and _has_job(sample):
            put(past, sample)


def put(past: Past, sample: Sample) -> None:
    """Put the past of one sample into the account.

    Raises:
        RuntimeError: the sample's run used another revision than its past has.
    """
    event = sample.event()
    revision = past.deploy(sample.name, Deploy(sample.past.get("deploy", Deploy.CLOSED)))
    _job(past, sample, revision)
    if "marker" in sample.past:
        past.told(_marker(sample, Phase(sample.past["marker"])))
    if sample.past.get("held"):
        past.held(_hold(sample, event))
    if sample.folder == "task_stopped":
        _run(past, sample, event["detail"], revision)
    if sample.job:
        past.remember(*_state(sample, event, revision))


def _has_job(sample: Sample) -> bool:
    """A deploy that no job waits for, and a click without a valid signature, need none."""
    return sample.folder in {"task_stopped", "rerun"} or bool({"waits", "incident"} & sample.past.keys())


def _job(past: Past, sample: Sample, revision: str) -> None:
    if sample.job.startswith(_RULE):
        past.rule(sample.job.removeprefix(_RULE), revision, COMMAND)
    elif sample.job:
        past.schedule(sample.job, revision, COMMAND)
        if not sample.past.get("enabled", True):
            past.disable(sample.job)


def _run(past: Past, sample: Sample, detail: Mapping[str, Any], revision: str) -> None:
    if detail["taskDefinitionArn"] != revision:
        raise RuntimeError(f"{sample.path} ran {detail['taskDefinitionArn']}, and its past has {revision}")
    if lines := sample.log():
        past.log(detail["taskArn"].rsplit("/", 1)[-1], lines)


def _marker(sample: Sample, phase: Phase) -> DeployNote:
    """The time is in the future, so the signal counts as just sent, however long the account runs."""
    now = datetime.now(UTC)
    ahead = now + LATER
    return DeployNote(CLUSTER_ARN, sample.name, Signal.MARKER, phase, ahead, now - MINUTES_AGO, ahead, key="3f9c2ab")


def _hold(sample: Sample, event: Mapping[str, Any]) -> Hold:
    """A note about a deploy around the slot of the samples."""
    until = datetime.fromisoformat(event["at"])
    began = SLOT - timedelta(minutes=10)
    return Hold(event["hold"], sample.job, CLUSTER_ARN, sample.name, "3f9c2ab", began, until, HoldState.HELD)


def _state(sample: Sample, event: Mapping[str, Any], revision: str) -> tuple[JobState, Attempt | None]:
    """The ledger's state of the job, and the re-run of its incident that has run."""
    used = TaskDefinitionRef.parse(revision)
    state = JobState(sample.job, history=History(GOOD, used.revision, "", (41, 44, 42)))
    said: Mapping[str, Any] | None = _WAITS if sample.past.get("waits") else sample.past.get("incident")
    if said is None:
        return state, None
    incident = _incident(sample, _incident_id(event, sample), used, said)
    state = JobState(sample.job, history=state.history, incident=incident)
    if not said.get("reruns"):
        return state, None
    number = said["reruns"] + 1
    return state, Attempt(stable_key(incident.id, number), sample.job, incident.id, number, FAILED)


def _incident(sample: Sample, key: str, used: TaskDefinitionRef, said: Mapping[str, Any]) -> Incident:
    category = Category(said.get("category", Category.DEPLOY_RACE))
    due = datetime.now(UTC) + (-OVERDUE if sample.past.get("overdue") else LATER)
    reruns, state = said.get("reruns", 0), IncidentState(said["state"])
    planned = PlannedRerun(said["planned"], due, said.get("rechecks", 0)) if "planned" in said else None
    return Incident(
        id=key,
        job=sample.job,
        cluster_arn=CLUSTER_ARN,
        family=sample.name,
        began_at=FAILED,
        state=state,
        diagnosis=_diagnosis(category),
        failed=FailedRun(key, used, FAILED, FAILED + timedelta(seconds=58), 24, container=Container(CONTAINER, 1)),
        runs=1 + reruns,
        reruns=reruns,
        bound=3,
        held_until=due if state is IncidentState.HEALING else None,
        planned=planned,
    )


def _diagnosis(category: Category) -> Diagnosis:
    line = _LINES[category]
    words = Category.SCHEMA_MISMATCH if category is Category.DEPLOY_RACE else category
    is_race = category is Category.DEPLOY_RACE
    window = DeployWindow(WindowState.OPEN, Signal.REVISION) if is_race else DeployWindow(WindowState.CLOSED)
    return Diagnosis(category, _RULES[category], f"{words.traits.rule_sentence}: {line}", line, (line,), window=window)


def _incident_id(event: Mapping[str, Any], sample: Sample) -> str:
    """The task that the event names, or any."""
    if named := event.get("incident"):
        return str(named)
    overrides = (event.get("detail") or {}).get("overrides", {}).get("containerOverrides", [])
    variables = {each["name"]: each["value"] for override in overrides for each in override.get("environment", ())}
    return str(variables.get("CRONMEND_INCIDENT") or hashlib.sha256(sample.name.encode()).hexdigest()[:32])
