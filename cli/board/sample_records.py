"""What the ledger has of one invented job, which ran into a deploy and healed."""

from copy import replace
from datetime import timedelta
from typing import Final

from cli.board.sample import DEPLOY, NOW, incident_of, job_id
from cronmend.alerting import reports
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.board.story import Records
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, DeployWindow, Diagnosis, LogPlace, Policy, Signal, WindowState
from cronmend.model.incident import Attempt, Incident, IncidentState, RunRecord
from cronmend.model.report import Message, MessageKind

_JOB: Final = job_id("publish-scheduled")
_EARLIER: Final = timedelta(days=8)
_BEGAN: Final = NOW.replace(hour=14, minute=5, second=2)
_ENDED, _CLAIMED, _HEALED = (_BEGAN + timedelta(seconds=each) for each in (9, 240, 269))
_LINE: Final = "psycopg.errors.UndefinedColumn: column pages_page.embargo_until does not exist"
_SENTENCE: Final = f"The code and the database schema don't match: {_LINE}"
_REASON: Final = "the run used webapp:57, service web still ran webapp:56"
_WINDOW: Final = DeployWindow(WindowState.OPEN, Signal.REVISION, _REASON, DEPLOY)
_EXCERPT: Final = (
    "INFO  publish_scheduled: looking for pages due before 14:05",
    "Traceback (most recent call last):",
    '  File "/app/pages/management/commands/publish_scheduled.py", line 31, in handle',
    "    for page in Page.objects.due(now):",
    "…",
    "→ psycopg.errors.UndefinedColumn: column pages_page.embargo_until does not exist",
    'LINE 1: SELECT "pages_page"."id", "pages_page"."embargo_until" FROM …',
)


def records() -> Records:
    incident = _incident()
    window = replace(_WINDOW, since=DEPLOY - _EARLIER)
    diagnosis = replace(incident.diagnosis, window=window)
    before = replace(incident, id="0", began_at=_BEGAN - _EARLIER, failed=None, diagnosis=diagnosis)
    proof = replace(_WINDOW, reason="the migration task ended with exit code 0", state=WindowState.RECENT)
    attempt = Attempt("key", _JOB, incident.id, 2, _CLAIMED, window=proof)
    report = reports.of_incident(incident, MessageKind.HEALED, "Run 2 succeeded.")
    message = Message(incident.id, _JOB, "healed-deploy_race", report)
    delivered = {
        "events": Delivery(DeliveryState.SENT, _HEALED + timedelta(seconds=2)),
        "slack": Delivery(DeliveryState.SENT, _HEALED + timedelta(seconds=3)),
    }
    policy = JobPolicy(_JOB, rerun=Policy.SAFE, attempts=2, max_runtime=timedelta(minutes=30), owner="Content")
    runs = (*_runs(incident), *map(_days_before, _runs(before)))
    return Records(_JOB, (incident, before), runs, (attempt,), ((message, delivered),), policy)


def _incident() -> Incident:
    diagnosis = Diagnosis(
        Category.DEPLOY_RACE,
        "sql.undefined-column",
        _SENTENCE,
        line=_LINE,
        excerpt=_EXCERPT,
        deploy_explains=True,
        window=_WINDOW,
    )
    found = incident_of("publish-scheduled", _BEGAN, diagnosis, state=IncidentState.HEALED, reruns=1, bound=3)
    log = LogPlace("/ecs/app-prod", "web/web/1", "eu-west-2")
    failed = replace(found.failed, log=log) if found.failed else None
    return replace(found, failed=failed, policy=Policy.SAFE, healed_by=2)


def _runs(incident: Incident) -> tuple[RunRecord, RunRecord]:
    """The re-run, and the run that it repeats."""
    first = RunRecord(
        task_id=incident.id,
        job=_JOB,
        attempt=1,
        incident=incident.id,
        category=Category.DEPLOY_RACE,
        rule=incident.diagnosis.rule,
        line=_LINE,
        sentence=_SENTENCE,
        window=_WINDOW,
        action="rerun",
        reasons=("re-run when the deploy ends", "the alert is held until 15:05 UTC"),
        started_by="chronos-schedule/publish-scheduled",
        task_definition="webapp:57",
        stopped_at=_ENDED,
        recorded_at=_ENDED + timedelta(seconds=3),
        created_at=_BEGAN,
        ran=True,
    )
    reasons = ("the job succeeded: the incident is healed",)
    second = replace(first, task_id="2", attempt=2, category=Category.SUCCESS, action="none", reasons=reasons)
    return replace(second, stopped_at=_HEALED, recorded_at=_HEALED, created_at=_CLAIMED), first


def _days_before(run: RunRecord) -> RunRecord:
    created, recorded = (at and at - _EARLIER for at in (run.created_at, run.recorded_at))
    stopped = run.stopped_at - _EARLIER
    return replace(run, task_id=f"{run.task_id}-before", stopped_at=stopped, recorded_at=recorded, created_at=created)
