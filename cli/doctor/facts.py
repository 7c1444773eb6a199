"""What the doctor reads of a stack and its account. A part that couldn't be read is Missing, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cronmend.adapters.ledger.published import File, Published
from cronmend.deploys.following import Following
from cronmend.deploys.holds import Hold
from cronmend.jobs.watched import Verdict
from cronmend.model import Missing
from cronmend.model.findings import KnownFindings

type PublishedFiles = Mapping[File, Published]
"""Those that a person has published."""


@dataclass(frozen=True, slots=True)
class Deployed:
    status: str
    """CloudFormation's word for the stack."""
    version: str
    """``""`` for a stack of an earlier version, which has no such output."""
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of EventBridge, by its name in the template."""

    id: str
    enabled: bool
    targets: int
    matches: bool | None
    """Whether its pattern matches an event of its kind; None if none is known."""


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    state: str
    last_update: str
    reserved: int | None
    """Reserved concurrent executions; None if none are."""
    sources: Mapping[str, str]
    """The queues and streams that trigger it, each with its state."""


@dataclass(frozen=True, slots=True)
class Table:
    status: str
    streams: bool
    indexes: Sequence[str]
    forgets: bool
    """Whether items expire."""


@dataclass(frozen=True, slots=True)
class Alarm:
    name: str
    state: str
    notifies: bool
    description: str


@dataclass(frozen=True, slots=True)
class Alarms:
    found: Sequence[Alarm]
    gone: Sequence[str]
    """Those of the stack that no longer exist."""


@dataclass(frozen=True, slots=True)
class Topic:
    confirmed: int
    pending: Sequence[str]
    """Addresses that haven't confirmed their subscription."""


@dataclass(frozen=True, slots=True)
class Secret:
    parameter: str
    """The stack's parameter that names it."""
    problem: str
    """``""`` if it can be used."""


@dataclass(frozen=True, slots=True)
class Slack:
    """``scopes`` are the bot's; None for a webhook, of which only a message shows whether it works."""

    error: str
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Permission:
    function: str
    action: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    name: str
    status: str
    services: int


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A schedule or a rule's target."""

    name: str
    verdict: Verdict
    passes: str = ""
    """The job ID that it passes to its runs; ``""`` if it passes none."""
    gives_up_to: str = ""
    """The name of its dead-letter queue; ``""`` if it has none."""
    unread: str = ""
    """Why its expression can't be read, as a clause; ``""`` if it can."""


@dataclass(frozen=True, slots=True)
class Facts:
    now: datetime
    stack: Deployed | Missing
    rules: Sequence[Rule] | Missing
    functions: Sequence[Function] | Missing
    permissions: Sequence[Permission] | Missing
    table: Table | Missing
    alarms: Alarms | Missing
    topic: Topic | Missing
    secrets: Sequence[Secret] | Missing
    slack: Slack | Missing | None
    """None if the stack has no Slack."""
    clusters: Sequence[Cluster] | Missing
    scheduled: Sequence[Scheduled] | Missing
    policies: Sequence[str] | Missing
    """The jobs that have a policy in jobs.json."""
    published: PublishedFiles | Missing | None
    """None if the functions use the files of their package."""
    dead_letters: Mapping[str, int] | Missing
    """Messages by queue."""
    holds: Sequence[Hold] | Missing
    followings: Sequence[Following] | Missing
    known: KnownFindings | Missing
    """What reconcile has found."""
    mode: str | Missing
    circuit_until: datetime | Missing | None
