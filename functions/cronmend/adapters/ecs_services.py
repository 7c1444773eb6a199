"""ECS: services, the revisions and images they run, and their deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cronmend.adapters.deploy_reads import denials, read
from cronmend.adapters.ecs import ecs_client
from cronmend.deploys import Deployment, Release, Service
from cronmend.model import Missing, TaskDefinitionRef

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import ServiceDeploymentBriefTypeDef, ServiceTypeDef

_DESCRIBED_AT_ONCE = 10
"""The most that DescribeServices accepts."""
_LISTED_AT_ONCE = 100
"""The most that ListServices accepts."""


class EcsServiceFamilies:
    permissions = ("ecs:DescribeServices",)

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        with denials(f"describe the service {service}"):
            raw = described(self._client, cluster_arn, [service])
        found = [each for each in map(_service, raw) if each]
        return sorted({each.task_definition.family for one in found for each in (one.primary, *one.others)})


class EcsServices:
    permissions = (
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListServiceDeployments",
        "ecs:DescribeServiceRevisions",
    )

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def of_family(self, cluster_arn: str, family: str, since: datetime | None = None) -> tuple[Service, ...] | Missing:
        found = read(f"read the services of {cluster_arn}", lambda: self._active(cluster_arn))
        if isinstance(found, Missing):
            return found
        ours = [service for service in found if service.primary.task_definition.family == family]
        return tuple(replace(service, release=self._latest(cluster_arn, service.name)) for service in ours)

    def images(self, service: Service) -> Mapping[str, str] | Missing:
        release = service.release
        if not isinstance(release, Release) or not release.revision_arn:
            return {}
        answer = read(
            f"describe the revision that {service.name} runs",
            lambda: self._client.describe_service_revisions(serviceRevisionArns=[release.revision_arn]),
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
        return [service for raw in described(self._client, cluster_arn, arns) if (service := _service(raw))]

    def _latest(self, cluster_arn: str, service: str) -> Release | Missing | None:
        """None if ECS keeps no history of the service."""
        answer = read(
            f"list the deployments of {service}",
            lambda: self._client.list_service_deployments(cluster=cluster_arn, service=service),
        )
        if isinstance(answer, Missing):
            return answer
        newest = max(answer["serviceDeployments"], key=lambda each: each["createdAt"], default=None)
        return _release(newest) if newest else None


def described(client: "ECSClient", cluster_arn: str, services: Sequence[str]) -> list["ServiceTypeDef"]:
    found: list[ServiceTypeDef] = []
    for first in range(0, len(services), _DESCRIBED_AT_ONCE):
        batch = list(services[first : first + _DESCRIBED_AT_ONCE])
        found += client.describe_services(cluster=cluster_arn, services=batch)["services"]
    return found


def _service(raw: "ServiceTypeDef") -> Service | None:
    """None for a service that is being deleted, or whose deployments ECS doesn't keep (CodeDeploy's task sets)."""
    deployments = [_deployment(each) for each in raw.get("deployments", []) if each.get("status") == "PRIMARY"]
    others = [_deployment(each) for each in raw.get("deployments", []) if each.get("status") == "ACTIVE"]
    if raw.get("status") != "ACTIVE" or not deployments:
        return None
    return Service(raw["serviceName"], deployments[0], tuple(others))


def _deployment(raw: Mapping[str, Any]) -> Deployment:
    created: datetime = raw["createdAt"]
    return Deployment(
        TaskDefinitionRef.parse(raw["taskDefinition"]),
        raw.get("rolloutState", ""),
        created,
        raw.get("updatedAt", created),
    )


def _release(raw: "ServiceDeploymentBriefTypeDef") -> Release:
    return Release(raw["status"], raw["createdAt"], raw.get("finishedAt"), raw.get("targetServiceRevisionArn", ""))
