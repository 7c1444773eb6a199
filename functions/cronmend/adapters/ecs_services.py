"""ECS: services, the revisions and images they run, and their deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from cronmend.adapters.deploy_reads import denials, read
from cronmend.adapters.ecs import ecs_client
from cronmend.adapters.service_deployments import latest
from cronmend.adapters.service_shapes import service_of
from cronmend.deploys import Release, Service
from cronmend.model import Missing

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import ServiceTypeDef

_LISTED_AT_ONCE = 100
"""The most that ListServices accepts; its default is 10."""
_DESCRIBED_AT_ONCE = 10
"""The most that DescribeServices accepts."""


class EcsServiceFamilies:
    permissions = ("ecs:DescribeServices",)

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        with denials(f"describe the service {service}"):
            raw = described(self._client, cluster_arn, [service])
        found = [each for each in map(service_of, raw) if each]
        return sorted({each.task_definition.family for one in found for each in (one.primary, *one.others)})


class EcsServices:
    permissions = (
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListServiceDeployments",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
    )

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def of_family(self, cluster_arn: str, family: str) -> tuple[Service, ...] | Missing:
        found = read(f"read the services of {cluster_arn}", lambda: self._active(cluster_arn))
        if isinstance(found, Missing):
            return found
        ours = [service for service in found if service.primary.task_definition.family == family]
        return self._with_release(ours, cluster_arn)

    def images(self, service: Service) -> Mapping[str, str] | Missing:
        arn = service.revision_arn or (service.release.revision_arn if isinstance(service.release, Release) else "")
        if not arn or service.is_rolling_out:
            return {}
        answer = read(
            f"describe the revision that {service.name} runs",
            lambda: self._client.describe_service_revisions(serviceRevisionArns=[arn]),
        )
        if isinstance(answer, Missing):
            return answer
        images = [each for revision in answer["serviceRevisions"] for each in revision.get("containerImages", [])]
        return {each["containerName"]: each["imageDigest"] for each in images if each.get("imageDigest")}

    def _active(self, cluster_arn: str) -> list[Service]:
        pages = self._client.get_paginator("list_services").paginate(
            cluster=cluster_arn, PaginationConfig={"PageSize": _LISTED_AT_ONCE}
        )
        arns = [arn for page in pages for arn in page["serviceArns"]]
        return [service for raw in described(self._client, cluster_arn, arns) if (service := service_of(raw))]

    def _with_release(self, found: Sequence[Service], cluster_arn: str) -> tuple[Service, ...]:
        """Only the service that was deployed last needs one: it shows how far the deploy is."""
        newest = max(found, key=deployed_at, default=None)
        if newest is None or not newest.keeps_history:
            return tuple(found)
        release = latest(self._client, cluster_arn, newest.name, deployed_at(newest))
        return tuple(replace(each, release=release) if each is newest else each for each in found)


def deployed_at(service: Service) -> datetime:
    return service.primary.created_at


def described(client: "ECSClient", cluster_arn: str, services: Sequence[str]) -> list["ServiceTypeDef"]:
    found: list[ServiceTypeDef] = []
    for first in range(0, len(services), _DESCRIBED_AT_ONCE):
        batch = list(services[first : first + _DESCRIBED_AT_ONCE])
        found += client.describe_services(cluster=cluster_arn, services=batch)["services"]
    return found
