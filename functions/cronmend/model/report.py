"""Messages to people: their kinds, and a report that holds the content of one, neutral of any channel."""

from dataclasses import dataclass
from enum import StrEnum

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
    CANARY = "canary"
    """A test message that shows that the route works."""


ALERTS = frozenset({MessageKind.ALERT, MessageKind.HALF_DONE, MessageKind.GAVE_UP})
"""Kinds that ask a person to act on one job."""
ENDINGS = frozenset({MessageKind.HEALED, MessageKind.RECOVERED})


@dataclass(frozen=True, slots=True)
class Report:
    """The content of a message, neutral of any channel."""

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
    """Equal for failures with one cause, which are grouped; ``""`` if the report is not grouped."""
    severity: str = "error"
    status: str = ""
    """The incident's state in a few words: ``re-run planned 10:07 UTC``, ``healed after 2 attempts``."""
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


@dataclass(frozen=True, slots=True)
class Message:
    """A report to be delivered. ``change`` names the change it reports, once per incident."""

    incident: str
    job: str
    change: str
    report: Report
    route: str = ""
    """The route it takes; ``""`` to choose one by job, severity and category."""
