"""What a job's row shows first, and why, in a sentence. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.alerting import headlines
from cronmend.board.facts import Facts
from cronmend.board.model import Section, State
from cronmend.board.times import clock
from cronmend.deploys.holds import Hold
from cronmend.healing.messages import kind_of_alert
from cronmend.model import Category
from cronmend.model.incident import Incident, IncidentState, JobState
from cronmend.model.mutes import Mute
from cronmend.model.past_runs import PastRun, RunResult
from cronmend.model.timetables import Timetable
from cronmend.redact import redact
from cronmend.wording import nth_run, sentence, span, times

HEALED_FOR = timedelta(hours=24)


class Standing(Struct, frozen=True):
    state: State
    section: Section
    lead: str
    detail: str = ""


class Job(Struct, frozen=True):
    """The facts about one job."""

    name: str
    state: JobState
    timetable: Timetable | None
    mute: Mute | None
    hold: Hold | None
    running: datetime | None

    @classmethod
    def of(cls, facts: Facts, name: str, timetable: Timetable | None) -> "Job":
        mutes = [each for each in facts.mutes if each.covers(name)]
        hold = next((each for each in facts.holds if each.job == name), None)
        mute = max(mutes, key=lambda each: each.until, default=None)
        return cls(name, facts.states.get(name, JobState(name)), timetable, mute, hold, facts.running.get(name))


def standing(job: Job, now: datetime) -> Standing:
    incident = job.state.open_incident
    if job.mute:
        return _muted(job.mute, incident, now)
    if incident:
        return _broken(incident, now)
    return _held(job.hold, now) if job.hold else _fine(job, now)


def _muted(mute: Mute, incident: Incident | None, now: datetime) -> Standing:
    why = f"Because: {redact(mute.reason)}." if mute.reason else f"By {mute.by}."
    detail = f"{_cause(incident)} {why}" if incident else why
    return Standing(State.MUTED, Section.IN_HAND, f"Muted until {clock(mute.until, now)}.", detail)


def _held(hold: Hold, now: datetime) -> Standing:
    return Standing(
        State.HELD,
        Section.IN_HAND,
        f"Held until {clock(hold.until, now)} at the latest.",
        sentence(f"the schedule is disabled for the deploy of {hold.key}" if hold.key else "for a deploy"),
    )


def _broken(incident: Incident, now: datetime) -> Standing:
    state = _state_of(incident)
    alerted = incident.state is IncidentState.ALERTED
    is_yours = alerted and not incident.acknowledged_by and not (incident.planned or incident.starting)
    section = Section.NEEDS_YOU if is_yours else Section.IN_HAND
    return Standing(state, section, _lead(state, incident, now), _detail(incident, now))


def _state_of(incident: Incident) -> State:
    if incident.category is Category.OVERDUE and incident.failed and incident.failed.ended_at is None:
        return State.OVERDUE
    if incident.planned and incident.diagnosis.waits_for_deploy:
        return State.WAITING
    return State.HEALING if incident.planned or incident.starting else State.FAILED


def _lead(state: State, incident: Incident, now: datetime) -> str:
    since = clock(incident.began_at, now)
    match state:
        case State.OVERDUE:
            return "Overdue."
        case State.WAITING:
            return f"Waiting for a deploy since {since}."
        case State.HEALING:
            return f"Healing since {since}."
        case _:
            how_often = "Missed" if not incident.runs else "Failed"
            count = max(incident.runs - incident.reruns, incident.missed, 1)
            often = {1: "", 2: " twice"}.get(count, f" {count} times")
            return f"{how_often}{often}, {'since' if count > 1 else 'at'} {since}."


def _detail(incident: Incident, now: datetime) -> str:
    return " ".join(filter(None, (_cause(incident), _next(incident, now))))


def _cause(incident: Incident) -> str:
    return sentence(headlines.what_failed(incident, kind_of_alert(incident)))


def _next(incident: Incident, now: datetime) -> str:
    if incident.planned:
        run = nth_run(incident.planned.attempt, incident.most_runs)
        return sentence(f"{run} at {clock(incident.planned.at, now)}")
    if incident.held_until:
        return f"Alert held until {clock(incident.held_until, now)}."
    return f"{incident.acknowledged_by} has it." if incident.acknowledged_by else ""


def _fine(job: Job, now: datetime) -> Standing:
    runs = job.state.past.runs
    if job.running:
        return Standing(State.RUNNING, Section.FINE, "", _running(job, job.running, now))
    if job.timetable and not job.timetable.enabled:
        return Standing(State.DISABLED, Section.FINE, "", "The schedule is disabled")
    if not runs and job.state.history.last_success_at is None:
        return Standing(State.NEW, Section.FINE, "", "No run is on record yet")
    healed = max((each for each in runs if each.result is RunResult.HEALED), key=lambda each: each.at, default=None)
    if healed and now - healed.at < HEALED_FOR:
        return Standing(State.HEALED, Section.FINE, "", _healed(healed, now))
    return Standing(State.HEALTHY, Section.FINE, "", _healthy(runs, now))


def _running(job: Job, since: datetime, now: datetime) -> str:
    usual = sorted(job.state.history.durations)
    took = f", usually {span(timedelta(seconds=usual[len(usual) // 2]))}" if usual else ""
    return f"Running for {span(now - since)}{took}"


def _healed(run: PastRun, now: datetime) -> str:
    ended = clock(run.at + timedelta(seconds=run.healed_after or 0), now)
    return f"Healed at {ended}, {'broken by a deploy' if run.in_deploy else f'failed at {clock(run.at, now)}'}"


def _healthy(runs: Sequence[PastRun], now: datetime) -> str:
    bad = _last(runs, {RunResult.FAILED, RunResult.MISSED, RunResult.HEALED})
    if bad is None:
        return f"Healthy for {times(len(runs), 'run')}{' and more' if len(runs) == 30 else ''}" if runs else "Healthy"
    word = {RunResult.MISSED: "Missed", RunResult.HEALED: "Healed"}.get(runs[bad].result, "Failed")
    since = len(runs) - bad - 1
    return f"{word} at {clock(runs[bad].at, now)}, fine since" if since else f"{word} at {clock(runs[bad].at, now)}"


def _last(runs: Sequence[PastRun], results: Iterable[RunResult]) -> int | None:
    return next((number for number in range(len(runs) - 1, -1, -1) if runs[number].result in results), None)
