"""The board as values, in the order in which it is read: a sentence, deploys, rows with their strips, the load map."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from cronmend.alerting.headlines import name_of
from cronmend.jobs.error_budgets import ErrorBudget
from cronmend.model.past_runs import RunResult


class State(StrEnum):
    """What a job's row shows first."""

    FAILED = "failed"
    OVERDUE = "overdue"
    HEALING = "healing"
    WAITING = "waiting"
    """For the end of a deploy, after which Cronmend runs it again."""
    MUTED = "muted"
    HELD = "held"
    RUNNING = "running"
    HEALED = "healed"
    """A re-run succeeded in the last 24 hours."""
    HEALTHY = "healthy"
    NEW = "new"
    """No run is known yet."""
    DISABLED = "disabled"

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.value.capitalize())


_LABELS: Final = {State.WAITING: "Waiting for a deploy", State.NEW: "No run yet"}


class Section(StrEnum):
    """The groups of rows, in their order."""

    NEEDS_YOU = "Needs you"
    IN_HAND = "In hand"
    FINE = "Fine"


class Bar(Struct, frozen=True):
    """One of a strip's slots."""

    at: datetime
    result: RunResult | None
    """None while it runs."""
    seconds: int | None = None
    healed_after: int | None = None
    shaded: bool = False
    """Whether it began during a deploy."""
    deploy_before: bool = False
    """Whether a deploy of the last 24 hours was between it and the run before it."""
    late: bool = False
    """Whether it has been running for too long."""


def longest(bars: Iterable[Bar]) -> int:
    """Seconds of the longest run that has ended; 0 if none is known."""
    return max((each.seconds or 0 for each in bars if each.result), default=0)


class Rate(Struct, frozen=True):
    """A job's runs of the last 28 days. A run that healed succeeded."""

    succeeded: int = 0
    failed: int = 0
    missed: int = 0
    healed: int = 0

    @property
    def runs(self) -> int:
        return self.succeeded + self.failed + self.missed

    @property
    def percent(self) -> str:
        """``""`` without a run. Never 100 % if one failed, and never 0 % if one succeeded."""
        if not self.runs:
            return ""
        share = 100 * self.succeeded / self.runs
        if 0 < share < 100:
            share = min(99.9, max(0.1, round(share, 1)))
        return f"{share:.1f} %".replace(".0 %", " %")


class Row(Struct, frozen=True):
    job: str
    state: State
    section: Section
    lead: str
    """The state in a sentence; ``""`` if the detail says it."""
    detail: str
    schedule: str
    """When it runs, in words."""
    zone: str
    """On which days and in which zone."""
    bars: Sequence[Bar]
    over: str
    """How far back the strip goes; ``""`` if it is empty."""
    last: datetime | None
    last_took: str
    next: datetime | None
    next_in: str
    next_note: str
    """Why there is no next run, or why it may be late; ``""`` for neither."""
    rate: Rate
    budget: ErrorBudget | None
    """None if its owner sets no SLO, or if no run is counted."""
    owner: str

    @property
    def name(self) -> str:
        return name_of(self.job)


class BrokenJob(Struct, frozen=True):
    """A job that failed in a deploy: when it failed, and when a re-run had healed it."""

    job: str
    failed_at: datetime
    healed_at: datetime | None


class LaneDeploy(Struct, frozen=True):
    name: str
    since: datetime
    ended_at: datetime | None
    """None if it is in progress, or if no event reported its end."""
    failed: bool
    migrated_at: datetime | None
    broken: Sequence[BrokenJob] = ()


class Lane(Struct, frozen=True):
    """The deploys that began in a span of time, and the latest of them that broke jobs."""

    start: datetime
    end: datetime
    deploys: Sequence[LaneDeploy] = ()
    zoomed: LaneDeploy | None = None


class LoadMap(Struct, frozen=True):
    """How many runs start in each hour of a week, in UTC, Monday first."""

    starts: Sequence[Sequence[int]]
    free: Sequence[tuple[int, int]]
    """Spans of at least three minutes of the hour in which no job starts: their first and last minute."""

    @property
    def least(self) -> int:
        return min(map(min, self.starts))

    @property
    def most(self) -> int:
        return max(map(max, self.starts))


class Board(Struct, frozen=True):
    now: datetime
    place: str
    headline: str
    subject: str
    """The job that the headline ends with; ``""`` if it names none."""
    lines: Sequence[str]
    """What is wrong with it, in whole sentences."""
    counts: Mapping[State, int]
    """Of all jobs, before any filter and page."""
    lane: Lane
    rows: Sequence[Row]
    load: LoadMap
    shown: str = ""
    """Which rows are shown, if not all of them."""
    total: int = 0
    pages: int = 1
    page: int = 1
    brief: frozenset[str] = field(default_factory=frozenset)
    """The jobs whose rows are short: they have no strip."""
