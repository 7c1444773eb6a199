"""ECS: services, the revisions and images they run, and their deployments."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from cronmend.adapters.ecs import ecs_client
from cronmend.adapters.reads import denials, read
from cronmend.adapters.service_code import images_of, names_by_tasks
from cronmend.adapters.service_deployments import latest
from cronmend.adapters.service_shapes import service_of
from cronmend.deploys import Image, Service, of_same_repository
from cronmend.model import Missing, TaskDefinitionRef

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import ServiceTypeDef

_LISTED_AT_ONCE = 100
"""The most that ListServices accepts; its default is 10."""
_DESCRIBED_AT_ONCE = 10
"""The most that DescribeServices accepts."""
_DESCRIBED_ALL = 20
"""Of a cluster with more services, only those are described that may run the job's code: two calls instead of many."""


class EcsServiceFamilies:
    permissions = ("ecs:DescribeServices",)

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def of_service(self, cluster_arn: str, service: str) -> Sequence[TaskDefinitionRef]:
        with denials(f"describe the service {service}"):
            raw = described(self._client, cluster_arn, [service])
        found = [each for each in map(service_of, raw) if each]
        used = [each.task_definition for one in found for each in (one.primary, *one.others)]
        return list({each.family: each for each in reversed(used)}.values())[::-1]


class EcsServices:
    """The services of the watched clusters. What is read for one run is bounded, however many there are."""

    permissions = (
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ecs:ListServiceDeployments",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
    )

    def __init__(self, client: "ECSClient | None" = None, clusters: Sequence[str] = ()) -> None:
        self._client = client or ecs_client()
        self._clusters = clusters

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        others: list[Service] = []
        for cluster in dict.fromkeys((cluster_arn, *self._clusters)):
            call = f"read the services of {cluster}"
            found = read(call, partial(self._candidates, cluster, family, image))
            if isinstance(found, Missing):
                return found
            if ours := [each for each in found if each.primary.task_definition.family == family]:
                return self._with_release(ours)
            others += found
        ours_by_image = self._of_image(others, image)
        return ours_by_image if isinstance(ours_by_image, Missing) else self._with_release(ours_by_image)

    def images(self, service: Service) -> tuple[Image, ...] | Missing:
        arn = service.readable_revision
        if not arn or (service.images and arn == service.revision_arn):
            return service.images
        found = read(f"describe the revision that {service.name} runs", lambda: images_of(self._client, [arn]))
        return found if isinstance(found, Missing) else found.get(arn, ())

    def _candidates(self, cluster_arn: str, family: str, image: str) -> list[Service]:
        """The active services; of a cluster with many, those whose tasks run the family or the image."""
        pages = self._client.get_paginator("list_services").paginate(
            cluster=cluster_arn, PaginationConfig={"PageSize": _LISTED_AT_ONCE}
        )
        names: Sequence[str] = [arn for page in pages for arn in page["serviceArns"]]
        if len(names) > _DESCRIBED_ALL:
            names = names_by_tasks(self._client, cluster_arn, family, image)
        return [
            service for raw in described(self._client, cluster_arn, names) if (service := service_of(raw, cluster_arn))
        ]

    def _of_image(self, services: Sequence[Service], image: str) -> list[Service] | Missing:
        """Those with an image of the same repository."""
        arns = [each.revision_arn for each in services if each.revision_arn]
        if not image or not arns:
            return []
        found = read("describe the revisions of the services", lambda: images_of(self._client, arns))
        if isinstance(found, Missing):
            return found
        seen = [replace(each, images=found.get(each.revision_arn, ())) for each in services]
        return [each for each in seen if of_same_repository(each.images, image)]

    def _with_release(self, found: Sequence[Service]) -> tuple[Service, ...]:
        """Only the service that was deployed last needs one: it shows how far the deploy is."""
        newest = max(found, key=deployed_at, default=None)
        if newest is None or not newest.keeps_history:
            return tuple(found)
        release = latest(self._client, newest.cluster_arn, newest.name, deployed_at(newest))
        return tuple(replace(each, release=release) if each is newest else each for each in found)


def deployed_at(service: Service) -> datetime:
    return service.primary.created_at


def described(client: "ECSClient", cluster_arn: str, services: Sequence[str]) -> list["ServiceTypeDef"]:
    found: list[ServiceTypeDef] = []
    for first in range(0, len(services), _DESCRIBED_AT_ONCE):
        batch = list(services[first : first + _DESCRIBED_AT_ONCE])
        found += client.describe_services(cluster=cluster_arn, services=batch)["services"]
    return found
