"""What is previewed: the report of a sample event, diagnosed as the function does, or of a run on record."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cli.diagnosis.cases import BadCase, Case, case_of
from cli.on_call.reader import Reader
from cronmend.alerting import reports
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import Permanent
from cronmend.healing import after_run, transitions
from cronmend.healing.plan import plan as plan_for
from cronmend.healing.situation import Limits, Situation
from cronmend.jobs import identity, policies
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Alert, DeployWindow, LogPlace, Missing, Plan, Policy, WindowState
from cronmend.model.incident import Incident, JobState
from cronmend.model.report import ENDINGS, MessageKind, Report

_OFFLINE: Final = Missing("schedules are not asked for a preview")
_ESCALATED_AFTER: Final = timedelta(minutes=30)
_RERUN: Final = ENDINGS | {MessageKind.GAVE_UP}
"""Kinds that follow a re-run."""


class Unsuited(Exception):
    """There is nothing to preview; the message says what there would have to be."""


@dataclass(frozen=True, slots=True)
class Offline:
    """What an event alone does not tell."""

    log: Path | None = None
    log_group: str = ""
    deploy: WindowState = WindowState.CLOSED
    job: str = ""


def of_event(path: Path, kind: MessageKind, known: Offline) -> Report:
    """The message that the end of this run leads to.

    Raises:
        Unsuited: it can't be read, or nobody is told of it.
    """
    case = _case(path, known)
    job = known.job or identity.identify(case.evidence.task, _OFFLINE).job
    policy = _policies().of(job)
    incident, plan = _incident(case, job, known)
    alert = plan.first(Alert)
    return _report(incident, kind, alert.reason if alert else transitions.RELEASED, policy, _policies().jobs)


def of_task(reader: Reader, task: str, kind: MessageKind) -> Report:
    """The message of this kind as it was sent; where none was, as it would be now.

    Raises:
        Unsuited: the run opened no incident.
    """
    run = reader.run(task)
    incident = reader.incident_of(run) if run.incident else None
    if incident is None:
        raise Unsuited(f"{run.task_id} ended as {run.category.value}: it belongs to no incident, so nobody is told")
    policy = _policies().of(incident.job)
    sent = [message.report for message, _ in reader.messages(incident) if message.report.kind is kind]
    return _decorated(sent[-1], policy) if sent else _report(incident, kind, "; ".join(run.reasons), policy)


def _case(path: Path, known: Offline) -> Case:
    try:
        event = json.loads(path.read_text(encoding="utf-8"))
        lines = known.log.read_text(encoding="utf-8", errors="replace").splitlines() if known.log else []
        case = case_of({"event": event, "log": lines, "deploy": known.deploy.value})
    except (OSError, ValueError, BadCase) as error:
        raise Unsuited(f"{path}: {error}") from error
    return replace(case, evidence=replace(case.evidence, window=DeployWindow(known.deploy)))


def _incident(case: Case, job: str, known: Offline) -> tuple[Incident, Plan]:
    """As the first failure on record would open it."""
    task, diagnosis = case.evidence.task, diagnose(case.evidence)
    if diagnosis.category.traits.silent:
        raise Unsuited(f"{task.task_id} ended as {diagnosis.category.value}: nobody is told of it")
    now, place = task.stopped_at or datetime.now(UTC), None
    if known.log_group:
        stream = f"{task.job_container}/{task.job_container}/{task.task_id}"
        place = LogPlace(known.log_group, stream, task.cluster_arn.split(":")[3])
    plan = plan_for(diagnosis, Situation(now=now, policy=Policy.SAFE))
    who = replace(identity.identify(task, _OFFLINE), job=job)
    outcome = after_run.Outcome(task, who, diagnosis, None, now, Limits().attempts(diagnosis.category), place)
    incident = after_run.after_failure(JobState(job), outcome, plan).job_state.incident
    if incident is None:
        raise Unsuited(f"{task.task_id} opens no incident: nobody is told of it")
    return incident, plan


def _report(incident: Incident, kind: MessageKind, said: str, policy: JobPolicy, others: Iterable[str] = ()) -> Report:
    """``others`` are the jobs that a group has besides."""
    if kind in _RERUN:
        incident = replace(incident, reruns=max(1, incident.reruns), planned=None)
        said = "Run 2 succeeded: nothing has to be done" if kind in ENDINGS else said
    alert = _decorated(reports.of_incident(incident, MessageKind.ALERT, said), policy)
    match kind:
        case MessageKind.GROUP:
            return reports.of_group(alert, sorted({incident.job, *others}), 0)
        case MessageKind.ESCALATION:
            return reports.of_escalation(alert, _ESCALATED_AFTER)
        case MessageKind.CIRCUIT:
            return reports.of_circuit(incident, 30, "12:00 UTC")
        case MessageKind.CANARY:
            return reports.canary((incident.failed and incident.failed.ended_at) or incident.began_at)
        case _:
            return _decorated(reports.of_incident(incident, kind, said), policy)


def _decorated(report: Report, policy: JobPolicy) -> Report:
    return reports.decorated(report, policy.owner, policy.runbook, policy.severity)


def _policies() -> policies.Policies:
    try:
        return policies.read(policies.PATH.read_text(encoding="utf-8"))
    except (OSError, Permanent) as error:
        raise Unsuited(f"{policies.PATH}: {error}") from error
