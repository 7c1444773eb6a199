"""The report to preview: of an ECS event, diagnosed as `task_state` does, or of a recorded run."""

import json
from collections.abc import Iterable
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cli.console import reason_of
from cli.diagnosis.samples import BadSample, Sample, sample_of
from cli.on_call.reader import Reader
from cli.text_files import read_text
from cronmend.alerting import alarm_reports, findings, outlook, reports
from cronmend.alerting.routes import DEFAULT, Route
from cronmend.board import monthly
from cronmend.board.activity import Activity
from cronmend.board.period import Period
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import UNREADABLE, Permanent
from cronmend.healing import after_run, messages, plan
from cronmend.healing.outcome import Outcome
from cronmend.healing.situation import Limits, Situation
from cronmend.jobs import identity, policies, schedule_findings
from cronmend.jobs.policies import JobPolicy
from cronmend.model import (
    Alert,
    Category,
    DeployWindow,
    HoldAlert,
    LogPlace,
    Missing,
    Plan,
    ScheduleState,
    WindowState,
)
from cronmend.model.alarms import AlarmChange, AlarmState
from cronmend.model.findings import KnownFinding, OnFinding
from cronmend.model.incident import Incident, JobState
from cronmend.model.past_runs import DayCount
from cronmend.model.report import ALERTS, ENDINGS, MessageKind, Report

_OFFLINE: Final = Missing("a preview reads no schedules")
_ESCALATED_AFTER: Final = timedelta(minutes=30)
_HEALED_AFTER: Final = timedelta(minutes=7)


class NoPreview(Exception):
    """There is nothing to preview; the message says why."""


@dataclass(frozen=True, slots=True)
class EventContext:
    """What the event itself doesn't contain."""

    log: Path | None = None
    log_group: str = ""
    deploy: WindowState = WindowState.CLOSED
    job: str = ""


def of_event(path: Path, kind: MessageKind | None, known: EventContext) -> Report:
    """The message that the end of this run leads to.

    Raises:
        NoPreview: the event can't be read, or no message is sent for it.
    """
    sample = _sample(path, known)
    job = known.job or identity.identify(sample.evidence.task, _OFFLINE).job
    policy = _policies().of(job)
    incident, planned = _incident(sample, job, known)
    wanted, held = kind or messages.kind_of_alert(incident), planned.first(HoldAlert)
    if held and wanted in ALERTS:
        incident = _at_deadline(incident, held.until)
    said = "" if planned.first(Alert) else outlook.held(incident)
    return _report(incident, wanted, said, policy, _policies().jobs)


def of_task(reader: Reader, task: str, kind: MessageKind | None) -> Report:
    """The message of this kind, or the latest alert, as it was sent; if none was, as it would be sent now.

    Raises:
        NoPreview: the run opened no incident.
    """
    run = reader.run(task)
    incident = reader.incident_of(run)
    if incident is None:
        raise NoPreview(
            f"Task {run.task_id} ended as {run.category.value}. It belongs to no incident, so no message is sent."
        )
    policy = _policies().of(incident.job)
    wanted = {kind} if kind else ALERTS
    sent = [message.report for message, _ in reader.messages(incident) if message.report.kind in wanted]
    if sent:
        return _decorated(sent[-1], policy)
    return _report(incident, kind or messages.kind_of_alert(incident), "", policy)


def _sample(path: Path, known: EventContext) -> Sample:
    try:
        event = json.loads(read_text(path))
        lines = read_text(known.log).splitlines() if known.log else []
        sample = sample_of({"event": event, "log": lines, "deploy": known.deploy.value})
    except (OSError, BadSample, *UNREADABLE) as error:
        raise NoPreview(
            f"Can't read the event '{path}': {reason_of(error)}. Name a JSON file with a STOPPED event."
        ) from error
    return replace(sample, evidence=replace(sample.evidence, window=DeployWindow(known.deploy)))


def _incident(sample: Sample, job: str, known: EventContext) -> tuple[Incident, Plan]:
    """The incident that the run would open if it were the job's first failure."""
    task, diagnosis = sample.evidence.task, diagnose(sample.evidence)
    if diagnosis.category.traits.silent:
        raise NoPreview(f"Task {task.task_id} ended as {diagnosis.category.value}, so no message is sent.")
    now, place = task.stopped_at or datetime.now(UTC), None
    if known.log_group:
        stream = f"{task.job_container}/{task.job_container}/{task.task_id}"
        place = LogPlace(known.log_group, stream, task.cluster_arn.split(":")[3])
    allowed = _policies().of(job).rerun
    planned = plan.plan(diagnosis, Situation(now=now, policy=allowed, ran=task.ran))
    identified = identity.identify(task, _OFFLINE)
    who = replace(identified, job=job)
    bound = Limits().attempts(diagnosis.category)
    outcome = Outcome(task, who, diagnosis, None, now, bound, place, policy=allowed)
    incident = after_run.after_failure(JobState(job), outcome, planned).job_state.incident
    if incident is None:
        raise NoPreview(f"Task {task.task_id} opens no incident, so no message is sent.")
    # A job that is named has a schedule, which a preview doesn't read.
    named = known.job or identified.certain
    return (replace(incident, schedule=ScheduleState.ENABLED) if named else incident), planned


def _at_deadline(incident: Incident, until: datetime) -> Incident:
    """The incident when its held alert is sent: one re-run is left, or it still waits for the end of the deploy."""
    planned, failed, bound = incident.planned, incident.failed, incident.bound or Limits().max_attempts
    if planned is None or failed is None:
        return incident
    diagnosis = incident.diagnosis
    explained = diagnosis.category is Category.DEPLOY_RACE or diagnosis.may_end_with_deploy
    if explained and diagnosis.window.state is WindowState.OPEN:
        return replace(incident, planned=replace(planned, at=max(planned.at, until + Limits().recheck_after)))
    if explained:  # There is one re-run after a deploy.
        return incident
    last = replace(planned, attempt=bound + 1)
    return replace(incident, reruns=bound - 1, failed=replace(failed, attempt=bound), planned=last)


def _report(incident: Incident, kind: MessageKind, said: str, policy: JobPolicy, others: Iterable[str] = ()) -> Report:
    """
    Args:
        others: the other jobs of a grouped message.
    """
    incident, said = _as_of(incident, kind, said)
    alert = _decorated(reports.of_incident(incident, MessageKind.ALERT, said), policy)
    match kind:
        case MessageKind.GROUP:
            return reports.of_group(alert, sorted({incident.job, *others}), 0)
        case MessageKind.ESCALATION:
            return reports.of_escalation(alert, _ESCALATED_AFTER)
        case MessageKind.CIRCUIT:
            return reports.of_circuit(incident, 30, "12:00 UTC")
        case MessageKind.ALARM | MessageKind.FINDING | MessageKind.MONTHLY | MessageKind.CANARY:
            return _of_no_failure(
                kind, incident.job, (incident.failed and incident.failed.ended_at) or incident.began_at
            )
        case _:
            return _decorated(reports.of_incident(incident, kind, said), policy)


def _alarm(at: datetime) -> AlarmChange:
    """The one that fires if this run couldn't be processed."""
    name = "cronmend-TaskStateDeadLettersAlarm-1HKTSYVLZS2RD"
    arn = f"arn:aws:cloudwatch:eu-west-2:111122223333:alarm:{name}"
    about = "Cronmend couldn't process a stopped run. Fix the cause, then run `cronmend redrive`."
    return AlarmChange(arn, name, AlarmState.ALARM, AlarmState.OK, at, about)


def _of_no_failure(kind: MessageKind, job: str, at: datetime) -> Report:
    """A message of this kind at the time of the failure, which it isn't about."""
    if kind is MessageKind.ALARM:
        return alarm_reports.report_of(_alarm(at))
    if kind is MessageKind.MONTHLY:
        month = Activity(at, "", Period.month_before(at.date()), 1, [DayCount(0, succeeded=718, failed=2)], [])
        return monthly.message(month, Route(DEFAULT)).report
    if kind is MessageKind.CANARY:
        return reports.canary(at)
    return findings.message([KnownFinding(schedule_findings.disabled(job, at), at)], "", OnFinding.NOTE, "").report


def _as_of(incident: Incident, kind: MessageKind, said: str) -> tuple[Incident, str]:
    """The incident by the time of a message of this kind, and that message's text."""
    failed = incident.failed
    if failed is None:
        return incident, said
    if kind is MessageKind.HALF_DONE:
        window = replace(incident.diagnosis.window, state=WindowState.STUCK)
        diagnosis = replace(incident.diagnosis, category=Category.DEPLOY_RACE, window=window)
        return replace(incident, planned=None, diagnosis=diagnosis, no_rerun=plan.HALF_DONE), ""
    if kind is MessageKind.GAVE_UP:
        bound = incident.bound or Limits().max_attempts
        last = replace(failed, attempt=bound + 1)
        return replace(incident, planned=None, reruns=bound, bound=bound, failed=last), ""
    if kind in ENDINGS:
        at = (failed.ended_at or failed.created_at) + _HEALED_AFTER
        closed = replace(incident, planned=None, ended_at=at, healed_by=2 if kind is MessageKind.HEALED else 0)
        return closed, outlook.succeeded(closed, failed.task_definition, at)
    return incident, said


def _decorated(report: Report, policy: JobPolicy) -> Report:
    return reports.decorated(report, policy.owner, policy.runbook, policy.severity)


def _policies() -> policies.Policies:
    try:
        return policies.packaged()
    except (OSError, Permanent) as error:
        raise NoPreview(f"Can't read '{policies.PATH}': {reason_of(error)}") from error
