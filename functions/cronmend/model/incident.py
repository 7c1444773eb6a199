"""What the ledger holds: incidents, runs, attempts, and the timers that wake for them.

Immutable like :mod:`cronmend.model`, whose words they use. All times are aware datetimes in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cronmend.model import (
    Category,
    Container,
    DeployWindow,
    Diagnosis,
    History,
    LogPlace,
    Policy,
    ScheduleState,
    Size,
    TaskDefinitionRef,
    full_sentence,
)
from cronmend.model.report import Message
from cronmend.model.wakeups import ReleaseTimer, RerunTimer


class IncidentState(StrEnum):
    """From a job's first failure to its recovery."""

    HEALING = "healing"
    """People have not been told: the alert is held by a deadline."""
    ALERTED = "alerted"
    HEALED = "healed"
    """A re-run succeeded."""
    RECOVERED = "recovered"
    """A later slot, or a run by hand, succeeded."""


@dataclass(frozen=True, slots=True)
class PlannedRerun:
    """A re-run that waits for its timer. ``rechecks`` counts how often the deploy was still open when it was due."""

    attempt: int
    at: datetime
    rechecks: int = 0
    avoid: tuple[str, ...] = ()
    """Capacity providers that have just had none; another of the target's strategy is asked."""
    size: Size | None = None
    """What the run is given instead of the target's; None for the target's own."""


@dataclass(frozen=True, slots=True)
class FailedRun:
    """The latest run of an incident that failed."""

    task_id: str
    task_definition: TaskDefinitionRef
    created_at: datetime
    ended_at: datetime | None = None
    seconds: int | None = None
    """How long its containers were up; None if they never were."""
    attempt: int = 1
    """Which run of its slot it was."""
    ran: bool = True
    """Whether the job's code may have run."""
    container: Container = field(default_factory=lambda: Container(""))
    """The job's own, without ECS's reason. It has no name if the event doesn't show which container is the job."""
    log: LogPlace | None = None
    last_good: History = field(default_factory=History)
    """The job's last success before it."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A job's failures until it runs again. ``runs`` counts those that failed, ``reruns`` those Cronmend started."""

    id: str
    job: str
    cluster_arn: str
    family: str
    began_at: datetime
    """When the first failed run was created: only a run created later proves a recovery."""
    state: IncidentState
    diagnosis: Diagnosis
    """Why the job failed the last time, without the fatal error: that one is neither redacted nor bounded."""
    failed: FailedRun | None = None
    """None if nothing has run yet: a deploy held the slot."""
    runs: int = 1
    reruns: int = 0
    infra_reruns: int = 0
    """Those of ``reruns`` that answered a failure of AWS; the others spend the job's own budget."""
    bound: int = 0
    """Most re-runs that the latest failure allows; 0 where it allows none."""
    notified: tuple[str, ...] = ()
    """The changes that people were notified of, each once."""
    held_until: datetime | None = None
    planned: PlannedRerun | None = None
    starting: str | None = None
    """The attempt that was claimed last: only this one may still be given to RunTask."""
    size: Size | None = None
    """What the latest re-run was given instead of the target's size."""
    slot: str | None = None
    """The slot of the latest failure, as ECS passed it to the run; None if no run was given one."""
    acknowledged_by: str | None = None
    """The person who acknowledged it."""
    healed_by: int = 0
    """The number of the run that healed it; 0 if none did."""
    no_rerun: str = ""
    """Why Cronmend won't re-run the job, as a clause that follows a colon; ``""`` if a re-run is planned or running."""
    policy: Policy = Policy.UNSTARTED
    """What the job's owner allowed at the latest failure."""
    schedule: ScheduleState = ScheduleState.ENABLED
    """That of the job's schedule at the latest failure."""

    @property
    def category(self) -> Category:
        return self.diagnosis.category

    @property
    def ran(self) -> bool:
        """Whether the job's code may have run the last time."""
        return self.failed is not None and self.failed.ran

    @property
    def most_runs(self) -> int:
        """How many runs there can be for one scheduled time: the schedule's own and the re-runs."""
        return max(self.bound, self.reruns) + 1

    @property
    def attempts_used(self) -> bool:
        """Whether the re-runs that the latest failure allows are used."""
        made = self.infra_reruns if self.category.traits.of_aws else self.reruns - self.infra_reruns
        return self.failed is not None and made >= self.bound

    @property
    def needs_force(self) -> bool:
        """Whether a guard blocks ``cronmend rerun`` until the person who runs it overrides it."""
        forbidden = self.policy is Policy.NEVER or (self.policy is Policy.UNSTARTED and self.ran)
        return forbidden or self.attempts_used or self.schedule is ScheduleState.DISABLED

    @property
    def image(self) -> str:
        """What the job's container ran the last time; empty if that isn't known."""
        return self.failed.container.image if self.failed else ""

    @property
    def is_open(self) -> bool:
        return self.state in {IncidentState.HEALING, IncidentState.ALERTED}


@dataclass(frozen=True, slots=True)
class JobState:
    """What the ledger holds of one job. ``version`` guards it: a change is written only onto the version it read."""

    job: str
    version: int = 0
    history: History = field(default_factory=History)
    incident: Incident | None = None
    """The latest one, open or not."""
    rerun_times: tuple[datetime, ...] = ()
    """Starts of re-runs for the job's own causes in the last 24 hours, oldest first."""
    infra_times: tuple[datetime, ...] = ()
    """The same for failures of AWS, which don't use up the job's own."""

    @property
    def open_incident(self) -> Incident | None:
        return self.incident if self.incident and self.incident.is_open else None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The stored row of a run: what was seen, decided and planned. What was done stands in the incident."""

    task_id: str
    job: str
    attempt: int
    incident: str
    category: Category
    rule: str
    line: str
    sentence: str
    window: DeployWindow
    action: str
    """The plan as one word."""
    reasons: tuple[str, ...]
    started_by: str
    task_definition: str
    stopped_at: datetime
    timers: tuple[RerunTimer | ReleaseTimer, ...] = ()
    """What the plan needs woken later; set again when the same event comes again."""
    by_hand: str = ""
    """A command that runs it again, where there is no schedule to run it from; redacted."""

    @property
    def full_sentence(self) -> str:
        return full_sentence(self.category, self.sentence, self.window)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A re-run that was claimed: at most one run may ever carry its ``key``."""

    key: str
    job: str
    incident: str
    number: int
    """2 for the first re-run: attempt 1 is the schedule's own."""
    claimed_at: datetime
    slot: str | None = None
    """The slot that it runs for, as the failed run was given it."""
    task_arn: str = ""
    """The run that came of it; empty until RunTask has answered."""
    avoid: tuple[str, ...] = ()
    """Capacity providers to leave out."""
    size: Size | None = None
    """What the run is given instead of the target's; None for the target's own."""
    by: str = ""
    """Who asked for it; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class Change:
    """One conditional write: all of it happens or nothing does."""

    job_state: JobState
    """The new state; its ``version`` is the one that was read."""
    run: RunRecord | None = None
    messages: tuple[Message, ...] = ()
    claim: Attempt | None = None


LEAD = timedelta(seconds=5)
"""A one-time schedule has to lie in the future when the request arrives."""


class Commit(StrEnum):
    """What became of a change. Everything but DONE means that nothing was written."""

    DONE = "done"
    AGAIN = "again"
    """Somebody else wrote the book in between: read it again and decide anew."""
    KNOWN = "known"
    """The run, or the attempt, had been written before."""
    OVER_BUDGET = "over_budget"
    """The re-runs of an hour, over all jobs, are used up."""
