"""ECS's services and their deployments, from canned answers in the shapes of botocore's model."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServiceFamilies, EcsServices
from cronmend.deploys import Deployment, Image, Pause, Progress, Release, Service
from cronmend.errors import Denied
from cronmend.model import Missing, TaskDefinitionRef
from tests.fakes import later
from tests.samples import CLUSTER


def test_services_are_found_by_family_in_batches_of_ten() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    arns = [f"{CLUSTER.replace('cluster/', 'service/')}/s{n}" for n in range(11)]
    with Stubber(client) as stub:
        stub.add_response("list_services", {"serviceArns": arns}, {"cluster": CLUSTER, "maxResults": 100})
        stub.add_response("describe_services", {"services": [described("s0", "webapp:2"), described("s1", "other:9")]})
        gone = {**described("s10", "webapp:1"), "status": "DRAINING"}
        stub.add_response("describe_services", {"services": [gone]}, {"cluster": CLUSTER, "services": arns[10:]})
        asked = {"cluster": CLUSTER, "service": "s0", "createdAt": {"after": later(-14)}, "maxResults": 100}
        stub.add_response("list_service_deployments", {"serviceDeployments": []}, asked)
        found = EcsServices(client).running(CLUSTER, "webapp")
    assert not isinstance(found, Missing)
    assert [(each.name, str(each.primary.task_definition), each.primary.rollout) for each in found] == [
        ("s0", "webapp:2", "COMPLETED")
    ]


def one_service(stub: Stubber) -> None:
    stub.add_response("list_services", {"serviceArns": [f"{CLUSTER.replace('cluster/', 'service/')}/web"]})
    current = [{"arn": REVISION, "runningTaskCount": 2}]
    stub.add_response(
        "describe_services", {"services": [{**described("web", "webapp:1"), "currentServiceRevisions": current}]}
    )


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


def described_to(stub: Stubber, deployment: Any) -> None:
    """ECS describes the latest deployment."""
    asked = {"serviceDeploymentArns": [BRIEFS[1]["serviceDeploymentArn"]]}
    whole = {key: value for key, value in deployment.items() if key != "targetServiceRevisionArn"}
    stub.add_response("describe_service_deployments", {"serviceDeployments": [whole]}, asked)


def test_the_latest_deployment_shows_a_rollback_and_the_images() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        stub.add_response("list_service_deployments", {"serviceDeployments": BRIEFS})
        alarms: Any = {"alarms": {"status": "TRIGGERED", "triggeredAlarmNames": ["errors"]}}
        described_to(stub, {**BRIEFS[1], **alarms})
        images: Any = [
            {"containerName": "web", "imageDigest": "sha256:1", "image": "site:prod"},
            {"containerName": "x"},
        ]
        revision: Any = {"serviceRevisionArn": REVISION, "containerImages": images}
        stub.add_response("describe_service_revisions", {"serviceRevisions": [revision]})
        services = EcsServices(client)
        found = services.running(CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        release = found[0].release
        assert isinstance(release, Release)
        assert (release.progress, release.finished_at) == (Progress.ROLLED_BACK, later(-3))
        assert release.alarms == ("errors",)
        assert services.images(found[0]) == (Image("web", "site:prod", "sha256:1"), Image("x"))


def test_in_the_bake_time_the_images_are_those_of_the_new_revision() -> None:
    """Two revisions run as many tasks, and only the deployment shows which of them serves."""
    client = boto3.client("ecs", region_name="eu-west-2")
    target = f"{REVISION}2"
    baking = Release("IN_PROGRESS", later(-9), revision_arn=target, stage="BAKE_TIME")
    primary = Deployment(TaskDefinitionRef("webapp", 2), "", later(-9), later(-9))
    web = Service("web", primary, release=baking, revision_arn=f"{REVISION}1", images=(Image("web", "site:1"),))
    with Stubber(client) as stub:
        revisions(stub, {2: "site:2"})
        assert EcsServices(client).images(web) == (Image("web", "site:2", "sha256:2"),)
    starting = replace(web, release=replace(baking, stage="SCALE_UP"))
    assert EcsServices(client).images(starting) == web.images


def test_without_a_deployment_history_the_current_deployments_are_known() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client).running(CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        assert found[0].release is None
        assert found[0].serving_revision == REVISION


def test_a_services_families_are_those_of_all_its_deployments() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        moving = described("web", "site:1")
        moving["deployments"].append({**described("web", "webapp:9")["deployments"][0], "status": "ACTIVE"})
        stub.add_response("describe_services", {"services": [moving]})
        assert EcsServiceFamilies(client).of_service(CLUSTER, "web") == [
            TaskDefinitionRef("site", 1),
            TaskDefinitionRef("webapp", 9),
        ]


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


# Deployments ---------------------------------------------------------------------------------------------------


def released(*briefs: Any, **whole: Any) -> Any:
    """The release of a service whose latest deployment is described so; of none, if it needs no description."""
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        stub.add_response("list_service_deployments", {"serviceDeployments": list(briefs)})
        if whole:
            described_to(stub, {**briefs[-1], **whole})
        found = EcsServices(client).running(CLUSTER, "webapp")
        stub.assert_no_pending_responses()
    assert not isinstance(found, Missing)
    return found[0].release


GOING_ON = {key: value for key, value in BRIEFS[1].items() if key not in {"finishedAt", "statusReason"}}
GOING_ON |= {"status": "IN_PROGRESS"}
GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1440}


def test_a_deployment_that_succeeded_is_not_described() -> None:
    assert released(BRIEFS[0]) == Release("SUCCESSFUL", later(-900), later(-895), REVISION)


def test_a_rolling_deployment_is_as_old_as_it_is() -> None:
    found = released(GOING_ON, updatedAt=later(-1), lifecycleStage="SCALE_UP")
    assert (found.stage, found.moved_at, found.weight, found.serves) == ("SCALE_UP", None, 0, False)


def test_a_deployment_with_stages_counts_from_its_latest_change() -> None:
    found = released(GOING_ON, updatedAt=later(-1), lifecycleStage="BAKE_TIME", deploymentConfiguration=GREEN)
    assert (found.stage, found.moved_at, found.serves) == ("BAKE_TIME", later(-1), True)


@pytest.mark.parametrize(("weight", "serves"), [(0.0, False), (5.0, True)])
def test_a_canary_serves_with_the_first_percent(weight: float, serves: bool) -> None:
    target = {"arn": REVISION, "requestedProductionTrafficWeight": weight}
    found = released(
        GOING_ON,
        lifecycleStage="PRODUCTION_TRAFFIC_SHIFT",
        targetServiceRevision=target,
        deploymentConfiguration={"strategy": "CANARY"},
    )
    assert (found.weight, found.serves) == (weight, serves)


def test_the_weight_of_a_rolling_deployment_does_not_count() -> None:
    target = {"arn": REVISION, "requestedProductionTrafficWeight": 100.0}
    assert not released(GOING_ON, targetServiceRevision=target).serves


def test_a_hook_that_waits_is_a_pause() -> None:
    hooks: list[dict[str, Any]] = [
        {"hookId": "h1", "targetType": "AWS_LAMBDA", "status": "SUCCEEDED"},
        {"hookId": "h2", "targetType": "PAUSE", "status": "AWAITING_ACTION", "expiresAt": later(1440)},
    ]
    found = released(GOING_ON, lifecycleStage="POST_SCALE_UP", lifecycleHookDetails=hooks, updatedAt=later(-2))
    assert (found.pause, found.moved_at) == (Pause(later(1440), "ROLLBACK"), later(-2))
    goes_on = [{**hooks[1], "timeoutAction": "CONTINUE"}]
    assert released(GOING_ON, lifecycleHookDetails=goes_on).pause == Pause(later(1440), "CONTINUE")
    assert released(GOING_ON, lifecycleHookDetails=hooks[:1]).pause is None


def test_a_deployment_that_was_stopped_ended_when_it_stopped() -> None:
    stopped = {**GOING_ON, "status": "STOPPED"}
    found = released(stopped, stoppedAt=later(-2))
    assert (found.progress, found.finished_at) == (Progress.STOPPED, later(-2))


def test_all_pages_of_the_history_are_read_in_whatever_order() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        asked = {"cluster": CLUSTER, "service": "web", "createdAt": {"after": later(-14)}, "maxResults": 100}
        older = {**BRIEFS[0], "createdAt": later(-10)}
        newer = {**BRIEFS[0], "createdAt": later(-5), "finishedAt": later(-1)}
        for briefs, token in (([older], "2"), ([newer], "3"), ([older], "")):
            stub.add_response(
                "list_service_deployments",
                {"serviceDeployments": briefs, **({"nextToken": token} if token else {})},
                asked,
            )
            asked = {**asked, "nextToken": token}
        found = EcsServices(client).running(CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        assert found[0].release == Release("SUCCESSFUL", later(-5), later(-1), REVISION)


def test_a_history_without_an_end_is_missing_with_its_reason() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        one_service(stub)
        for _ in range(3):
            stub.add_response("list_service_deployments", {"serviceDeployments": BRIEFS, "nextToken": "more"})
        found = EcsServices(client).running(CLUSTER, "webapp")
    assert not isinstance(found, Missing)
    assert found[0].release == Missing("web has had more than 300 deployments since 2026-05-06")


def test_only_the_service_that_was_deployed_last_has_its_history_read() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    older = described("worker", "webapp:1")
    older["deployments"][0] |= {"createdAt": later(-90), "updatedAt": later(-85)}
    with Stubber(client) as stub:
        stub.add_response("list_services", {"serviceArns": ["arn:aws:ecs:worker", "arn:aws:ecs:web"]})
        stub.add_response("describe_services", {"services": [older, described("web", "webapp:1")]})
        stub.add_response("list_service_deployments", {"serviceDeployments": [BRIEFS[0]]})
        found = EcsServices(client).running(CLUSTER, "webapp")
    assert not isinstance(found, Missing)
    assert [each.release is None for each in found] == [True, False]


# Images --------------------------------------------------------------------------------------------------------

SITE = "111122223333.dkr.ecr.eu-west-2.amazonaws.com/site"
OTHER_CLUSTER = CLUSTER.replace("app-prod", "jobs-prod")


def in_cluster(stub: Stubber, cluster: str, *services: dict[str, Any]) -> None:
    arns = [f"{cluster.replace('cluster/', 'service/')}/{each['serviceName']}" for each in services]
    stub.add_response("list_services", {"serviceArns": arns}, {"cluster": cluster, "maxResults": 100})
    if arns:
        stub.add_response("describe_services", {"services": list(services)}, {"cluster": cluster, "services": arns})


def with_revision(name: str, revision: str, number: int) -> dict[str, Any]:
    current = [
        {"arn": f"{REVISION}{number}9", "runningTaskCount": 1},
        {"arn": f"{REVISION}{number}", "runningTaskCount": 2},
    ]
    return {**described(name, revision), "currentServiceRevisions": current}


def revisions(stub: Stubber, images: Mapping[int, str]) -> None:
    answer: Any = [
        {
            "serviceRevisionArn": f"{REVISION}{number}",
            "containerImages": [{"containerName": "web", "image": image, "imageDigest": f"sha256:{number}"}],
        }
        for number, image in images.items()
    ]
    asked = {"serviceRevisionArns": [f"{REVISION}{number}" for number in images]}
    stub.add_response("describe_service_revisions", {"serviceRevisions": answer}, asked)


def test_without_a_service_of_the_family_those_of_the_image_count() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        in_cluster(stub, CLUSTER, with_revision("web", "webapp:1", 1), with_revision("api", "api:3", 2))
        revisions(stub, {1: f"{SITE}:41", 2: "111122223333.dkr.ecr.eu-west-2.amazonaws.com/api:3"})
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client).running(CLUSTER, "cron", f"{SITE}:42")
        assert not isinstance(found, Missing)
        (web,) = found
        assert (web.name, web.images) == ("web", (Image("web", f"{SITE}:41", "sha256:1"),))
        assert EcsServices(client).images(web) == web.images
        stub.assert_no_pending_responses()


def test_a_service_of_the_family_in_the_runs_cluster_needs_no_other_cluster_and_no_image() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        in_cluster(stub, CLUSTER, with_revision("web", "webapp:1", 1))
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client, (CLUSTER, OTHER_CLUSTER)).running(CLUSTER, "webapp", f"{SITE}:42")
        assert not isinstance(found, Missing)
        assert [(each.name, each.cluster_arn) for each in found] == [("web", CLUSTER)]


def test_jobs_and_services_may_live_in_two_clusters() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        in_cluster(stub, OTHER_CLUSTER)
        in_cluster(stub, CLUSTER, with_revision("web", "webapp:1", 1))
        stub.add_response(
            "list_service_deployments",
            {"serviceDeployments": []},
            {"cluster": CLUSTER, "service": "web", "createdAt": {"after": later(-14)}, "maxResults": 100},
        )
        found = EcsServices(client, (CLUSTER, OTHER_CLUSTER)).running(OTHER_CLUSTER, "webapp")
        assert not isinstance(found, Missing)
        assert [(each.name, each.cluster_arn) for each in found] == [("web", CLUSTER)]


def test_an_image_is_looked_for_in_all_watched_clusters() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        in_cluster(stub, OTHER_CLUSTER, with_revision("tools", "tools:1", 2))
        in_cluster(stub, CLUSTER, with_revision("web", "webapp:1", 1))
        revisions(stub, {2: "tools:1", 1: f"{SITE}:41"})
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client, (CLUSTER,)).running(OTHER_CLUSTER, "cron", f"{SITE}:42")
        assert not isinstance(found, Missing)
        assert [each.name for each in found] == ["web"]


def test_an_image_of_its_own_has_no_service() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        in_cluster(stub, CLUSTER, with_revision("web", "webapp:1", 1))
        revisions(stub, {1: f"{SITE}:41"})
        assert EcsServices(client).running(CLUSTER, "cron", "reports:7") == ()


def tasks_of(stub: Stubber, tasks: Sequence[tuple[str, str]], token: str = "", **where: Any) -> None:
    """A page of tasks, each with its group and its image."""
    arns = [f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{number}" for number, _ in enumerate(tasks)]
    listed = {"taskArns": arns, **({"nextToken": token} if token else {})}
    stub.add_response("list_tasks", listed, {"cluster": CLUSTER, "maxResults": 100, **where})
    if arns:
        found: Any = [{"group": group, "containers": [{"image": image}]} for group, image in tasks]
        stub.add_response("describe_tasks", {"tasks": found}, {"cluster": CLUSTER, "tasks": arns})


def many_services(stub: Stubber) -> None:
    arns = [f"{CLUSTER.replace('cluster/', 'service/')}/s{number}" for number in range(100)]
    stub.add_response("list_services", {"serviceArns": arns})


def test_of_a_hundred_services_only_those_are_described_whose_tasks_run_the_family() -> None:
    """Five calls, and no more with a thousand services."""
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        many_services(stub)
        tasks_of(stub, [("service:web", f"{SITE}:41"), ("family:webapp", f"{SITE}:41")], family="webapp")
        stub.add_response(
            "describe_services",
            {"services": [with_revision("web", "webapp:1", 1)]},
            {"cluster": CLUSTER, "services": ["web"]},
        )
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client).running(CLUSTER, "webapp", f"{SITE}:42")
        assert not isinstance(found, Missing)
        assert [each.name for each in found] == ["web"]
        stub.assert_no_pending_responses()


def test_of_a_hundred_services_only_those_are_described_whose_tasks_run_the_image() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        many_services(stub)
        tasks_of(stub, [], family="cron")
        tasks_of(stub, [("service:api", "api:3"), ("service:web", f"{SITE}:41")], token="2")
        tasks_of(stub, [("service:web", f"{SITE}:41")], nextToken="2")
        stub.add_response("describe_services", {"services": [with_revision("web", "webapp:1", 1)]})
        revisions(stub, {1: f"{SITE}:41"})
        stub.add_response("list_service_deployments", {"serviceDeployments": []})
        found = EcsServices(client).running(CLUSTER, "cron", f"{SITE}:42")
        assert not isinstance(found, Missing)
        assert [each.name for each in found] == ["web"]
        stub.assert_no_pending_responses()


def test_a_cluster_with_more_tasks_than_are_read_is_missing_and_not_empty() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        many_services(stub)
        tasks_of(stub, [], family="cron")
        tasks_of(stub, [("service:api", "api:3")], token="2")
        tasks_of(stub, [("service:api", "api:3")], token="3", nextToken="2")
        found = EcsServices(client).running(CLUSTER, "cron", f"{SITE}:42")
    assert found == Missing(f"{CLUSTER} has more than 200 tasks to look through")


# Task sets -----------------------------------------------------------------------------------------------------


def task_set(revision: int, status: str, created: float, stability: str = "STEADY_STATE") -> dict[str, Any]:
    return {
        "status": status,
        "taskDefinition": f"arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:{revision}",
        "createdAt": later(created),
        "updatedAt": later(created + 1),
        "stabilityStatus": stability,
    }


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
@pytest.mark.parametrize(
    ("sets", "rollout"),
    [
        pytest.param([task_set(1, "PRIMARY", -90), task_set(2, "ACTIVE", -9)], "IN_PROGRESS", id="the new set waits"),
        pytest.param([task_set(1, "ACTIVE", -90), task_set(2, "PRIMARY", -9)], "COMPLETED", id="the new set serves"),
        pytest.param([task_set(1, "DRAINING", -90), task_set(2, "PRIMARY", -9)], "COMPLETED", id="the old one drains"),
        pytest.param([task_set(2, "PRIMARY", -9, "STABILIZING")], "IN_PROGRESS", id="its tasks are starting"),
    ],
)
def test_the_task_sets_of_another_controller_are_deployments(
    controller: str, sets: list[dict[str, Any]], rollout: str
) -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    raw = {"serviceName": "web", "status": "ACTIVE", "deployments": [], "taskSets": sets}
    with Stubber(client) as stub:
        stub.add_response("list_services", {"serviceArns": ["arn:aws:ecs:web"]})
        stub.add_response("describe_services", {"services": [{**raw, "deploymentController": {"type": controller}}]})
        found = EcsServices(client).running(CLUSTER, "webapp")
    assert not isinstance(found, Missing)
    (service,) = found
    assert (str(service.primary.task_definition), service.primary.rollout) == ("webapp:2", rollout)
    assert service.release is None


# Denials -------------------------------------------------------------------------------------------------------

DEPLOYED = Service(
    "web",
    Deployment(TaskDefinitionRef("webapp", 1), "COMPLETED", later(-9), later(-9)),
    release=Release("SUCCESSFUL", later(-9), later(-5), REVISION),
)


def services_of(client: Any) -> Any:
    return EcsServices(client).running(CLUSTER, "webapp")


READS: Mapping[str, tuple[Sequence[str], Callable[[Any], Any]]] = {
    "DescribeTaskDefinition": ((), lambda client: EcsTaskDefinitions(client).get("webapp:1")),
    "ListServices": ((), services_of),
    "DescribeServices": (("ListServices",), services_of),
    "ListTasks": (("ManyServices",), services_of),
    "DescribeTasks": (("ManyServices", "ListTasks"), services_of),
    "ListServiceDeployments": (("ListServices", "DescribeServices"), lambda client: services_of(client)[0].release),
    "DescribeServiceDeployments": (
        ("ListServices", "DescribeServices", "ListServiceDeployments"),
        lambda client: services_of(client)[0].release,
    ),
    "DescribeServiceRevisions": ((), lambda client: EcsServices(client).images(DEPLOYED)),
}
"""Each call that reads the state of a deploy: the calls before it, and what makes them."""
BEFORE: Mapping[str, Any] = {
    "ListServices": {"serviceArns": [f"{CLUSTER.replace('cluster/', 'service/')}/web"]},
    "DescribeServices": {"services": [described("web", "webapp:1")]},
    "ListServiceDeployments": {"serviceDeployments": BRIEFS},
    "ManyServices": {"serviceArns": ["arn:aws:ecs:web"] * 21},
    "ListTasks": {"taskArns": ["arn:aws:ecs:task"]},
}


@pytest.mark.parametrize("operation", READS)
def test_a_denied_read_is_missing_logged_and_counted(
    operation: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    before, ask = READS[operation]
    with Stubber(client) as stub:
        for each in before:
            stub.add_response(xform_name(each.replace("Many", "List")), BEFORE[each])
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
