"""The tasks of a family, read once for all of its jobs whose slots are in question: in an outage, these are all jobs.

ECS allows 20 reads of a cluster a second, shared with everything else in the account:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from cronmend.adapters.ecs import EcsRunningTasks
from cronmend.model import LiveTask

AGE = timedelta(minutes=1)
"""How long an answer is reused. Slots are in question only minutes after a run had to be created."""

type _List = Callable[[str, str], Sequence[LiveTask]]


class RecentTasks(Struct):
    tasks: EcsRunningTasks
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _read: dict[tuple[str, str, str], tuple[datetime, Sequence[LiveTask]]] = field(default_factory=dict)

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._known("active", self.tasks.active, cluster_arn, family)

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self._known("stopped", self.tasks.stopped, cluster_arn, family)

    def _known(self, kind: str, read: _List, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        now = self.clock()
        self._read = {key: known for key, known in self._read.items() if now - known[0] < AGE}
        key = kind, cluster_arn, family
        if key not in self._read:
            self._read[key] = now, read(cluster_arn, family)
        return self._read[key][1]
