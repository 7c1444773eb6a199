"""Messages to people: their kinds, and a report that holds the content of one, neutral of any channel."""

from enum import StrEnum

from msgspec import Struct

from cronmend.model import Category


class MessageKind(StrEnum):
    ALERT = "alert"
    HALF_DONE = "half_done"
    """The deploy is half done: it stopped between new code and its migration."""
    GAVE_UP = "gave_up"
    """Cronmend re-ran the job, and won't again in this incident."""
    HEALED = "healed"
    RECOVERED = "recovered"
    CIRCUIT = "circuit"
    """Healing has stopped for all jobs."""
    PROGRESS = "progress"
    """What Cronmend or a person did about an incident that people were alerted to."""
    REMINDER = "reminder"
    """The job is still broken."""
    ESCALATION = "escalation"
    """No one has acknowledged the alert."""
    GROUP = "group"
    """One message for several jobs that failed with the same cause."""
    ALARM = "alarm"
    """An alarm of Cronmend's own stack changed its state."""
    FINDING = "finding"
    """Something will need a person, although no run has failed."""
    NOTE = "note"
    """What Cronmend did about a schedule, or left to a person, without a failed run."""
    MONTHLY = "monthly"
    """What the jobs and Cronmend did in a month, in figures."""
    CANARY = "canary"
    """A test message that shows that the route works."""


ALERTS = frozenset({MessageKind.ALERT, MessageKind.HALF_DONE, MessageKind.GAVE_UP})
"""Kinds that ask a person to act on one job."""
ENDINGS = frozenset({MessageKind.HEALED, MessageKind.RECOVERED})


class Stage(StrEnum):
    """The state of a report's subject; channels choose their layout, texts and buttons by it."""

    FAILED = "failed"
    PLANNED = "planned"
    """A re-run waits for its time."""
    RUNNING = "running"
    GAVE_UP = "gave_up"
    ACKNOWLEDGED = "acknowledged"
    HEALED = "healed"
    RECOVERED = "recovered"
    OVER = "over"
    """Of a group: each of its jobs has healed or recovered."""
    STOPPED = "stopped"
    """Cronmend re-runs no job."""
    FOUND = "found"
    """Something was found about a job, and no run has failed."""
    TEST = "test"

    @property
    def is_over(self) -> bool:
        """No one needs to act any more."""
        return self in {Stage.HEALED, Stage.RECOVERED, Stage.OVER}


class FactKey(StrEnum):
    """What a fact is about. Programs read facts by these keys; the labels are for people and may change."""

    JOB = "job"
    ATTEMPT = "attempt"
    FAILED_RUNS = "failed_runs"
    SLOT = "slot"
    RAN_FOR = "ran_for"
    LAST_SUCCESS = "last_success"
    CHANGED_SINCE = "changed_since"
    CATEGORY = "category"
    RULE = "rule"
    LINE = "line"
    DEPLOY = "deploy"
    DEPLOY_SIGNAL = "deploy_signal"
    IMAGE = "image"
    CODE = "code"
    TASK = "task"
    OWNER = "owner"
    SEVERITY = "severity"
    FAILED_WITH = "failed_with"
    DEPLOY_THEN = "deploy_then"
    """The state of the deploy when the run failed."""
    ALERT = "alert"
    """Whether people were alerted before the job healed."""
    FIRST_JOB = "first_job"
    LIMIT = "limit"
    RUNS = "runs"
    FAILED = "failed"
    HEALED = "healed"
    FALSE_HEALS = "false_heals"
    ALERTS_SENT = "alerts_sent"
    ALERTS_SPARED = "alerts_spared"
    RECOVERY = "time_to_recovery"
    REASON = "reason"
    """Why an alarm changed its state, in CloudWatch's words."""


class Fact(Struct, frozen=True):
    """One piece of evidence."""

    key: FactKey
    label: str
    value: str


class Report(Struct, frozen=True):
    """The content of a message, neutral of any channel."""

    kind: MessageKind
    job: str
    headline: str
    category: Category
    what_happens: str
    """What Cronmend did and will do."""
    facts: tuple[Fact, ...] = ()
    """In the order to be shown."""
    excerpt: tuple[str, ...] = ()
    advice: str = ""
    incident: str = ""
    cause: str = ""
    """Equal for failures with one cause, which are grouped; ``""`` if the report is not grouped."""
    severity: str = "error"
    status: str = ""
    """The incident's state in a few words: ``run 2 of 4 planned for 10:07 UTC``, ``healed by run 2 of 4``."""
    links: tuple[tuple[str, str], ...] = ()
    """Label and address, in the order to be shown."""
    command: str = ""
    """A command to see more or to run the job again."""
    jobs: tuple[str, ...] = ()
    """Of a group: its jobs, up to a limit."""
    others: int = 0
    """Of a group: how many more jobs there are than ``jobs`` names."""
    mention: str = ""
    """Whom the route mentions, in Slack's own form."""
    stage: Stage = Stage.FAILED
    """The same state as ``status``, for programs."""
    quiet: bool = False
    """Whether it is sent as one line that notifies no one."""
    what_failed: str = ""
    """The cause, in words that follow a colon; a group shows it for all of its jobs."""
    short_headline: str = ""
    """The headline in at most 99 characters; ``""`` if it is no longer than that."""
    summary: str = ""
    """What happened and what to do in at most 130 characters, for a phone; ``""`` to use the headline."""

    @property
    def is_over(self) -> bool:
        return self.stage.is_over


class Message(Struct, frozen=True):
    """A report to be delivered. ``change`` names the change it reports, once per incident."""

    incident: str
    job: str
    change: str
    report: Report
    route: str = ""
    """The route it takes; ``""`` to choose one by job, severity and category."""
