"""``cronmend bench storm --quotas``: many jobs fail at once, and AWS limits the calls per second. On a virtual clock.

The use case of task_state runs as Lambda runs it: an event an invocation, a bounded number at once, each in a container
with its own caches. Its calls take time and are throttled; boto3 retries them, then the queue does.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from cli.bench.storm_site import BEGAN, failed, log_of, stopped_runs
from cli.bench.throttled_aws import QUOTAS, Aws, Bucket, QuotaDefinitions, QuotaWorld
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.recent_services import RecentServices
from cronmend.errors import Retryable
from cronmend.model import StoppedTask
from cronmend.queues import MOST_DELIVERIES, delay_after
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.ledger import MemoryLedger
from simulation.kernel import Kernel

SPREAD = 60.0
"""Seconds in which the jobs fail."""
CONCURRENCY: Final = 10
"""``MaximumConcurrency`` of task_state in the template."""
_START, _WORK = 1.5, 0.1
"""Seconds: a container's start, the diagnosis."""
_LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class QuotaStorm:
    """Times are seconds from the first failure, on the virtual clock."""

    failures: int
    diagnosed: int
    without_log: int
    """Diagnosed without their log, because CloudWatch Logs refused it for too long."""
    dead_letters: int
    first_after: float
    last_after: float
    deliveries: int
    """Of the event that the queue delivered most often; after 24 it is a dead letter."""
    throttled: int


@dataclass(slots=True)
class _Queued:
    task: StoppedTask
    received: int = 0
    first: datetime | None = None


class _Queue:
    """The queue of stopped runs, and the containers that handle them: each takes the next event when it is free."""

    def __init__(
        self,
        kernel: Kernel,
        container: Callable[[], HandleStoppedTask],
        concurrency: int,
        progress: Callable[[int], None],
    ) -> None:
        self._kernel = kernel
        self._progress = progress
        self._container = container
        self._ready: deque[_Queued] = deque()
        self._free: list[HandleStoppedTask | None] = [None] * concurrency
        self.most_deliveries = 0
        """Of one event."""
        self.dead = 0
        self.unread = 0
        self.done: list[float] = []

    def arrive(self, event: _Queued) -> None:
        self._ready.append(event)
        self._dispatch()

    def _dispatch(self) -> None:
        while self._ready and self._free:
            event, container = self._ready.popleft(), self._free.pop()
            self._kernel.start(self._kernel.now, partial(self._invoke, event, container))

    def _invoke(self, event: _Queued, warm: HandleStoppedTask | None) -> None:
        if warm is None:
            self._kernel.wait(_START)
        container = warm or self._container()
        event.received += 1
        self.most_deliveries = max(self.most_deliveries, event.received)
        now = datetime.fromtimestamp(self._kernel.now, UTC)
        event.first = event.first or now
        self._kernel.wait(_WORK)
        try:
            record = container.handle(event.task, now, event.first)
        except Retryable:
            self._again(event)
        else:
            self.done.append(self._kernel.now)
            self._progress(len(self.done))
            self.unread += not record.line
        self._free.append(container)
        self._dispatch()

    def _again(self, event: _Queued) -> None:
        if event.received >= MOST_DELIVERIES:
            self.dead += 1
            return
        wait = delay_after(event.task.task_id, event.received).total_seconds()
        self._kernel.at(self._kernel.now + wait, lambda: self.arrive(event))


def quota_storm(
    failures: int, causes: int, progress: Callable[[int], None], concurrency: int = CONCURRENCY
) -> QuotaStorm:
    """Let ``failures`` jobs fail within a minute, with at most ``concurrency`` invocations at once."""
    start = BEGAN.timestamp()
    kernel = Kernel(start, start + _LONGEST.total_seconds())
    buckets = {kind: Bucket(*quota, at=start) for kind, quota in QUOTAS.items()}
    aws = Aws(kernel, random.Random(1), buckets)  # noqa: S311 # of a model
    ledger = MemoryLedger()
    queue = _Queue(kernel, lambda: _container(aws, ledger, causes), concurrency, progress)
    for number in range(failures):
        at = BEGAN + timedelta(seconds=SPREAD * number / failures)
        kernel.at(at.timestamp() + 0.5, partial(queue.arrive, _Queued(failed(number, at))))
    kernel.run()
    return QuotaStorm(
        failures=failures,
        diagnosed=len(ledger.runs),
        without_log=queue.unread,
        dead_letters=queue.dead,
        first_after=round(min(queue.done, default=start) - start, 1),
        last_after=round(max(queue.done, default=start) - start, 1),
        deliveries=queue.most_deliveries,
        throttled=aws.throttled,
    )


def _container(aws: Aws, ledger: MemoryLedger, causes: int) -> HandleStoppedTask:
    world = QuotaWorld(lambda stream: log_of(int(stream.rsplit("-", 1)[-1]) % causes), aws)
    clock = lambda: datetime.fromtimestamp(aws.kernel.now, UTC)  # noqa: E731 # one expression
    services = RecentServices(cast(EcsServices, world), clock)
    return stopped_runs(world, ledger, QuotaDefinitions(aws), cast(Any, services))
