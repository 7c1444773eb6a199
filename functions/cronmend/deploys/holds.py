"""Schedules that are disabled during a deploy, and the one run for the slots they missed. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cronmend.model import Category, Diagnosis
from cronmend.model.incident import Change, Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.keys import stable_key
from cronmend.model.wakeups import HoldTimer
from cronmend.wording import clock


class Which(StrEnum):
    """Which schedules a marker ``started`` holds."""

    NONE = "none"
    LISTED = "listed"
    """Those of jobs with ``hold_in_deploys``."""
    ALL = "all"


class HoldState(StrEnum):
    HOLDING = "holding"
    """It was enabled and is about to be disabled. From here on, Cronmend has to enable it again."""
    HELD = "held"
    RELEASING = "releasing"
    """Its missed slot is determined, and it is about to be enabled."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A schedule that Cronmend disabled. Cronmend enables only schedules that have such a row."""

    id: str
    job: str
    cluster_arn: str
    family: str
    key: str
    """The ``key`` of the deploy that holds it."""
    since: datetime
    until: datetime
    """When it is released at the latest, even if no event reports the deploy's end."""
    state: HoldState = HoldState.HOLDING
    missed: str = ""
    """The latest missed slot, ISO 8601; the job runs once for all of them. ``""`` if none was missed."""
    version: int = 0

    @property
    def timer(self) -> HoldTimer:
        return HoldTimer(self.job, self.id, self.until)


def new_hold(job: str, cluster_arn: str, family: str, key: str, since: datetime, until: datetime) -> Hold:
    return Hold(stable_key(f"hold/{job}/{since.isoformat()}", 0), job, cluster_arn, family, key, since, until)


def extended(hold: Hold, key: str, until: datetime) -> Hold:
    """The hold, now held by a later deploy that started before the first one ended; unchanged if it already is."""
    if hold.key == key and until <= hold.until:
        return hold
    return replace(hold, key=key, until=max(hold.until, until))


def caught_up(job_state: JobState, hold: Hold, now: datetime, deadline: timedelta) -> Change | None:
    """Plan one run for all missed slots, with the guards of a re-run; None if none is needed.

    A job with an open incident gets none: its incident already covers it, and its next slot follows.
    """
    slot = datetime.fromisoformat(hold.missed)
    if job_state.history.last_success_at and job_state.history.last_success_at >= slot:
        return None
    if job_state.incident is not None and (job_state.incident.is_open or job_state.incident.id == hold.id):
        return None
    incident = Incident(
        id=hold.id,
        job=hold.job,
        cluster_arn=hold.cluster_arn,
        family=hold.family,
        began_at=now,
        state=IncidentState.HEALING,
        diagnosis=Diagnosis(
            Category.MISSED, "held_in_deploy", f"Its schedule was held at {clock(slot)} during a deploy."
        ),
        runs=0,
        planned=PlannedRerun(2, now),
        held_until=now + deadline,
        slot=hold.missed,
    )
    return Change(replace(job_state, incident=incident))
