"""The local ECS, called by boto3: tasks really run, and their events have the shape of ECS."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.fargate.container import OUT_OF_MEMORY, PREFIX
from local.fargate.front import LocalFargate
from local.web import LoopbackServer
from tests import ROOT
from tests.local.fakes import CLUSTER_ARN, NETWORK, FakeEmulator, FakeImages, FakeLogs, definition
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_ecs.client import ECSClient

EVENTS = ROOT / "events"
PRINTS = [sys.executable, "-c", "import os; print(os.environ['GREETING']); print(); print(sorted(os.environ))"]
FAILS = [sys.executable, "-c", "raise SystemExit(1)"]
SLEEPS = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]
SERVICE_ARN = "arn:aws:ecs:eu-west-2:111122223333:service/app-prod/web"


class Here:
    """The local ECS with its dependencies, and a client."""

    def __init__(self, tmp_path: Path, emulator: FakeEmulator, url: str) -> None:
        self.emulator = emulator
        self.images = FakeImages(tmp_path)
        self.logs = FakeLogs("/ecs/webapp")
        self.events: list[Mapping[str, Any]] = []
        logs: Any = self.logs
        self.fargate = LocalFargate(url, self.images, logs, self.events.append)
        self.ecs: ECSClient = boto3.client("ecs", endpoint_url=self.fargate.url)

    def run(self, command: list[str], **changes: Any) -> str:
        """The ARN of a new task with this command."""
        self.emulator.definitions["webapp:57"] = definition(command)
        answer = self.ecs.run_task(
            cluster="app-prod", taskDefinition="webapp:57", networkConfiguration=NETWORK, **changes
        )
        assert answer["failures"] == []
        return answer["tasks"][0]["taskArn"]

    def finish(self, arn: str) -> Mapping[str, Any]:
        """The detail of the task's last event."""
        life = self.fargate.store.life(arn)
        assert life
        assert life.join(30)
        detail: Mapping[str, Any] = self.fargate.store.events(arn)[-1]["detail"]
        return detail

    def steps(self, arn: str) -> list[tuple[int, str, str]]:
        details = [event["detail"] for event in self.fargate.store.events(arn)]
        return [(detail["version"], detail["lastStatus"], detail["desiredStatus"]) for detail in details]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    emulator = FakeEmulator()
    with LoopbackServer(emulator) as server:
        surroundings = Here(tmp_path, emulator, server.url)
        with surroundings.fargate:
            yield surroundings
        surroundings.ecs.close()


def sample(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads((EVENTS / "task_stopped" / name).read_text())
    return loaded


def keys(event: Mapping[str, Any]) -> tuple[set[str], set[str], list[set[str]]]:
    detail = event["detail"]
    return set(event), set(detail), [set(container) for container in detail["containers"]]


def test_a_run_and_its_life(here: Here) -> None:
    arn = here.run(PRINTS, startedBy="chronos-schedule/publish")
    detail = here.finish(arn)
    assert here.steps(arn) == [
        (1, "PROVISIONING", "RUNNING"),
        (2, "PENDING", "RUNNING"),
        (3, "RUNNING", "RUNNING"),
        (4, "RUNNING", "STOPPED"),
        (5, "DEPROVISIONING", "STOPPED"),
        (6, "STOPPED", "STOPPED"),
    ]
    assert detail["stopCode"] == "EssentialContainerExited"
    assert detail["containers"][0]["exitCode"] == 0
    assert detail["overrides"] == {"containerOverrides": [{"name": "web"}]}
    assert here.events == list(here.fargate.store.events(arn))


def test_the_environment_is_the_definitions_alone(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THIS_MACHINE", "x")
    arn = here.run(PRINTS)
    here.finish(arn)
    assert here.logs.streams[f"web/web/{arn.rsplit('/', 1)[-1]}"] == [
        "hello",
        " ",
        "['GREETING', 'LANG', 'PATH', 'PYTHONUNBUFFERED']",
    ]


HUNGRY = [sys.executable, "-c", "held = b'x' * (90 << 20); import time; time.sleep(5); print('enough')"]


def test_a_container_that_takes_more_than_the_task_has_is_killed_for_it(here: Here) -> None:
    """The sample has AWS's own texts."""
    detail, expected = (
        here.finish(here.run(HUNGRY, overrides={"cpu": "256", "memory": "64"})),
        sample("out_of_memory.json"),
    )
    container = detail["containers"][0]
    texts = (container["exitCode"], container["reason"], detail["stopCode"], detail["stoppedReason"])
    there = expected["detail"]["containers"][0]
    assert texts == (
        there["exitCode"],
        there["reason"],
        *(expected["detail"][n] for n in ("stopCode", "stoppedReason")),
    )
    assert (detail["cpu"], detail["memory"]) == ("256", "64")


def test_memory_that_is_used_only_between_two_checks_counts(here: Here) -> None:
    brief = [sys.executable, "-c", "held = b'x' * (90 << 20)"]
    container = here.finish(here.run(brief, overrides={"memory": "64"}))["containers"][0]
    assert (container["exitCode"], container["reason"]) == (137, OUT_OF_MEMORY)


def test_a_prefix_can_change_the_speed_of_every_container(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX, """sh -c 'echo first; exec "$@"' sh""")
    arn = here.run([sys.executable, "-c", "print('then')"])
    assert here.finish(arn)["containers"][0]["exitCode"] == 0
    assert here.logs.streams[f"web/web/{arn.rsplit('/', 1)[-1]}"] == ["first", "then"]


def test_the_memory_of_child_processes_counts(here: Here) -> None:
    inner = f"import subprocess; raise SystemExit(subprocess.call({HUNGRY!r}))"
    assert (
        here.finish(here.run([sys.executable, "-c", inner], overrides={"memory": "64"}))["containers"][0]["exitCode"]
        == 137
    )
    brief = [sys.executable, "-c", "held = b'x' * (90 << 20); import time; time.sleep(0.5)"]
    assert "reason" not in here.finish(here.run(brief, overrides={"memory": "512"}))["containers"][0]


def test_an_override_changes_command_and_environment(here: Here) -> None:
    override: Any = {"name": "web", "command": PRINTS, "environment": [{"name": "GREETING", "value": "good day"}]}
    arn = here.run(FAILS, overrides={"containerOverrides": [override]})
    assert here.finish(arn)["overrides"] == {"containerOverrides": [override]}
    assert next(iter(here.logs.streams.values()))[0] == "good day"


def test_the_shape_of_a_failed_run(here: Here) -> None:
    arn = here.run(FAILS, startedBy="chronos-schedule/publish")
    here.finish(arn)
    assert keys(here.fargate.store.events(arn)[-1]) == keys(sample("exit_code_1.json"))


def test_the_shape_of_a_failed_pull(here: Here) -> None:
    here.images.problem = "CannotPullContainerError: … dial tcp 10.0.0.1:443: i/o timeout"
    arn = here.run(PRINTS, startedBy="chronos-schedule/publish")
    detail = here.finish(arn)
    assert detail["stopCode"] == "TaskFailedToStart"
    assert detail["stoppedReason"] == detail["containers"][0]["reason"] == here.images.problem
    assert not {"startedAt", "executionStoppedAt"} & detail.keys()
    assert keys(here.fargate.store.events(arn)[-1]) == keys(sample("cannot_pull.json"))
    assert [version for version, _, _ in here.steps(arn)] == [1, 2, 3, 4]


def test_a_task_does_not_start_without_its_log_group(here: Here) -> None:
    here.logs.groups = ()
    detail = here.finish(here.run(PRINTS))
    assert detail["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args")
    assert "exitCode" not in detail["containers"][0]


def test_a_command_that_is_not_in_the_image(here: Here) -> None:
    detail = here.finish(here.run(["no-such-program"]))
    assert detail["stopCode"] == "TaskFailedToStart"
    assert 'exec: "no-such-program": executable file not found in $PATH' in detail["containers"][0]["reason"]


def test_stop_task(here: Here) -> None:
    arn = here.run(SLEEPS)
    assert until(lambda: any(here.logs.streams.values()))
    stopped = here.ecs.stop_task(cluster="app-prod", task=arn, reason="enough")["task"]
    assert (stopped["desiredStatus"], stopped["stopCode"]) == ("STOPPED", "UserInitiated")
    detail = here.finish(arn)
    assert (detail["stoppedReason"], detail["containers"][0]["exitCode"], detail["version"]) == ("enough", 143, 7)


def test_the_same_client_token_runs_nothing_twice(here: Here) -> None:
    first = here.run(PRINTS, clientToken="a")
    here.finish(first)
    assert here.run(PRINTS, clientToken="a") == first
    assert here.run(PRINTS, clientToken="b") != first
    with pytest.raises(here.ecs.exceptions.ConflictException):
        here.run(PRINTS, clientToken="a", startedBy="someone else")


def test_no_capacity_is_an_answer_with_failures(here: Here) -> None:
    here.emulator.definitions["webapp:57"] = definition(PRINTS)
    here.fargate.refuse_next()
    answer = here.ecs.run_task(cluster="app-prod", taskDefinition="webapp:57", networkConfiguration=NETWORK)
    assert answer["tasks"] == []
    assert answer["failures"][0]["reason"] == "Capacity is unavailable at this time"
    assert here.events == []
    here.finish(here.run(PRINTS))


def test_a_refusal_can_be_for_one_caller(here: Here) -> None:
    here.fargate.refuse_next("RESOURCE:MEMORY", when=lambda request: request.started_by.startswith("cronmend/"))
    here.finish(here.run(PRINTS, startedBy="chronos-schedule/publish"))
    with pytest.raises(AssertionError, match="RESOURCE:MEMORY"):
        here.run(PRINTS, startedBy="cronmend/1f0c")
    here.finish(here.run(PRINTS, startedBy="cronmend/1f0c"))


def test_refusals_reach_boto3_by_their_names(here: Here) -> None:
    with pytest.raises(here.ecs.exceptions.ClientException, match="TaskDefinition not found"):
        here.ecs.run_task(cluster="app-prod", taskDefinition="nothing", networkConfiguration=NETWORK)
    here.emulator.definitions["webapp:57"] = definition(PRINTS)
    with pytest.raises(here.ecs.exceptions.ClusterNotFoundException):
        here.ecs.run_task(cluster="other", taskDefinition="webapp:57", networkConfiguration=NETWORK)


def test_a_family_means_its_latest_active_revision(here: Here) -> None:
    prefix = "arn:aws:ecs:eu-west-2:111122223333:task-definition"
    for name, status in (("webapp:1", "ACTIVE"), ("webapp:2", "INACTIVE"), ("webapp-admin:7", "ACTIVE")):
        arn = f"{prefix}/{name}"
        here.emulator.definitions[arn] = definition(PRINTS, taskDefinitionArn=arn, status=status)
    answer = here.ecs.run_task(cluster="app-prod", taskDefinition="webapp", networkConfiguration=NETWORK)
    assert answer["tasks"][0]["taskDefinitionArn"] == f"{prefix}/webapp:1"


def test_closing_kills_running_tasks_without_events(here: Here) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"
    arn = here.run([sys.executable, "-c", stubborn])
    assert until(lambda: any(here.logs.streams.values()))
    sent, started = len(here.events), time.monotonic()
    here.fargate.close()
    assert time.monotonic() - started < 5
    assert here.fargate.store.tasks()[0].containers[0].exit_code == 137
    assert (len(here.events), here.steps(arn)[-1][1]) == (sent, "STOPPED")


def test_describe_and_list(here: Here) -> None:
    arn = here.run(PRINTS, startedBy="chronos-schedule/publish", tags=[{"key": "a", "value": "b"}])
    here.finish(arn)
    answer = here.ecs.describe_tasks(cluster="app-prod", tasks=[arn, "unknown"], include=["TAGS"])
    (task,) = answer["tasks"]
    assert (task["version"], task["tags"]) == (6, [{"key": "a", "value": "b"}])
    assert task["attachments"][0]["type"] == "ElasticNetworkInterface"
    assert task["stoppedAt"] >= task["createdAt"]
    assert answer["failures"][0]["reason"] == "MISSING"
    listed = here.ecs.list_tasks(cluster="app-prod", desiredStatus="STOPPED", startedBy="chronos-schedule/publish")
    assert listed["taskArns"] == [arn]
    assert here.ecs.list_tasks(cluster="app-prod")["taskArns"] == []
    assert here.ecs.list_tasks(cluster="app-prod", desiredStatus="STOPPED", family="other")["taskArns"] == []


def test_other_calls_go_to_the_emulator(here: Here) -> None:
    assert here.ecs.list_clusters()["clusterArns"] == [CLUSTER_ARN]
    with pytest.raises(here.ecs.exceptions.ClientException, match="no DeleteCluster here"):
        here.ecs.delete_cluster(cluster="app-prod")


def test_events_again_and_out_of_order(here: Here) -> None:
    arn = here.run(PRINTS)
    here.finish(arn)
    sent = len(here.events)
    assert here.fargate.redeliver(arn, "STOPPED", "RUNNING", "STOPPED", "DELETED") == 3
    again = here.events[sent:]
    assert [event["detail"]["lastStatus"] for event in again] == ["STOPPED", "RUNNING", "STOPPED"]
    assert again[0] == again[2]


def test_a_service_deployment_takes_its_time(here: Here) -> None:
    here.emulator.service = {"serviceArn": SERVICE_ARN, "serviceName": "web", "deployments": [{"desiredCount": 1}]}
    here.fargate.rollouts.seconds = 0.05
    here.ecs.create_service(cluster="app-prod", serviceName="web", taskDefinition="webapp:57")
    wait_for(here, 2)
    here.fargate.rollouts.seconds = 0.3
    service = here.ecs.update_service(cluster="app-prod", service="web", taskDefinition="webapp:58")["service"]
    assert deployments(service) == [
        ("PRIMARY", "webapp:58", "IN_PROGRESS"),
        ("ACTIVE", "webapp:57", "COMPLETED"),
    ]
    wait_for(here, 4)
    (service,) = here.ecs.describe_services(cluster="app-prod", services=["web"])["services"]
    assert deployments(service) == [("PRIMARY", "webapp:58", "COMPLETED")]
    assert [event["detail"]["eventName"] for event in here.events[2:]] == [
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
    ]
    expected = json.loads((EVENTS / "deploy_state" / "completed.json").read_text())
    assert (set(here.events[3]), set(here.events[3]["detail"])) == (set(expected), set(expected["detail"]))
    assert here.events[3]["resources"] == [SERVICE_ARN]


def test_a_service_deployment_is_described_by_its_arn(here: Here) -> None:
    here.emulator.service = {"serviceArn": SERVICE_ARN, "serviceName": "web", "deployments": [{"desiredCount": 1}]}
    here.ecs.create_service(cluster="app-prod", serviceName="web", taskDefinition="webapp:57")
    (brief,) = here.ecs.list_service_deployments(cluster="app-prod", service="web")["serviceDeployments"]
    described = here.ecs.describe_service_deployments
    arn = brief["serviceDeploymentArn"]
    (whole,) = described(serviceDeploymentArns=[arn])["serviceDeployments"]
    assert (whole["serviceDeploymentArn"], whole["createdAt"]) == (arn, brief["createdAt"])
    assert described(serviceDeploymentArns=[f"{arn}0"])["serviceDeployments"] == []


def test_an_update_that_changes_no_code_is_no_deployment(here: Here) -> None:
    here.emulator.service = {"serviceArn": SERVICE_ARN, "taskDefinition": "webapp:57", "deployments": [{}]}
    here.ecs.update_service(cluster="app-prod", service="web", desiredCount=3)
    assert here.events == []
    here.ecs.update_service(cluster="app-prod", service="web", forceNewDeployment=True)
    assert len(here.events) == 1


def deployments(service: Any) -> list[tuple[str, str, str]]:
    return [(each["status"], each["taskDefinition"], each["rolloutState"]) for each in service["deployments"]]


def wait_for(here: Here, events: int) -> None:
    until(lambda: len(here.events) >= events)
    assert len(here.events) == events
