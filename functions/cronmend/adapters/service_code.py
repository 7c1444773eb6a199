"""ECS: which code services run, by the images of their revisions and by their tasks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cronmend.deploys import Image, repository
from cronmend.errors import Permanent

if TYPE_CHECKING:
    from types_boto3_ecs import ECSClient
    from types_boto3_ecs.type_defs import ServiceRevisionTypeDef

_REVISIONS = 20
"""The most that DescribeServiceRevisions accepts."""
_TASKS = 100
"""The most that ListTasks lists, and DescribeTasks accepts, at once."""
_PAGES = 2
_OF_SERVICE = "service:"


def images_of(client: "ECSClient", revision_arns: Sequence[str]) -> Mapping[str, tuple[Image, ...]]:
    """The images of service revisions, by ARN."""
    return {each["serviceRevisionArn"]: images_in(each) for each in revisions(client, revision_arns)}


def revisions(client: "ECSClient", arns: Sequence[str]) -> Iterator["ServiceRevisionTypeDef"]:
    """Those that ECS still describes."""
    for first in range(0, len(arns), _REVISIONS):
        batch = list(arns[first : first + _REVISIONS])
        yield from client.describe_service_revisions(serviceRevisionArns=batch)["serviceRevisions"]


def images_in(revision: Mapping[str, Any]) -> tuple[Image, ...]:
    found = revision.get("containerImages", ())
    return tuple(Image(each["containerName"], each.get("image", ""), each.get("imageDigest", "")) for each in found)


def names_by_tasks(client: "ECSClient", cluster_arn: str, family: str, image: str) -> list[str]:
    """The names of the services with a running task of the family or, if none has one, of the image's repository.

    Raises:
        Permanent: the cluster has more tasks than are looked through for one run.
    """
    of_family = sorted({name for name, _ in _tasks(client, cluster=cluster_arn, family=family)})
    if of_family or not image:
        return of_family
    wanted = repository(image)
    return sorted({name for name, found in _tasks(client, cluster=cluster_arn) if wanted in map(repository, found)})


def _tasks(client: "ECSClient", **where: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The service and the images of each running task of a service."""
    page: dict[str, Any] = {}
    for _ in range(_PAGES):
        listed = client.list_tasks(**where, maxResults=_TASKS, **page)  # type: ignore[arg-type] # cluster and family
        if listed["taskArns"]:
            answer = client.describe_tasks(cluster=where["cluster"], tasks=listed["taskArns"])
            yield from (_of_task(each) for each in answer["tasks"] if each.get("group", "").startswith(_OF_SERVICE))
        if not (token := listed.get("nextToken")):
            return
        page = {"nextToken": token}
    raise Permanent(f"{where['cluster']} has more than {_PAGES * _TASKS} tasks to look through")


def _of_task(raw: Any) -> tuple[str, Sequence[str]]:
    return raw["group"].removeprefix(_OF_SERVICE), [each.get("image", "") for each in raw.get("containers", ())]
