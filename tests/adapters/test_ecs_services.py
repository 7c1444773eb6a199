"""ECS's services and their deployments, from canned answers in the shapes of botocore's model."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServiceFamilies, EcsServices
from cronmend.deploys import Deployment, Release, Service
from cronmend.errors import Denied
from cronmend.model import Missing, TaskDefinitionRef
from tests.fakes import later
from tests.samples import CLUSTER


def test_services_are_found_by_family_in_batches_of_ten() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    arns = [f"{CLUSTER.replace('cluster/', 'service/')}/s{n}" for n in range(11)]
    with Stubber(client) as stub:
        stub.add_response("list_services", {"serviceArns": arns})
        stub.add_response("describe_services", {"services": [described("s0", "webapp:2"), described("s1", "other:9")]})
        gone = {**described("s10", "webapp:1"), "status": "DRAINING"}
        stub.add_response("describe_services", {"services": [gone]}, {"cluster": CLUSTER, "services": arns[10:]})
        stub.add_response("list_service_deployments", {"serviceDeployments": []}, {"cluster": CLUSTER, "service": "s0"})
        found = EcsServices(client).of_family(CLUSTER, "webapp")
    assert not isinstance(found, Missing)
    assert [(each.name, str(each.primary.task_definition), each.primary.rollout) for each in found] == [
        ("s0", "webapp:2", "COMPLETED")
    ]


def one_service(stub: Stubber) -> None:
    stub.add_response("list_services", {"serviceArns": [f"{CLUSTER.replace('cluster/', 'service/')}/web"]})
    stub.add_response("describe_services", {"services": [described("web", "webapp:1")]})


DEPLOYMENT = "arn:aws:ecs:eu-west-2:111122223333:service-deployment/app-prod/web"
REVISION = "arn:aws:ecs:eu-west-2:111122223333:service-revision/app-prod/web/3141592653589793238"
BRIEFS: Any = [
    {
        "serviceDeploymentArn": f"{DEPLOYMENT}/aaaaaaaaaaaaaaaaaaaaa",
        "serviceArn": "arn:aws:ecs:eu-west-2:111122223333:service/app-prod/web",
        "clusterArn": CLUSTER,
        "createdAt": later(-900),
        "startedAt": later(-900),
        "finishedAt": later(-895),
        "targetServiceRevisionArn": REVISION,
        "status": "SUCCESSFUL",
    },
    {
        "serviceDeploymentArn": f"{DEPLOYMENT}/bbbbbbbbbbbbbbbbbbbbb",
        "serviceArn": "arn:aws:ecs:eu-west-2:111122223333:service/app-prod/web",
        "clusterArn": CLUSTER,
        "createdAt": later(-9),
        "startedAt": later(-9),
        "finishedAt": later(-3),
        "targetServiceRevisionArn": REVISION,
        "status": "ROLLBACK_SUCCESSFUL",
        "statusReason": "Deployment rolled back by circuit breaker.",
    },
]
"""ECS's answer about a service's deployments after a rollback."""


def test_the_latest_deployment_shows_a_rollback_and_the_images() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        stub.add_response("list_service_deployments", {"serviceDeployments": BRIEFS})
        images: Any = [
            {"containerName": "web", "imageDigest": "sha256:1", "image": "site:prod"},
            {"containerName": "x"},
        ]
        revision: Any = {"serviceRevisionArn": REVISION, "containerImages": images}
        stub.add_response("describe_service_revisions", {"serviceRevisions": [revision]})
        services = EcsServices(client)
        found = services.of_family(CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        release = found[0].release
        assert isinstance(release, Release)
        assert (release.rolled_back, release.finished_at) == (True, later(-3))
        assert services.images(found[0]) == {"web": "sha256:1"}


def test_without_a_deployment_history_the_current_deployments_are_known() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client).of_family(CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        assert found[0].release is None
        assert EcsServices(client).images(found[0]) == {}


def test_a_services_families_are_those_of_all_its_deployments() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        moving = described("web", "site:1")
        moving["deployments"].append({**described("web", "webapp:9")["deployments"][0], "status": "ACTIVE"})
        stub.add_response("describe_services", {"services": [moving]})
        assert EcsServiceFamilies(client).of_service(CLUSTER, "web") == ["site", "webapp"]


def described(name: str, revision: str) -> dict[str, Any]:
    arn = f"arn:aws:ecs:eu-west-2:111122223333:task-definition/{revision}"
    deployment = {
        "status": "PRIMARY",
        "taskDefinition": arn,
        "rolloutState": "COMPLETED",
        "createdAt": later(-9),
        "updatedAt": later(-5),
    }
    return {"serviceName": name, "status": "ACTIVE", "deployments": [deployment]}


# Denials -------------------------------------------------------------------------------------------------------

DEPLOYED = Service(
    "web",
    Deployment(TaskDefinitionRef("webapp", 1), "COMPLETED", later(-9), later(-9)),
    release=Release("SUCCESSFUL", later(-9), later(-5), REVISION),
)


def services_of(client: Any) -> Any:
    return EcsServices(client).of_family(CLUSTER, "webapp")


READS: Mapping[str, tuple[Sequence[str], Callable[[Any], Any]]] = {
    "DescribeTaskDefinition": ((), lambda client: EcsTaskDefinitions(client).get("webapp:1")),
    "ListServices": ((), services_of),
    "DescribeServices": (("ListServices",), services_of),
    "ListServiceDeployments": (("ListServices", "DescribeServices"), lambda client: services_of(client)[0].release),
    "DescribeServiceRevisions": ((), lambda client: EcsServices(client).images(DEPLOYED)),
}
"""Each call that reads the state of a deploy: the calls before it, and what makes them."""
BEFORE: Mapping[str, Any] = {
    "ListServices": {"serviceArns": [f"{CLUSTER.replace('cluster/', 'service/')}/web"]},
    "DescribeServices": {"services": [described("web", "webapp:1")]},
}


@pytest.mark.parametrize("operation", READS)
def test_a_denied_read_is_missing_logged_and_counted(
    operation: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    before, ask = READS[operation]
    with Stubber(client) as stub:
        for each in before:
            stub.add_response(xform_name(each), BEFORE[each])
        stub.add_client_error(xform_name(operation), "AccessDeniedException", "User: … is not authorized")
        assert ask(client) == Missing(f"AWS denied ecs:{operation} to Cronmend's role")
    assert_told(f"ecs:{operation}", caplog, capsys)


def test_every_call_that_the_adapters_declare_is_denied_above() -> None:
    declared = {*EcsTaskDefinitions.permissions, *EcsServices.permissions}
    assert {f"ecs:{operation}" for operation in READS} == declared


def test_a_denied_read_for_an_event_is_logged_and_counted_too(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub, pytest.raises(Denied):
        stub.add_client_error("describe_services", "AccessDeniedException")
        EcsServiceFamilies(client).of_service(CLUSTER, "web")
    assert_told("ecs:DescribeServices", caplog, capsys)


def assert_told(action: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """One line in the log and one in a metric, each with the action."""
    (entry,) = [each for each in caplog.records if each.message == "Permission denied"]
    assert (entry.levelname, entry.__dict__["action"]) == ("WARNING", action)
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "PermissionsDenied" in line]
    assert [(each["PermissionsDenied"], each["action"]) for each in counted] == [([1.0], action)]
