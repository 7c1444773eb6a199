"""A job's facts → its row, with the strip of its last runs. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from cronmend.board import states
from cronmend.board.facts import Facts
from cronmend.board.lane import is_in_deploy
from cronmend.board.model import Bar, Lane, LaneDeploy, Rate, Row, State
from cronmend.board.schedule_words import in_words
from cronmend.board.states import Job
from cronmend.board.times import length, reach, relative
from cronmend.jobs import error_budgets
from cronmend.jobs.overdue import learned
from cronmend.jobs.slots import next_slot, unknown_slots
from cronmend.model.past_runs import MOST, PastRun, RunResult

_LONGEST = timedelta(days=3)
"""Between two runs; deploys are not marked in the strips of jobs that run more seldom."""


def row(facts: Facts, job: Job, lane: Lane) -> Row:
    found, timetable, policy = states.standing(job, facts.now), job.timetable, facts.policies.of(job.name)
    runs = job.state.past.runs
    at, note = _next(job, facts.now)
    schedule, zone = in_words(timetable.expression, timetable.timezone) if timetable else ("Schedule not known", "")
    return Row(
        job=job.name,
        state=found.state,
        section=found.section,
        lead=found.lead,
        detail=found.detail,
        schedule=schedule,
        zone=zone,
        bars=tuple(_bars(runs, job, lane, facts.now))[-MOST:],
        over=reach(runs[0].at, facts.now) if runs else "",
        last=_last(job, runs),
        last_took=_took(job, runs),
        next=at,
        next_in=relative(at, facts.now) if at else "",
        next_note=note or ("held" if found.state is State.HELD else ""),
        rate=_rate(job, facts.now),
        budget=error_budgets.of_past(job.state.past, policy.slo, facts.now) if policy.slo else None,
        owner=policy.owner,
    )


def _last(job: Job, runs: Sequence[PastRun]) -> datetime | None:
    """Before this version, only the latest success was kept."""
    if job.running:
        return job.running
    return runs[-1].at if runs else job.state.history.last_success_at


def _took(job: Job, runs: Sequence[PastRun]) -> str:
    if job.running:
        return "running"
    if not runs or runs[-1].result is RunResult.MISSED:
        return "missed" if runs else ""
    seconds = runs[-1].seconds
    return "not started" if seconds is None else length(seconds)


def _next(job: Job, now: datetime) -> tuple[datetime | None, str]:
    """The next slot, or why there is none."""
    timetable = job.timetable
    if timetable is None:
        return None, "not known"
    if not timetable.enabled:
        return None, "disabled"
    if unknown_slots(timetable.live, timetable.seen):
        return None, "not known"
    at = next_slot(timetable.live, now, timetable.seen)
    return at, "" if at else "none" if timetable.expression else "on events"


def _rate(job: Job, now: datetime) -> Rate:
    counts = job.state.past.counts(now)
    return Rate(
        sum(each.succeeded for each in counts),
        sum(each.failed for each in counts),
        sum(each.missed for each in counts),
        sum(each.healed for each in counts),
    )


def _bars(runs: Sequence[PastRun], job: Job, lane: Lane, now: datetime) -> Iterator[Bar]:
    before: datetime | None = None
    for run in runs:
        shaded = run.in_deploy or is_in_deploy(lane.deploys, run.at, now)
        between = not shaded and _is_between(lane.deploys, before, run.at)
        yield Bar(run.at, run.result, run.seconds, run.healed_after, shaded, between)
        before = run.at
    if job.running:
        yield _running(job, job.running, lane, now)


def _is_between(deploys: Iterable[LaneDeploy], before: datetime | None, at: datetime) -> bool:
    if before is None or at - before > _LONGEST:
        return False
    return any(before < each.since <= at for each in deploys)


def _running(job: Job, since: datetime, lane: Lane, now: datetime) -> Bar:
    seconds = int((now - since).total_seconds())
    limit = learned(job.state.history.durations)
    late = limit is not None and seconds > limit.longest.total_seconds()
    return Bar(since, None, seconds, shaded=is_in_deploy(lane.deploys, since, now), late=late)
