"""A schedule that stands still while a deploy goes on, and the run that makes up for what it missed. Pure."""

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
    """Those whose owner says ``hold_in_deploys``."""
    ALL = "all"


class HoldState(StrEnum):
    HOLDING = "holding"
    """It was seen enabled and is about to be disabled: whatever happens now, it is ours to enable."""
    HELD = "held"
    RELEASING = "releasing"
    """What it has missed is decided; it is about to be enabled."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One schedule held by us. Only what has such a row is ever enabled again."""

    id: str
    job: str
    cluster_arn: str
    family: str
    key: str
    """The deploy that holds it."""
    since: datetime
    until: datetime
    """It is released then at the latest, whatever is heard of the deploy."""
    state: HoldState = HoldState.HOLDING
    missed: str = ""
    """The latest slot that it missed, ISO 8601; one run makes up for all of them."""
    version: int = 0

    @property
    def timer(self) -> HoldTimer:
        return HoldTimer(self.job, self.id, self.until)


def begun(job: str, cluster_arn: str, family: str, key: str, since: datetime, until: datetime) -> Hold:
    return Hold(stable_key(f"hold/{job}/{since.isoformat()}", 0), job, cluster_arn, family, key, since, until)


def extended(hold: Hold, key: str, until: datetime) -> Hold:
    """A deploy began before the one that holds it has ended: the later one holds it now. Itself where it does."""
    if hold.key == key and until <= hold.until:
        return hold
    return replace(hold, key=key, until=max(hold.until, until))


def made_up(job_state: JobState, hold: Hold, now: datetime, deadline: timedelta) -> Change | None:
    """One run for all slots that were held back, through the guards of a re-run; None where there is nothing to do.

    A job whose incident is open gets none: people know of it, and its next slot comes.
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
