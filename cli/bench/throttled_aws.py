"""AWS with its quotas of calls per second, on a virtual clock: the site of a storm whose reads count against them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cli.bench.storm_site import Definitions, World
from cronmend.adapters.aws import CONFIG
from cronmend.adapters.logs import PATIENT
from cronmend.deploys import Image, Service
from cronmend.errors import Retryable
from cronmend.model import LiveSchedule, Log, LogPlace
from cronmend.model.runs import TaskDefinition
from simulation.kernel import Kernel

_ATTEMPTS: Final = {"logs": PATIENT.retries["total_max_attempts"]}  # type: ignore[attr-defined] # set by its options
_OTHER_ATTEMPTS: Final = CONFIG.retries["total_max_attempts"]  # type: ignore[attr-defined] # set by its options
_CALL = 0.03
"""Seconds."""

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

    aws: Aws

    def _calls(self, **kinds: int) -> None:
        for kind, count in kinds.items():
            for _ in range(count):
                self.aws.call(kind)

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule]:
        self._calls(list_schedules=1, get_schedule=1)
        return super().named(prefix, cluster_arn, since, work)

    def tail(self, place: LogPlace) -> Log:
        self._calls(logs=1)
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
