"""What people are told of: kinds of message, and what one says, neutral of any channel."""

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


@dataclass(frozen=True, slots=True)
class Report:
    """What people are to be told, neutral of any channel."""

    kind: MessageKind
    job: str
    headline: str
    category: Category
    what_happens: str
    """What Cronmend did and will do."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, in the order to be shown."""
    excerpt: tuple[str, ...] = ()
    advice: str = ""
    incident: str = ""
    cause: str = ""
    """The same for failures of one cause, which are told together; empty where a report stands alone."""
    severity: str = "error"
    status: str = ""
    """Where the incident stands, in a few words: ``re-run planned 10:07 UTC``, ``healed after 2 attempts``."""
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


@dataclass(frozen=True, slots=True)
class Message:
    """A report on its way. ``change`` names what it tells, once per incident."""

    incident: str
    job: str
    change: str
    report: Report
    route: str = ""
    """Where it goes; empty where the job, its severity and its category say."""
