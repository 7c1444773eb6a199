"""How slots without a run change their job's incident. Pure."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from cronmend.alerting import missed_slots
from cronmend.alerting.news import with_progress
from cronmend.healing import past_runs
from cronmend.healing.messages import with_message
from cronmend.jobs.policies import JobPolicy
from cronmend.jobs.slots import family_of
from cronmend.model import CatchUp, Category, Diagnosis, LiveSchedule
from cronmend.model.incident import Change, Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.keys import stable_key
from cronmend.model.report import MessageKind
from cronmend.wording import clock, moment

RULE: Final = "slot.no_run"
_ADVICE: Final = (
    "Look for the reason in the schedule's dead-letter queue and, for that time, in CloudTrail's RunTask events. "
    "To run the job now, run `cronmend rerun JOB`."
)
_NO_CATCH_UP: Final = "the job's `catch_up` is `none`"


class MissedSlots(Struct, frozen=True):
    schedule: LiveSchedule
    slots: Sequence[datetime]
    """In order; at least one."""
    policy: JobPolicy
    alert_deadline: timedelta
    """How long the alert is held if Cronmend catches up."""
    unread: str = ""
    """Why ECS couldn't be asked, as a clause; ``""`` if it has no run for them."""


def after_missed(job_state: JobState, missed: MissedSlots, now: datetime) -> Change | None:
    """One incident for all slots that a job misses until it succeeds; None if all of them are known already."""
    known = job_state.incident
    new = [slot for slot in missed.slots if not (known and known.missed_until and slot <= known.missed_until)]
    if not new:
        return None
    missed, job_state = replace(missed, slots=new), past_runs.with_missed(job_state, new)
    return _continued(job_state, known, missed, now) if known and known.is_open else _began(job_state, missed, now)


def _began(job_state: JobState, missed: MissedSlots, now: datetime) -> Change:
    """If a later run has succeeded, no one needs to act. If Cronmend catches up, the alert waits for that."""
    incident, succeeded = _opened(missed), job_state.history.last_success
    if succeeded and succeeded.at > missed.slots[-1]:
        recovered = replace(incident, state=IncidentState.RECOVERED, ended_at=succeeded.at)
        over = Change(replace(job_state, incident=recovered))
        return with_message(over, MessageKind.RECOVERED, missed_slots.followed(incident))
    if missed.policy.catch_up is CatchUp.ONCE:
        planned = replace(incident, planned=PlannedRerun(2, now), held_until=now + missed.alert_deadline)
        return Change(replace(job_state, incident=planned))
    alone = replace(incident, no_rerun=_NO_CATCH_UP)
    return with_message(Change(replace(job_state, incident=alone)), MessageKind.ALERT)


def _opened(missed: MissedSlots) -> Incident:
    schedule, first, last = missed.schedule, missed.slots[0], missed.slots[-1]
    return Incident(
        id=stable_key(f"missed/{schedule.job}/{first.isoformat()}", 0),
        job=schedule.job,
        cluster_arn=schedule.cluster_arn,
        family=family_of(schedule),
        began_at=first,
        state=IncidentState.HEALING,
        diagnosis=_diagnosis(missed),
        runs=0,
        slot=last.isoformat(),
        policy=missed.policy.rerun,
        schedule=schedule.state,
        missed=len(missed.slots),
        missed_until=last,
        began_with_task=False,
    )


def _diagnosis(missed: MissedSlots) -> Diagnosis:
    what = "no task was created"
    if missed.unread:
        what = "no task is on record, and ECS couldn't be asked"
    first, last = moment(missed.slots[0], missed.slots[-1]), clock(missed.slots[-1])
    when = f"at {last}" if len(missed.slots) == 1 else f"{len(missed.slots)} times from {first} to {last}"
    return Diagnosis(
        Category.MISSED,
        RULE,
        f"It didn't run {when}: {what}, though its schedule is enabled.",
        line=missed.unread,
        advice=_ADVICE,
        cause=f"{what}, though the schedule is enabled",
    )


def _continued(job_state: JobState, incident: Incident, missed: MissedSlots, now: datetime) -> Change:
    """The open incident covers the slots, too. If it is about a failed run, people hear of the first one."""
    count, last = incident.missed + len(missed.slots), missed.slots[-1]
    later = replace(incident, missed=count, missed_until=last)
    if incident.failed is None:
        later = replace(later, slot=last.isoformat())
    return with_progress(job_state, Change(replace(job_state, incident=later)), now)
