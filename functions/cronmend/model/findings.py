"""What will need a person although no run has failed, such as a schedule that someone disabled and forgot."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import astuple


class FindingKind(StrEnum):
    """What is found. A closed set: each has a row in :data:`SUBJECTS`."""

    DISABLED = "disabled"
    EXPIRED = "expired"
    NO_DEAD_LETTERS = "no_dead_letters"
    LOOK_ALIKES = "look_alikes"
    MIGRATES = "migrates"
    MIGRATES_INSIDE = "migrates_inside"
    CHANGED = "changed_by_hand"
    OVERLAPS = "overlaps"
    SKIPS = "skips"
    HEALS_OFTEN = "heals_often"
    INACTIVE_REVISION = "inactive_revision"
    SLOWER = "slower"
    BURNS_BUDGET = "burns_budget"
    ROLE = "role"
    SECRET = "secret"  # noqa: S105 # a word
    EXPIRES = "expires"
    IMAGE = "image"
    MORE_MEMORY = "more_memory"


SUBJECTS: Final[Mapping[FindingKind, str]] = {
    FindingKind.DISABLED: "schedules are disabled",
    FindingKind.EXPIRED: "schedules won't start anything again",
    FindingKind.NO_DEAD_LETTERS: "schedules have no dead-letter queue",
    FindingKind.LOOK_ALIKES: "jobs can't be distinguished",
    FindingKind.MIGRATES: "jobs migrate the database",
    FindingKind.MIGRATES_INSIDE: "jobs migrate the database inside their runs",
    FindingKind.CHANGED: "schedules differ from jobs.toml",
    FindingKind.SKIPS: "jobs do nothing because another run holds the lock",
    FindingKind.OVERLAPS: "jobs overlap with their own next run",
    FindingKind.HEALS_OFTEN: "jobs had to be healed each week",
    FindingKind.INACTIVE_REVISION: "schedules name deregistered task definitions",
    FindingKind.SLOWER: "jobs will soon take until their next start",
    FindingKind.BURNS_BUDGET: "jobs use their error budgets too fast",
    FindingKind.ROLE: "jobs need a role that can't be assumed",
    FindingKind.SECRET: "jobs need a secret that can't be read",
    FindingKind.EXPIRES: "jobs use what expires before their next run",
    FindingKind.IMAGE: "jobs need an image that is gone",
    FindingKind.MORE_MEMORY: "jobs will soon run out of memory",
}
"""What a message about several jobs says of them, after their number."""
MEMORY: Final[Mapping[FindingKind, timedelta]] = {FindingKind.BURNS_BUDGET: timedelta(days=28)}
"""Kinds that come and go with each run: people are told of one at most once in this time."""


class OnFinding(StrEnum):
    """What the owner of a job wants if something is found about it."""

    NOTE = "note"
    """One quiet line."""
    ALERT = "alert"
    """A message of the job's severity."""
    NONE = "none"
    """It is only listed."""


class Finding(Struct, frozen=True):
    """Something about a job or its schedule that a person should change."""

    job: str
    kind: FindingKind
    sentence: str
    """What was found, without the job's name."""
    remedy: str
    """What to do, in whole sentences."""
    since: datetime | None = None
    """Since when it has been so; None if that isn't known."""
    about: str = ""
    """Distinguishes findings of one kind about one job; ``""`` if there can be only one."""
    zone: str = ""
    """The time zone in whose day people are told of a failure that is foreseen; ``""`` to tell them at any hour."""
    before: datetime | None = None
    """The run that will fail: people are told before it. None if none is known to fail."""

    @property
    def key(self) -> str:
        """As long as something is found under the same key, people are told once."""
        return "#".join(filter(None, (self.job, self.kind.value, self.about)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._lasting == other._lasting

    def __hash__(self) -> int:
        return hash(self._lasting)

    @property
    def _lasting(self) -> tuple[object, ...]:
        """All but ``before``, which moves on with each run and makes no other finding of it."""
        return astuple(replace(self, before=None))


class KnownFinding(Struct, frozen=True):
    """A finding as the ledger keeps it, until it is found no longer."""

    finding: Finding
    found_at: datetime
    notified_at: datetime | None = None
    """When its message was written; None if there is none yet."""
    ended_at: datetime | None = None
    """Since when it has been found no longer, of one that is only kept so that people aren't told again; else None."""


class KnownFindings(Struct, frozen=True):
    known: tuple[KnownFinding, ...] = ()
    looked_at: datetime | None = None
    """When all sources were examined last; None if they never were."""
    unanswered: tuple[str, ...] = ()
    """What couldn't be examined then, and why, as sentences."""

    @property
    def current(self) -> tuple[KnownFinding, ...]:
        """Those that were found when they were looked for last."""
        return tuple(each for each in self.known if each.ended_at is None)


class Looked(Struct, frozen=True):
    """The answer of one source."""

    findings: tuple[Finding, ...] = ()
    unread: frozenset[str] = frozenset()
    """Jobs that couldn't be examined: what is known about them stays."""
    unanswered: tuple[str, ...] = ()
    """What AWS didn't answer, and why, as sentences."""
