"""``cronmend bench storm --quotas``: many jobs fail at once, and AWS limits the calls per second. On a virtual clock.

The use case of task_state runs as Lambda runs it: an event an invocation, a bounded number at once, each in a container
with its own caches. Its calls take time and are throttled; boto3 retries them, then the queue does.
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from cli.bench.storm_site import BEGAN, Definitions, World, failed, log_of, stopped_runs
from cronmend.adapters.aws import CONFIG
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.logs import PATIENT
from cronmend.adapters.recent_services import RecentServices
from cronmend.deploys import Image, Service
from cronmend.errors import Retryable
from cronmend.model import LiveSchedule, Log, LogPlace, StoppedTask
from cronmend.model.runs import TaskDefinition
from cronmend.queues import MOST_DELIVERIES, delay_after
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.ledger import MemoryLedger
from simulation.kernel import Kernel

SPREAD = 60.0
"""Seconds in which the jobs fail."""
CONCURRENCY: Final = 10
"""``MaximumConcurrency`` of task_state in the template."""
_ATTEMPTS: Final = {"logs": PATIENT.retries["total_max_attempts"]}  # type: ignore[attr-defined] # set by its options
_OTHER_ATTEMPTS: Final = CONFIG.retries["total_max_attempts"]  # type: ignore[attr-defined] # set by its options
_START, _WORK, _CALL = 1.5, 0.1, 0.03
"""Seconds: a container's start, the diagnosis, a call."""
_LONGEST = timedelta(hours=12)

QUOTAS: Final[Mapping[str, tuple[float, float]]] = {
    "logs": (10, 10),
    "list_schedules": (50, 50),
    "get_schedule": (250, 250),
    "service_reads": (100, 20),
    "cluster_reads": (100, 20),
}
"""The size of the bucket, and how many calls a second refill it: the lowest of any Region.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
"""


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


@dataclass
class Bucket:
    size: float
    refill: float
    at: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.size

    def take(self, now: float) -> bool:
        self.left = min(self.size, self.left + (now - self.at) * self.refill)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass
class Aws:
    """AWS's quotas, and boto3's standard retries in front of them."""

    kernel: Kernel
    chance: random.Random
    buckets: dict[str, Bucket]
    throttled: int = 0

    def call(self, kind: str) -> None:
        """
        Raises:
            Retryable: throttled as often as boto3 tries.
        """
        attempts = _ATTEMPTS.get(kind, _OTHER_ATTEMPTS)
        for attempt in range(attempts):
            self.kernel.wait(_CALL)
            if self.buckets[kind].take(self.kernel.now):
                return
            self.throttled += 1
            if attempt + 1 < attempts:
                self.kernel.wait(self.chance.random() * 2**attempt)
        raise Retryable(f"ThrottlingException: {kind}")


@dataclass
class QuotaWorld(World):
    """The site of the storm, whose reads count against the quotas: the calls that the adapters make."""

    aws: Aws | None = None

    def _calls(self, **kinds: int) -> None:
        if self.aws:
            for kind, count in kinds.items():
                for _ in range(count):
                    self.aws.call(kind)

    def named(self, prefix: str, cluster_arn: str, since: datetime | None = None) -> Sequence[LiveSchedule]:
        self._calls(list_schedules=1, get_schedule=1)
        return super().named(prefix, cluster_arn, since)

    def tail(self, place: LogPlace) -> Log:
        self._calls(logs=2)
        return super().tail(place)

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...]:
        self._calls(service_reads=3)
        return super().running(cluster_arn, family, image, since)

    def images(self, service: Service) -> tuple[Image, ...]:
        self._calls(service_reads=1)
        return super().images(service)


@dataclass
class QuotaDefinitions(Definitions):
    aws: Aws
    known: set[str] = field(default_factory=set)

    def get(self, reference: str) -> TaskDefinition:
        if reference not in self.known:
            self.aws.call("cluster_reads")
            self.known.add(reference)
        return super().get(reference)


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
        self.deliveries: Counter[str] = Counter()
        self.dead: list[str] = []
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
        self.deliveries[event.task.task_id] += 1
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
            self.dead.append(event.task.task_id)
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
        dead_letters=len(queue.dead),
        first_after=round(min(queue.done, default=start) - start, 1),
        last_after=round(max(queue.done, default=start) - start, 1),
        deliveries=max(queue.deliveries.values(), default=0),
        throttled=aws.throttled,
    )


def _container(aws: Aws, ledger: MemoryLedger, causes: int) -> HandleStoppedTask:
    world = QuotaWorld(lambda stream: log_of(int(stream.rsplit("-", 1)[-1]) % causes), aws)
    clock = lambda: datetime.fromtimestamp(aws.kernel.now, UTC)  # noqa: E731 # one expression
    services = RecentServices(cast(EcsServices, world), clock)
    return stopped_runs(world, ledger, QuotaDefinitions(aws), cast(Any, services))
