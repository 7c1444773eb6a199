"""What the board is read from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cronmend.board.facts import Facts
from cronmend.board.story import Records
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.ports.overdue import Alive


class FactsSource(Protocol):
    def facts(self, place: str, clusters: Sequence[str], policies: Policies, now: datetime) -> Facts:
        """All but the jobs that are running. Raises Retryable."""
        ...


class RecordsSource(Protocol):
    def read(self, job: str, policy: JobPolicy) -> Records:
        """Raises Retryable."""
        ...


class AliveTasks(Protocol):
    def alive(self, cluster_arn: str) -> Alive:
        """The tasks of a cluster that ECS wants to run. Raises Retryable or Permanent."""
        ...
