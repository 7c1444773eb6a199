"""A board of invented jobs, the same each time: for the pictures and the tests."""

from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Final

from cronmend.board.facts import Facts
from cronmend.deploys import DeployNote, Phase
from cronmend.deploys.holds import Hold, HoldState
from cronmend.deploys.note import EarlierDeploy
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.jobs.slots import slots_between
from cronmend.model import Category, DeployWindow, Diagnosis, History, Policy, Signal, TaskDefinitionRef, WindowState
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.mutes import Mute
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.model.runs import Container
from cronmend.model.slos import Slo
from cronmend.model.timetables import Timetable

NOW: Final = datetime(2026, 11, 27, 16, 22, tzinfo=UTC)
PLACE: Final = "production, eu-west-2"
CLUSTER: Final = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
GROUP: Final = "cronmend-jobs"
DEPLOY: Final = NOW.replace(hour=14, minute=2, second=10)
DEPLOYED: Final = NOW.replace(hour=14, minute=8, second=41)
_DAYS: Final = 28
_F, _H, _M = RunResult.FAILED, RunResult.HEALED, RunResult.MISSED


@dataclass(frozen=True)
class _Job:
    name: str
    expression: str
    seconds: int
    owner: str
    zone: str = "Europe/London"
    bad: Mapping[int, RunResult] = field(default_factory=dict)
    """By how many slots before the latest one."""
    enabled: bool = True
    slo: str = ""


_JOBS: Final = (
    _Job("charge-tickets", "cron(0/30 7-22 * * ? *)", 41, "Shop", bad={0: _F, 1: _F}, slo="99 % in 28d"),
    _Job("rebuild-index", "cron(30 15 * * ? *)", 1320, "Platform", bad={12: _H}),
    _Job(
        "fetch-rates",
        "cron(10 * * * ? *)",
        24,
        "Finance",
        bad={0: _F, 1: _F, 2: _F, 9: _H, 17: _F},
        slo="99.5 % in 28d",
    ),
    _Job("send-newsletter", "cron(0 17 ? * FRI *)", 720, "Content", bad={3: _H}),
    _Job("import-orders", "cron(3 * * * ? *)", 38, "Shop", bad={2: _H, 21: _H}, slo="99 % in 28d"),
    _Job("export-bookings", "cron(6 14 ? * MON-FRI *)", 40, "Finance", bad={0: _H}),
    _Job("publish-scheduled", "cron(5 * * * ? *)", 22, "Content", bad={2: _H, 190: _H}, slo="99 % in 28d"),
    _Job("send-report", "cron(0 7 * * ? *)", 111, "Content"),
    _Job("purge-revisions", "cron(30 3 * * ? *)", 325, "Content", "UTC", bad={14: _H, 24: _M}),
    _Job("backup-database", "cron(15 2 * * ? *)", 1140, "Platform", "UTC"),
    _Job(
        "refresh-calendar", "rate(5 minutes)", 34, "Shop", "UTC", bad={300: _F, 301: _F, 1200: _H}, slo="99.9 % in 28d"
    ),
    _Job("refresh-sitemap", "cron(40 * * * ? *)", 49, "Content", bad={4: _M}, slo="99 % in 28d"),
    _Job("resize-images", "cron(0/20 8-18 ? * MON-FRI *)", 240, "Content", bad={40: _H, 70: _H}),
    _Job("reconcile-payments", "cron(0 5 * * ? *)", 285, "Finance", bad={5: _F, 23: _H}),
    _Job("audit-permissions", "cron(0 6 ? * MON *)", 111, "Platform"),
    _Job("import-archive", "cron(0 3 1 * ? *)", 4100, "Platform", enabled=False),
)


@cache
def facts() -> Facts:
    timetables = {each.name: _timetable(each) for each in _JOBS}
    states = {each.name: _state(each, timetables[each.name]) for each in _JOBS}
    states["charge-tickets"] = replace(states["charge-tickets"], incident=_bug())
    states["fetch-rates"] = replace(states["fetch-rates"], incident=_away())
    states["rebuild-index"] = replace(states["rebuild-index"], incident=_overdue())
    return Facts(
        now=NOW,
        place=PLACE,
        timetables=tuple(timetables.values()),
        states={job_id(name): state for name, state in states.items()},
        mutes=(Mute(job_id("fetch-rates"), NOW + timedelta(days=2, hours=15.6), "Ann", "the provider is down"),),
        holds=(_hold(),),
        deploys=(_note(),),
        policies=Policies({job_id(each.name): _policy(each) for each in _JOBS}),
        running={
            job_id("resize-images"): NOW - timedelta(minutes=2),
            job_id("rebuild-index"): NOW - timedelta(minutes=52),
        },
    )


def job_id(name: str) -> str:
    return f"{GROUP}/{name}"


def _policy(job: _Job) -> JobPolicy:
    return JobPolicy(job_id(job.name), owner=job.owner, slo=Slo.read(job.slo) if job.slo else None)


def _timetable(job: _Job) -> Timetable:
    created = NOW - timedelta(days=400, minutes=7)
    return Timetable(
        job=job_id(job.name),
        source=job_id(job.name),
        version="1",
        cluster_arn=CLUSTER,
        expression=job.expression,
        timezone=job.zone,
        enabled=job.enabled,
        since=created,
        checked_until=NOW,
        created=created,
    )


def _state(job: _Job, timetable: Timetable) -> JobState:
    runs = list(_runs(job, timetable))
    durations = tuple(each.seconds for each in runs[-10:] if each.seconds)
    return JobState(job_id(job.name), 1, History(NOW, 57, durations=durations), past=PastRuns.of(runs))


def _runs(job: _Job, timetable: Timetable) -> Iterator[PastRun]:
    chance = Random(job.name)  # noqa: S311 # the same each time
    seldom = 30 if job.expression.endswith(("MON *)", "FRI *)")) and "MON-FRI" not in job.expression else 6
    start = NOW - timedelta(days=7 * seldom)
    until = NOW - timedelta(minutes=60) if job.name == "rebuild-index" else NOW
    slots = list(slots_between(replace(timetable.live, enabled=True), None, start, until))
    kept = [slot for slot in slots if slot >= NOW - timedelta(days=_DAYS)] if len(slots) > 60 else slots
    for before, slot in zip(range(len(kept) - 1, -1, -1), kept, strict=True):
        yield _run(job, slot, job.bad.get(before, RunResult.SUCCEEDED), chance.uniform(0.72, 1.18))


def _run(job: _Job, slot: datetime, result: RunResult, factor: float) -> PastRun:
    in_deploy = result is not RunResult.SUCCEEDED and DEPLOY <= slot <= DEPLOYED
    seconds = None if result is RunResult.MISSED else 4 if result is RunResult.FAILED else round(job.seconds * factor)
    healed = int((DEPLOYED - slot).total_seconds()) + 20 + job.seconds if in_deploy else 420
    return PastRun(slot, result, seconds, healed if result is RunResult.HEALED else None, in_deploy)


def incident_of(name: str, began: datetime, diagnosis: Diagnosis, **changes: object) -> Incident:
    used = TaskDefinitionRef("webapp", 57)
    failed = FailedRun(f"{name}-task", used, began, began + timedelta(seconds=4), 4, container=Container("web", 1))
    found = Incident(
        id=f"{name}-task",
        job=job_id(name),
        cluster_arn=CLUSTER,
        family="webapp",
        began_at=began,
        state=IncidentState.ALERTED,
        diagnosis=diagnosis,
        failed=failed,
        no_rerun="without a deploy, a re-run would fail the same way",
    )
    return replace(found, **changes)  # type: ignore[arg-type] # fields of Incident


def _bug() -> Incident:
    diagnosis = Diagnosis(
        Category.APPLICATION_ERROR,
        "python.exception",
        "The job has a bug or bad data: KeyError: 'vat_rate'",
        line="KeyError: 'vat_rate'",
        excerpt=(
            "charging 12 tickets",
            "Traceback (most recent call last):",
            '  File "/app/shop/management/commands/charge_tickets.py", line 48, in handle',
            "    total = ticket.price * rates['vat_rate']",
            "KeyError: 'vat_rate'",
        ),
        advice="Fix the error in the traceback, then run `cronmend rerun JOB`.",
        cause="KeyError: 'vat_rate'",
        window=DeployWindow(WindowState.CLOSED, Signal.REVISION, "service web runs the same revision, webapp:57"),
    )
    return incident_of("charge-tickets", NOW.replace(hour=15, minute=30), diagnosis, runs=2, policy=Policy.NEVER)


def _away() -> Incident:
    diagnosis = Diagnosis(
        Category.DEPENDENCY_UNAVAILABLE,
        "net.refused",
        "A service that the job needs wasn't available: connection refused",
        line="ConnectionRefusedError: rates.example.com:443",
        cause="the rates service refuses connections",
    )
    return incident_of("fetch-rates", NOW.replace(hour=14, minute=10), diagnosis, runs=3)


def _overdue() -> Incident:
    began = NOW.replace(hour=15, minute=30)
    cause = "it has been running for 52 min, and its last 10 successful runs took at most 25 min"
    diagnosis = Diagnosis(Category.OVERDUE, "run.overdue", f"The run is overdue: {cause}.", cause=cause)
    incident = incident_of("rebuild-index", began, diagnosis, state=IncidentState.HEALING)
    failed = replace(incident.failed, ended_at=None, seconds=None) if incident.failed else None
    return replace(incident, failed=failed, held_until=NOW + timedelta(minutes=23))


def waiting(name: str = "import-orders") -> Incident:
    """One that waits for a deploy."""
    window = DeployWindow(WindowState.OPEN, Signal.REVISION, "service web still runs webapp:56", NOW)
    line = "django.db.utils.ProgrammingError: column shop_order.vat_id does not exist"
    diagnosis = Diagnosis(Category.DEPLOY_RACE, "python.undefined-column", "", line=line, window=window)
    planned = PlannedRerun(2, NOW + timedelta(minutes=5))
    held = NOW + timedelta(hours=1)
    return incident_of(name, NOW, diagnosis, state=IncidentState.HEALING, planned=planned, held_until=held, bound=3)


def _note() -> DeployNote:
    return DeployNote(
        CLUSTER,
        "webapp",
        Signal.MARKER,
        Phase.FINISHED,
        DEPLOYED,
        DEPLOY,
        NOW,
        key="webapp:57",
        earlier=(
            EarlierDeploy(NOW - timedelta(hours=22.7), Phase.FINISHED, "webapp:55", NOW - timedelta(hours=22.6)),
            EarlierDeploy(NOW - timedelta(hours=6.85), Phase.FINISHED, "webapp:56", NOW - timedelta(hours=6.77)),
        ),
    )


def _hold() -> Hold:
    since, until = NOW - timedelta(minutes=4), NOW + timedelta(minutes=98)
    return Hold("h", job_id("send-newsletter"), CLUSTER, "webapp", "webapp:58", since, until, HoldState.HELD)
