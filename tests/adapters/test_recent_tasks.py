"""A family's tasks are read once for all jobs of a check, and again by the next one; an error isn't kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import pytest

from cronmend.adapters.ecs import EcsRunningTasks
from cronmend.adapters.recent_tasks import AGE, RecentTasks
from cronmend.errors import Retryable
from cronmend.model import LiveTask
from tests.fakes import NOW
from tests.samples import CLUSTER


@dataclass
class Counted:
    """ECS, with the lists that it was asked for; ``now`` is the time of the clock."""

    now: datetime = NOW
    away: bool = False
    reads: list[str] = field(default_factory=list)

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(f"active {family}")

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._listed(f"stopped {family}")

    def _listed(self, what: str) -> Sequence[LiveTask]:
        self.reads.append(what)
        if self.away:
            raise Retryable("ECS didn't answer")
        return []


def test_each_list_is_read_once_a_minute() -> None:
    ecs = Counted()
    tasks = RecentTasks(cast(EcsRunningTasks, ecs), lambda: ecs.now)
    for family in ("webapp", "webapp", "tools"):
        tasks.active(CLUSTER, family)
        tasks.stopped(CLUSTER, family)
    assert ecs.reads == ["active webapp", "stopped webapp", "active tools", "stopped tools"]
    ecs.now += AGE
    tasks.active(CLUSTER, "webapp")
    assert ecs.reads[4:] == ["active webapp"]


def test_an_error_is_not_kept() -> None:
    ecs = Counted(away=True)
    tasks = RecentTasks(cast(EcsRunningTasks, ecs), lambda: ecs.now)
    with pytest.raises(Retryable):
        tasks.active(CLUSTER, "webapp")
    ecs.away = False
    assert tasks.active(CLUSTER, "webapp") == []
