"""ECS: the history of a service's deployments, and how far the latest one is."""

from collections.abc import Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.reads import read
from cronmend.deploys import Pause, Progress, Release
from cronmend.errors import Permanent
from cronmend.model import Missing

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import (
        ServiceDeploymentBriefTypeDef,
        ServiceDeploymentTypeDef,
    )

_BEFORE = timedelta(minutes=5)
"""A service's deployment and the entry in its history are created one after the other."""
_PAGE = 100
"""The most that ListServiceDeployments lists at once."""
_PAGES = 3
"""More deployments since the one that a service runs is no history to look through for one run."""


def latest(client: "ECSClient", cluster_arn: str, service: str, since: datetime) -> Release | Missing | None:
    """The service's latest deployment; None if ECS keeps no history of it.

    Args:
        since: when the deployment was created that the service shows as its primary one. After a rollback, there are
            later ones.
    """
    call = f"list the deployments of {service}"
    found = read(call, lambda: list(briefs(client, cluster_arn, service, since - _BEFORE)))
    if isinstance(found, Missing):
        return found
    newest = max(found, key=lambda each: each["createdAt"], default=None)
    if newest is None:
        return None
    brief = release_of(newest)
    return brief if brief.progress is Progress.DONE else _described(client, service, newest, brief)


def briefs(
    client: "ECSClient", cluster_arn: str, service: str, after: datetime, most_pages: int = _PAGES
) -> Iterator["ServiceDeploymentBriefTypeDef"]:
    """In no documented order, so all of them are needed.

    Raises:
        Permanent: there are more pages.
    """
    page: dict[str, Any] = {}
    for _ in range(most_pages):
        answer = client.list_service_deployments(
            cluster=cluster_arn, service=service, createdAt={"after": after}, maxResults=_PAGE, **page
        )
        yield from answer["serviceDeployments"]
        if not (token := answer.get("nextToken")):
            return
        page = {"nextToken": token}
    raise Permanent(f"{service} has had more than {_PAGE * most_pages} deployments since {after:%Y-%m-%d}")


def _described(
    client: "ECSClient", service: str, newest: "ServiceDeploymentBriefTypeDef", brief: Release
) -> Release | Missing:
    """One that is going on, or didn't succeed: with its stage, and why it was taken back."""
    arns = [newest["serviceDeploymentArn"]]
    answer = read(
        f"describe the deployment of {service}",
        lambda: client.describe_service_deployments(serviceDeploymentArns=arns),
    )
    if isinstance(answer, Missing):
        return answer
    return next((_of_whole(each, brief) for each in answer["serviceDeployments"]), brief)


def release_of(raw: "ServiceDeploymentBriefTypeDef") -> Release:
    return Release(raw["status"], raw["createdAt"], raw.get("finishedAt"), raw.get("targetServiceRevisionArn", ""))


def _of_whole(raw: "ServiceDeploymentTypeDef", brief: Release) -> Release:
    target, alarms = raw.get("targetServiceRevision", {}), raw.get("alarms", {})
    hooks = raw.get("lifecycleHookDetails", ())
    release = Release(
        status=raw.get("status", brief.status),
        created_at=brief.created_at,
        finished_at=raw.get("finishedAt") or raw.get("stoppedAt") or brief.finished_at,
        revision_arn=brief.revision_arn,
        stage=raw.get("lifecycleStage", ""),
        weight=target.get("requestedProductionTrafficWeight", 0) if _shifts(raw) else 0,
        pause=_pause(hooks),
        alarms=tuple(alarms.get("triggeredAlarmNames", ())),
    )
    return replace(release, moved_at=raw.get("updatedAt")) if _shifts(raw) or hooks or release.serves else release


def _shifts(raw: "ServiceDeploymentTypeDef") -> bool:
    """Whether traffic moves from old tasks to new ones. A rolling deployment replaces the tasks behind the traffic."""
    return raw.get("deploymentConfiguration", {}).get("strategy", "ROLLING") != "ROLLING"


def _pause(hooks: Sequence[Any]) -> Pause | None:
    waiting = next((each for each in hooks if each.get("status") == "AWAITING_ACTION"), None)
    if waiting is None:
        return None
    return Pause(waiting.get("expiresAt"), waiting.get("timeoutAction") or "ROLLBACK")
