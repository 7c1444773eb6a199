"""Ports of the search for what will need a person although no run has failed."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Protocol

from cronmend.model import Log, LogPlace, Missing
from cronmend.model.findings import Finding, FindingKind, KnownFinding, KnownFindings, Looked
from cronmend.model.incident import JobState, RunRecord
from cronmend.model.memory_use import MemoryOfDay
from cronmend.model.needs import Described, Need
from cronmend.model.report import Message


class FindingSource(Protocol):
    """One thing to examine, such as the schedules. Only its own kinds begin and end with what it finds."""

    @property
    def kinds(self) -> Set[FindingKind]: ...

    def look(self, now: datetime) -> Looked: ...


class StatesOfJobs(Protocol):
    def of(self, jobs: Iterable[str]) -> Mapping[str, JobState]:
        """Those of the jobs that have one, read together."""
        ...


class Needs(Protocol):
    """What runs need besides their task definitions, as the account has it now."""

    def described(self, needs: Sequence[Need]) -> Mapping[Need, Described | Missing]:
        """Each, or why it isn't known."""
        ...


type Family = tuple[str, str]
"""The ARN of the cluster, and the task definitions' family."""


class MemoryUse(Protocol):
    def of(
        self, families: Sequence[Family], since: datetime, until: datetime
    ) -> Mapping[Family, Sequence[MemoryOfDay]] | Missing:
        """Each day of which something is known."""
        ...


class LatestRuns(Protocol):
    def of(self, job: str, most: int) -> Sequence[RunRecord]:
        """The records of the job's latest runs, the latest first."""
        ...


class Tails(Protocol):
    def tail(self, place: LogPlace) -> Log | Missing:
        """The end of a log, of a run that stopped long ago."""
        ...


class FindingStore(Protocol):
    """The findings of the ledger. They don't expire: each stays until it is found no longer."""

    def read(self) -> KnownFindings: ...

    def put(self, known: KnownFinding) -> None: ...

    def tell(self, known: Sequence[KnownFinding], message: Message, now: datetime) -> None:
        """Write the message and the findings that it is about: all of them, or none if the message is on record."""
        ...

    def remove(self, finding: Finding) -> None: ...

    def looked(self, now: datetime, unanswered: Sequence[str] = ()) -> None:
        """Store when all sources were examined, and what couldn't be."""
        ...
