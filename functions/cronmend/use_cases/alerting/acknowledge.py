"""Acknowledge an incident, mute jobs, and end a mute, at a person's request."""

from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.alerting.news import with_progress
from cronmend.errors import NotFound, Permanent
from cronmend.healing import transitions
from cronmend.model.incident import Change, Incident, IncidentState, JobState
from cronmend.model.mutes import Mute
from cronmend.ports.alerting import Mutes
from cronmend.ports.healing import JobStates
from cronmend.use_cases.commit import commit_and_answer

LONGEST_MUTE = timedelta(days=30)
_OVER = {IncidentState.HEALED: ": it has healed", IncidentState.RECOVERED: ": it has recovered"}


class Acknowledgements(Struct, frozen=True):
    """Each method returns a sentence for the person."""

    job_states: JobStates
    mutes: Mutes

    def acknowledge(self, job: str, by: str, now: datetime, incident: str = "") -> str:
        """Acknowledge the job's open incident; with ``incident``, only that one.

        Raises:
            NotFound: it is not open.
            Retryable: the ledger didn't answer.
        """

        def decide(job_state: JobState) -> tuple[Change | None, str | None]:
            before = _open(job_state, incident).acknowledged_by
            if before == by:
                return None, before
            return with_progress(job_state, transitions.acknowledged(job_state, by), now), before

        *_, before = commit_and_answer(self.job_states, job, now, decide)
        if before == by:
            return f"{by} has already acknowledged {job}."
        over = f" and took over from {before}" if before else ""
        return f"{by} acknowledged {job}{over}. Reminders and escalation are off for this incident."

    def open_incident(self, job: str, incident: str) -> Incident:
        """Raises NotFound if it is over."""
        return _open(self.job_states.read(job), incident)

    def mute(self, jobs: str, until: datetime, by: str, reason: str, now: datetime, *, planned: bool = False) -> str:
        """Mute the alerts of the jobs; jobs that are still broken when the mute ends are reported then.

        Args:
            planned: the jobs aren't expected to run meanwhile.

        Raises:
            Permanent: the end is not in the future, or too far away.
        """
        if until <= now:
            raise Permanent(f"the mute would end in the past ({_text(until)}): give a time in the future")
        if until - now > LONGEST_MUTE:
            last = _text(now + LONGEST_MUTE)
            raise Permanent(f"a mute lasts at most {LONGEST_MUTE.days} days, until {last}: give an earlier end")
        self.mutes.set(Mute(jobs, until, by, reason, planned, now))
        expected = " No runs are expected until then." if planned else ""
        return (
            f"{jobs} is muted until {_text(until)} by {by}.{expected} To end it earlier, run `cronmend unmute {jobs}`."
        )

    def unmute(self, jobs: str) -> str:
        """Raises NotFound if there is no such mute."""
        if not self.mutes.lift(jobs):
            raise NotFound(f"{jobs} isn't muted: `cronmend mutes` lists all mutes")
        return f"{jobs} is no longer muted."


def _open(job_state: JobState, incident: str) -> Incident:
    found = job_state.incident
    if found is None or not found.is_open:
        raise NotFound(f"no incident of {job_state.job} is open{_OVER[found.state] if found else ''}")
    if incident and found.id != incident:
        raise NotFound(f"this incident of {job_state.job} is over; a newer one is open and has its own message")
    return found


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
