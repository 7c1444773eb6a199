"""The types that the ledger stores: incidents, runs, attempts, and the changes to them.

Immutable, and all times are aware datetimes in UTC, as in :mod:`cronmend.model`.
"""

from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from cronmend.model import Category, DeployWindow, Diagnosis, History, Policy, ScheduleState, Size, full_sentence
from cronmend.model.claims import Claim
from cronmend.model.failed_run import FailedRun
from cronmend.model.past_runs import PastRuns
from cronmend.model.report import Message
from cronmend.model.schedules import LookAlike
from cronmend.model.task_sets import TaskSet
from cronmend.model.wakeups import ReleaseTimer, RerunTimer


class IncidentState(StrEnum):
    """The states from a job's first failure to its recovery."""

    HEALING = "healing"
    """No one has been alerted: the alert is held until its deadline."""
    ALERTED = "alerted"
    HEALED = "healed"
    """A re-run succeeded."""
    RECOVERED = "recovered"
    """Another run succeeded: a later scheduled one, or one that was started outside Cronmend."""


class PlannedRerun(Struct, frozen=True):
    """A re-run that waits for its timer. ``rechecks`` counts how often the deploy was still open when it was due."""

    attempt: int
    at: datetime
    rechecks: int = 0
    avoid: tuple[str, ...] = ()
    """Capacity providers that just had no capacity; the re-run uses another one of the target's strategy."""
    size: Size | None = None
    """The size of the run; None for the target's own."""


class Incident(Struct, frozen=True):
    """A job's failures until it succeeds. ``runs`` counts the failed runs, ``reruns`` those that Cronmend started."""

    id: str
    job: str
    cluster_arn: str
    family: str
    began_at: datetime
    """When the first failed run was created: only a run created later proves a recovery."""
    state: IncidentState
    diagnosis: Diagnosis
    """Why the job failed the last time. Has no fatal error: that is neither redacted nor bounded in size."""
    failed: FailedRun | None = None
    """None if nothing has run yet: a deploy held the slot."""
    runs: int = 1
    reruns: int = 0
    infra_reruns: int = 0
    """Those of ``reruns`` that followed a failure of AWS; the others use the job's own budget."""
    bound: int = 0
    """The most re-runs that the latest failure allows; 0 if it allows none."""
    notified: tuple[str, ...] = ()
    """The changes that people were notified of, each once."""
    held_until: datetime | None = None
    planned: PlannedRerun | None = None
    starting: str | None = None
    """The attempt claimed last: only this one may still call RunTask."""
    size: Size | None = None
    """The size of the latest re-run; None for the target's own."""
    slot: str | None = None
    """The slot that a re-run catches up on, ISO 8601: as Scheduler passed it to the failed run, or else derived from
    the schedule and the run's creation. None if it isn't known."""
    acknowledged_by: str | None = None
    """The person who acknowledged it."""
    ended_at: datetime | None = None
    """When the run ended that closed it; None while it is open, and in an item of an earlier version."""
    healed_by: int = 0
    """The number of the run that healed it; 0 if none did."""
    no_rerun: str = ""
    """Why Cronmend won't re-run the job, as a clause that follows a colon; ``""`` if a re-run is planned or running."""
    policy: Policy = Policy.UNSTARTED
    """What the job's owner allowed at the latest failure."""
    schedule: ScheduleState = ScheduleState.ENABLED
    """The state of the job's schedule at the latest failure."""
    since: datetime | None = None
    """When the latest failed run was created that was no automatic re-run; None if nothing has run yet, and in an item
    of an earlier version. If the slot isn't known, its age counts from then."""
    began_with_task: bool = True
    """Whether its ID is that of a task: the first that failed."""
    broken: TaskSet | None = None
    """The latest call for a whole slot of which tasks failed: ``tasks`` counts those that no re-run has repeated."""
    succeeding: TaskSet | None = None
    """A later call of which some tasks have succeeded, and none has failed."""
    overdue: tuple[str, ...] = ()
    """The IDs of tasks that ``runs`` already includes, because they were overdue, and whose end isn't known."""
    missed: int = 0
    """How many slots had no run."""
    missed_until: datetime | None = None
    """The latest of them; None if there was none."""

    @property
    def category(self) -> Category:
        return self.diagnosis.category

    @property
    def has_task(self) -> bool:
        """Whether the latest failed run has a task, even if that never ran any code."""
        return self.failed is not None and not self.failed.no_task

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
        """The image of the job's container in the latest failed run; ``""`` if that isn't known."""
        return self.failed.container.image if self.failed else ""

    @property
    def is_open(self) -> bool:
        return self.state in {IncidentState.HEALING, IncidentState.ALERTED}

    @property
    def in_brief(self) -> "Incident":
        """What is still needed of an incident that is over: which one it was, and how it ended."""
        brief = Diagnosis(self.category, self.diagnosis.rule, "")
        over = replace(self, diagnosis=brief, failed=None, size=None, slot=None, since=None)
        return replace(over, broken=None, succeeding=None, overdue=(), ended_at=None)


class JobState(Struct, frozen=True):
    """The ledger's state of one job. A change is written only if the stored ``version`` is still the one it read."""

    job: str
    version: int = 0
    history: History = field(default_factory=History)
    incident: Incident | None = None
    """The latest one, open or not."""
    rerun_times: tuple[datetime, ...] = ()
    """Starts of re-runs for the job's own causes in the last 24 hours, oldest first."""
    infra_times: tuple[datetime, ...] = ()
    """The same for failures of AWS, which don't use the job's own budget."""
    last_own: datetime | None = None
    """When the latest known run that the schedule itself started was created."""
    claim: Claim | None = None
    """None if none was made, if AWS refused its run, or if its run has ended."""
    past: PastRuns = field(default_factory=PastRuns)
    """For the board and the findings; empty in an item of an earlier version."""
    look_alikes: tuple[LookAlike, ...] = ()
    """As the latest check of the schedules found them; of more than a few, only some."""

    @property
    def open_incident(self) -> Incident | None:
        return self.incident if self.incident and self.incident.is_open else None


class RunRecord(Struct, frozen=True):
    """The stored row of a run: evidence, diagnosis and plan. The incident shows what was done."""

    task_id: str
    """Of a run that ECS reports no end of, the key that names the record instead."""
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
    """The timers of the plan; set again if the same event is delivered again."""
    by_hand: str = ""
    """A redacted command to run the job by hand, if it has no schedule; else ``""``."""
    recorded_at: datetime | None = None
    """None in a record of a version that didn't keep it; so are the next three."""
    created_at: datetime | None = None
    ran: bool | None = None
    """Whether the job's code may have run."""
    policy: Policy | None = None
    """What the job's owner allowed then."""
    deploy_may_explain: bool = False
    """A deploy in progress may explain the failure."""
    slot: str = ""
    """The slot that the run named, or that a re-run was made for, ISO 8601; ``""`` if that isn't known."""

    @property
    def held_until(self) -> datetime | None:
        """Until when the plan holds the alert; None if it holds none."""
        return next((each.at for each in self.timers if isinstance(each, ReleaseTimer)), None)

    @property
    def is_listed_only(self) -> bool:
        """Whether the row that lists it among its job's runs has all of it: a success without an incident.

        Not if its event didn't say when it stopped: then another delivery couldn't find that row.
        """
        return self.category is Category.SUCCESS and not self.incident and self.stopped_at != self.recorded_at

    @property
    def asks_for_deploy(self) -> bool:
        """Whether the state of the deploy decided about it."""
        return self.category.traits.shows_deploy or self.deploy_may_explain

    @property
    def full_sentence(self) -> str:
        return full_sentence(self.category, self.sentence, self.window, self.deploy_may_explain)


class Attempt(Struct, frozen=True):
    """A claimed re-run: at most one run ever carries its ``key``."""

    key: str
    job: str
    incident: str
    number: int
    """2 for the first re-run: attempt 1 is the schedule's own."""
    claimed_at: datetime
    slot: str | None = None
    """The slot it runs for, as the failed run received it."""
    task_arn: str = ""
    """The run it started; ``""`` until RunTask has answered."""
    avoid: tuple[str, ...] = ()
    """Capacity providers to leave out."""
    size: Size | None = None
    """The size of the run; None for the target's own."""
    by: str = ""
    """The person who requested it; ``""`` if Cronmend planned it."""
    whole_slot: bool = False
    """Whether it starts as many tasks as the schedule does, because nothing has run. Else it repeats one task."""
    window: DeployWindow | None = None
    """The state of the deploy that it waited for, when it was claimed; None if it waited for none."""


class Found(Struct, frozen=True):
    """What the ledger has of a job, a run, an attempt and the circuit; None for what it lacks or wasn't asked for."""

    job_state: JobState | None = None
    run: RunRecord | None = None
    attempt: Attempt | None = None
    circuit_until: datetime | None = None
    """When the circuit closes, or closed the last time."""


class Change(Struct, frozen=True):
    """One conditional write: all of it happens or nothing does."""

    job_state: JobState
    """The new state, with the ``version`` that was read."""
    run: RunRecord | None = None
    messages: tuple[Message, ...] = ()
    claim: Attempt | None = None


LEAD = timedelta(seconds=5)
"""Added to times that are due now: EventBridge Scheduler needs a time in the future when the request arrives."""


class Commit(StrEnum):
    """The result of a write. Unless it is DONE, nothing was written."""

    DONE = "done"
    AGAIN = "again"
    """Another invocation has written the job's state since it was read: read it and decide again."""
    KNOWN = "known"
    """The run, or the attempt, was already written."""
    OVER_BUDGET = "over_budget"
    """The hour's budget of re-runs over all jobs is used."""
