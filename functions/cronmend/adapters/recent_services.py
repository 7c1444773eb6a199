"""The services of a family, read once for all runs that had stopped by then: in a storm, hundreds ask for them.

ECS allows 20 reads of services a second, shared with everything else in the account:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from cronmend.adapters.ecs_services import EcsServices
from cronmend.deploys import Image, Service
from cronmend.model import Missing

AGE = timedelta(minutes=1)
"""How long an answer is reused."""


class RecentServices(Struct):
    services: EcsServices
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _read: dict[tuple[str, str, str], tuple[datetime, tuple[Service, ...]]] = field(default_factory=dict)
    _images: dict[str, tuple[Image, ...]] = field(default_factory=dict)
    """By the ARN of the service's revision, which never changes."""

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        key, now = (cluster_arn, family, image), self.clock()
        if since and key in self._read and self._read[key][0] >= max(since, now - AGE):
            return self._read[key][1]
        found = self.services.running(cluster_arn, family, image)
        if not isinstance(found, Missing) and not any(isinstance(each.release, Missing) for each in found):
            self._read[key] = (now, found)
        return found

    def images(self, service: Service) -> tuple[Image, ...] | Missing:
        revision = service.readable_revision
        if revision in self._images:
            return self._images[revision]
        found = self.services.images(service)
        if revision and found and not isinstance(found, Missing):
            self._images[revision] = found
        return found
