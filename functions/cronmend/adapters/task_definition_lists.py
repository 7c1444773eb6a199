"""ECS: which revisions of a family can be run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cronmend.adapters.ecs import ecs_client
from cronmend.adapters.reads import denials
from cronmend.model import TaskDefinitionRef

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient

_MOST = 20
"""Revisions that are looked through for a service's image: each has to be described once."""


class EcsRevisions:
    permissions = ("ecs:ListTaskDefinitions",)

    def __init__(self, client: "ECSClient | None" = None) -> None:
        self._client = client or ecs_client()

    def active(self, family: str) -> Sequence[TaskDefinitionRef]:
        with denials(f"list the revisions of {family}"):
            answer = self._client.list_task_definitions(
                familyPrefix=family, status="ACTIVE", sort="DESC", maxResults=_MOST
            )
        return [TaskDefinitionRef.parse(arn) for arn in answer["taskDefinitionArns"]]
