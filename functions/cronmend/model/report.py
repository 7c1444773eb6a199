"""Messages to people: their kinds, and a report that holds the content of one, neutral of any channel."""

from dataclasses import dataclass
from enum import StrEnum

from cronmend.model import Category


class MessageKind(StrEnum):
    ALERT = "alert"
    HALF_DONE = "half_done"
    """The deploy is half done: it stopped between new code and its migration."""
    GAVE_UP = "gave_up"
    """Re-runs were made and no further one will be."""
    HEALED = "healed"
    RECOVERED = "recovered"
    CIRCUIT = "circuit"
    """Healing has stopped for all jobs."""
    PROGRESS = "progress"
    """What Cronmend or a person does about an incident that people know of."""
    REMINDER = "reminder"
    """It is still broken."""
    ESCALATION = "escalation"
    """Nobody has acknowledged the alert."""
    GROUP = "group"
    """Several jobs of one cause, told together."""
    CANARY = "canary"
    """Nothing has happened: it proves that the route works."""


ALERTS = frozenset({MessageKind.ALERT, MessageKind.HALF_DONE, MessageKind.GAVE_UP})
"""Kinds that ask a person to act on one job."""
ENDINGS = frozenset({MessageKind.HEALED, MessageKind.RECOVERED})


class Stage(StrEnum):
    """Where the subject of a report stands: what a channel shows, asks and offers follows from it."""

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


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence."""

    key: FactKey
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """What people are to be told, neutral of any channel."""

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
    """The same for failures of one cause, which are told together; empty where a report stands alone."""
    severity: str = "error"
    status: str = ""
    """Where the incident stands, in a few words: ``run 2 of 4 planned for 10:07 UTC``, ``healed by run 2 of 4``."""
    links: tuple[tuple[str, str], ...] = ()
    """Label and address, in the order to be shown."""
    command: str = ""
    """What a person may type to see more or to repeat it."""
    jobs: tuple[str, ...] = ()
    """Of a group: the jobs, at most as many as a person reads."""
    others: int = 0
    """Of a group: how many more jobs there are than ``jobs`` names."""
    mention: str = ""
    """Whom the route wants called by name, in Slack's own form."""
    stage: Stage = Stage.FAILED
    """Where it stands, for programs: ``status`` says the same to people."""
    quiet: bool = False
    """One line says enough, and no one is called."""
    what_failed: str = ""
    """The cause, in words that follow a colon; a group shows it for all of its jobs."""
    short_headline: str = ""
    """The headline in at most 99 characters; ``""`` if it is no longer than that."""
    summary: str = ""
    """What happened and what to do in at most 130 characters, for a phone; ``""``: the headline says it."""

    @property
    def is_over(self) -> bool:
        return self.stage.is_over


@dataclass(frozen=True, slots=True)
class Message:
    """A report on its way. ``change`` names what it tells, once per incident."""

    incident: str
    job: str
    change: str
    report: Report
    route: str = ""
    """Where it goes; empty where the job, its severity and its category say."""
