"""A service of ``DescribeServices`` as Cronmend sees it: its deployments or, of another controller, its task sets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cronmend.deploys import Deployment, Service
from cronmend.model import TaskDefinitionRef

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ServiceTypeDef

_STABLE = "STEADY_STATE"


def service_of(raw: "ServiceTypeDef", cluster_arn: str = "") -> Service | None:
    """None for a service that is being deleted, or that has neither deployments nor task sets."""
    if raw.get("status") != "ACTIVE":
        return None
    with_sets = raw.get("deploymentController", {}).get("type", "ECS") != "ECS"
    found = _of_task_sets(raw.get("taskSets", ())) if with_sets else _of_deployments(raw.get("deployments", ()))
    if not found:
        return None
    return Service(
        raw["serviceName"],
        found[0],
        tuple(found[1:]),
        cluster_arn=cluster_arn,
        revision_arn=_revision(raw.get("currentServiceRevisions", ())),
        keeps_history=not with_sets,
    )


def _of_deployments(raw: Sequence[Mapping[str, Any]]) -> list[Deployment]:
    """The primary one first; empty if there is none."""
    primary = [_deployment(each) for each in raw if each.get("status") == "PRIMARY"]
    return [*primary[:1], *(_deployment(each) for each in raw if primary and each.get("status") == "ACTIVE")]


def _deployment(raw: Mapping[str, Any]) -> Deployment:
    created: datetime = raw["createdAt"]
    return Deployment(
        TaskDefinitionRef.parse(raw["taskDefinition"]),
        raw.get("rolloutState", ""),
        created,
        raw.get("updatedAt", created),
    )


def _of_task_sets(raw: Sequence[Mapping[str, Any]]) -> list[Deployment]:
    """The newest first, as of deployments: it is in progress until it serves, which makes it the PRIMARY set.

    The set that it replaces runs on for a while, as an ACTIVE one.
    """
    kept = [_task_set(each) for each in raw if each.get("status") in {"PRIMARY", "ACTIVE"}]
    return sorted(kept, key=attrgetter("created_at"), reverse=True)


def _task_set(raw: Mapping[str, Any]) -> Deployment:
    serves = raw["status"] == "PRIMARY" and raw.get("stabilityStatus", _STABLE) == _STABLE
    created: datetime = raw["createdAt"]
    ref = TaskDefinitionRef.parse(raw["taskDefinition"])
    return Deployment(ref, "COMPLETED" if serves else "IN_PROGRESS", created, raw.get("updatedAt", created))


def _revision(raw: Sequence[Mapping[str, Any]]) -> str:
    """The ARN of the service revision with the most tasks; ``""`` if ECS names none."""
    return str(max(raw, key=lambda each: each.get("runningTaskCount", 0), default={}).get("arn", ""))
