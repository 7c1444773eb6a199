"""Schedules that are disabled during a deploy, and the one run for the slots they missed. Pure."""

from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from msgspec import Struct

from cronmend.deploys.note import DeployNote
from cronmend.model import Category, Diagnosis, LiveSchedule, TaskDefinitionRef
from cronmend.model.incident import Change, Incident, IncidentState, JobState, PlannedRerun
from cronmend.model.keys import stable_key
from cronmend.model.timetables import Listed, Timetable
from cronmend.model.wakeups import HoldTimer
from cronmend.wording import moment

LEASE = timedelta(seconds=90)
"""How long after its start an invocation may still switch a schedule: Lambda ends it after a minute."""
LONGEST_DESCRIPTION = 512
"""Characters that EventBridge Scheduler accepts."""
_FIRST_SLOT = timedelta(minutes=10)
"""EventBridge Scheduler rejects a start date that is more than five minutes old."""


class Which(StrEnum):
    """Which schedules a marker ``started`` holds, or follow a service."""

    NONE = "none"
    LISTED = "listed"
    """Those of jobs with ``hold_in_deploys``, or with ``follow``."""
    ALL = "all"


class HoldState(StrEnum):
    HOLDING = "holding"
    """It was enabled, and the lease's holder is about to disable it. From here on, Cronmend has to enable it again."""
    HELD = "held"
    RELEASING = "releasing"
    """Its missed slot is determined, and the lease's holder is about to enable it."""


class Hold(Struct, frozen=True):
    """A schedule that Cronmend disabled. Cronmend enables only schedules that have such a row.

    An invocation writes the row, with a lease, before it switches the schedule. Until the lease ends, no other one
    switches it: a call that comes late can't undo what another one has done since.
    """

    id: str
    """New for each hold of the schedule: its generation."""
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
    leased_until: datetime | None = None
    """Until when only the invocation that wrote the row may switch the schedule; None if none is about to."""

    mark: str = ""
    """The end of the schedule's description while this hold disables it: it shows anyone who reads the schedule that
    the hold isn't released yet. ``""`` in a row of an earlier version."""

    @property
    def timer(self) -> HoldTimer:
        return HoldTimer(self.job, self.id, self.until)

    def is_leased(self, now: datetime) -> bool:
        return self.leased_until is not None and now < self.leased_until


class Part(Struct, frozen=True):
    """The jobs that one of several invocations handles; by default all of them."""

    number: int = 0
    of: int = 1

    def has(self, job: str) -> bool:
        return crc32(job.encode()) % self.of == self.number


WHOLE = Part()


def new_hold(job: str, cluster_arn: str, family: str, key: str, since: datetime, until: datetime) -> Hold:
    key_of_hold = stable_key(f"hold/{job}/{since.isoformat()}", 0)
    return Hold(key_of_hold, job, cluster_arn, family, key, since, until, mark=mark_of(key_of_hold))


_MARK = "[held by Cronmend during a deploy: "


def mark_of(hold: str) -> str:
    return f"{_MARK}{hold}]"


def is_marked(description: str) -> bool:
    """Whether the description is that of a schedule that a hold disables."""
    return _MARK in description


def marked(description: str, mark: str) -> str:
    return f"{description} {mark}" if description else mark


def unmarked(description: str, mark: str) -> str:
    """The description as it was before; a person may have changed the rest of it since."""
    return description.replace(f" {mark}", "").replace(mark, "") if mark else description


def extended(hold: Hold, key: str, until: datetime) -> Hold:
    """The hold, now held by a later deploy that started before the first one ended; unchanged if it already is."""
    if hold.key == key and until <= hold.until:
        return hold
    return replace(hold, key=key, until=max(hold.until, until))


def leased(hold: Hold, now: datetime) -> Hold:
    """The hold for an invocation that is about to switch the schedule."""
    return replace(hold, leased_until=now + LEASE)


def kept(hold: Hold, until: datetime) -> Hold:
    """The hold after the schedule was disabled, or won't be; ``until`` can only bring its end forward."""
    return replace(hold, state=HoldState.HELD, until=min(hold.until, until), leased_until=None)


def can_be_held(schedule: LiveSchedule, now: datetime, until: datetime) -> bool:
    """Whether it can be enabled again afterwards, as it was.

    A one-time schedule that is enabled after its time fires at once, one whose start date has just passed can't be
    written any more, and a long description has no room for the mark. A rate whose start date has passed would lose its
    phase.
    """
    loses_phase = schedule.expression.startswith("rate(") and schedule.start is not None and schedule.start <= until
    starts_meanwhile = schedule.start is not None and now - _FIRST_SLOT < schedule.start <= until
    has_room = len(marked(schedule.description, mark_of(stable_key("", 0)))) <= LONGEST_DESCRIPTION
    return not (schedule.expression.startswith("at(") or starts_meanwhile or loses_phase) and has_room


def may_be_held(listed: Listed, timetable: Timetable | None, note: DeployNote) -> bool:
    """True also if it isn't known: the schedule has no timetable, or has changed since. Then it has to be read."""
    if timetable is None or not timetable.is_current(listed.version) or not timetable.task_definition:
        return True
    return timetable.enabled and note.concerns(TaskDefinitionRef.parse(timetable.task_definition).family, "")


def caught_up(job_state: JobState, hold: Hold, now: datetime, deadline: timedelta) -> Change | None:
    """Plan one run for all missed slots, with the guards of a re-run; None if none is needed.

    A success covers the slots before its run was created, whenever it ended.
    A job with an open incident gets none: its incident already covers it, and its next slot follows.
    """
    slot, history = datetime.fromisoformat(hold.missed), job_state.history
    succeeded = history.last_success.at if history.last_success else history.last_success_at
    if succeeded and succeeded >= slot:
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
            Category.MISSED, "held_in_deploy", f"Its schedule was held at {moment(slot, now)} during a deploy."
        ),
        runs=0,
        planned=PlannedRerun(2, now),
        held_until=now + deadline,
        slot=hold.missed,
        began_with_task=False,
    )
    return Change(replace(job_state, incident=incident))
