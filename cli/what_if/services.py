"""The services that run the jobs' code, and what ECS keeps of their deployments: those of the last 90 days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from cli.what_if.rollouts import Code, Rollout, ServicePast
from cronmend.adapters.ecs_services import described
from cronmend.adapters.reads import read
from cronmend.adapters.service_code import images_in, images_of, revisions
from cronmend.adapters.service_deployments import briefs, release_of
from cronmend.adapters.service_shapes import service_of
from cronmend.deploys import Service, repository
from cronmend.model import Missing, TaskDefinitionRef

_PAGE: Final = 100
_MOST_PAGES: Final = 10
"""A thousand deployments of a service in 90 days."""


@dataclass(frozen=True, slots=True)
class ServiceReader:
    permissions = (
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:ListServiceDeployments",
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
    )

    client: Any

    def read(
        self, clusters: Sequence[str], families: Collection[str], images: Collection[str], since: datetime
    ) -> tuple[ServicePast, ...] | Missing:
        """Those that run one of the families, or an image of one of the repositories.

        Args:
            images: as the jobs' task definitions name them.
        """
        found: list[ServicePast] = []
        nothing: list[Service] = []  # in a cluster that was deleted since
        for cluster in clusters:
            listed = read(f"read the services of {cluster}", partial(self._services, cluster), absent=nothing)
            if isinstance(listed, Missing):
                return listed
            own = read(f"read the images of {cluster}", partial(self._of_jobs, listed, families, images))
            if isinstance(own, Missing):
                return own
            for service in own:
                past = read(f"list the deployments of {service.name}", partial(self._past, service, since))
                if isinstance(past, Missing):
                    return past
                found.append(past)
        return tuple(found)

    def _of_jobs(
        self, services: Sequence[Service], families: Collection[str], images: Collection[str]
    ) -> list[Service]:
        """By their present code: the history of others is not read."""
        wanted = {repository(each) for each in images}
        own = [each for each in services if each.primary.task_definition.family in families]
        others = [each for each in services if each not in own and each.revision_arn]
        seen = images_of(self.client, [each.revision_arn for each in others])
        return own + [
            each
            for each in others
            if wanted & {repository(image.reference) for image in seen.get(each.revision_arn, ())}
        ]

    def _services(self, cluster: str) -> list[Service]:
        pages = self.client.get_paginator("list_services").paginate(
            cluster=cluster, PaginationConfig={"PageSize": _PAGE}
        )
        names = [arn for page in pages for arn in page["serviceArns"]]
        raw = described(self.client, cluster, names)
        return [service for each in raw if (service := service_of(each, cluster))]

    def _past(self, service: Service, since: datetime) -> ServicePast:
        if not service.keeps_history:
            return ServicePast(service)
        kept = briefs(self.client, service.cluster_arn, service.name, since, _MOST_PAGES)
        deployments = sorted(kept, key=lambda each: each["createdAt"])
        source = self._source(deployments[0]) if deployments else ""
        arns = [each["targetServiceRevisionArn"] for each in deployments if each.get("targetServiceRevisionArn")]
        code = self._code([arn for arn in (source, service.revision_arn, *arns) if arn])
        return ServicePast(service, *_known(deployments, code, code.get(source)))

    def _source(self, brief: Mapping[str, Any]) -> str:
        """The service revision that the deployment replaced; ``""`` if ECS doesn't say."""
        answer = self.client.describe_service_deployments(serviceDeploymentArns=[brief["serviceDeploymentArn"]])
        sources = (each for one in answer["serviceDeployments"] for each in one.get("sourceServiceRevisions", ()))
        return next((str(each.get("arn", "")) for each in sources), "")

    def _code(self, arns: Sequence[str]) -> Mapping[str, Code]:
        found = revisions(self.client, list(dict.fromkeys(arns)))
        return {each["serviceRevisionArn"]: _code_of(each) for each in found}


def _known(
    deployments: Sequence[Any], code: Mapping[str, Code], before: Code | None
) -> tuple[list[Rollout], Code | None]:
    """The deployments since the latest one whose code ECS no longer describes, and what ran before them."""
    found: list[Rollout] = []
    for each in deployments:
        target = code.get(each.get("targetServiceRevisionArn", ""))
        if target is None:
            found, before = [], None
        else:
            found.append(Rollout(release_of(each), target))
    return found, before


def _code_of(raw: Mapping[str, Any]) -> Code:
    return Code(TaskDefinitionRef.parse(raw["taskDefinition"]), images_in(raw))
