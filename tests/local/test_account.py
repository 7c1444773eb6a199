"""The emulated account as a whole: the emulator, the local Fargate, the bus and the schedules together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import detached
from local.account import AccountInUse, LocalAccount
from local.aws import Endpoints
from local.bus import RULES_KEPT_SECONDS
from local.emulator import healthy
from local.lock import holder
from local.root import ROOT

pytestmark = pytest.mark.emulator

TEMPLATE = """
Resources:
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: jobs}}
  Publish:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: publish
      GroupName: !Ref Group
      ScheduleExpression: cron(0 2 * * ? *)
      ScheduleExpressionTimezone: Europe/London
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: !Sub arn:aws:ecs:${AWS::Region}:${AWS::AccountId}:cluster/app-prod
        RoleArn: arn:aws:iam::111122223333:role/publish
        Input: '{"containerOverrides":[{"name":"web","command":["python","manage.py","check"]}]}'
        EcsParameters:
          TaskDefinitionArn: webapp
          LaunchType: FARGATE
          NetworkConfiguration:
            AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1], AssignPublicIp: DISABLED}
  Stopped: {Type: AWS::SQS::Queue, Properties: {QueueName: stopped}}
  Deployed: {Type: AWS::SQS::Queue, Properties: {QueueName: deployed}}
  StoppedRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.ecs]
        detail-type: [ECS Task State Change]
        detail: {lastStatus: [STOPPED], startedBy: [{prefix: chronos-schedule/}]}
      Targets: [{Id: queue, Arn: !GetAtt Stopped.Arn}]
  DeployedRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.ecs]
        detail-type: [ECS Deployment State Change]
        resources: [{prefix: "arn:aws:ecs:eu-west-2:111122223333:service/app-prod/"}]
      Targets: [{Id: queue, Arn: !GetAtt Deployed.Arn}]
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    """An account with a small stack in it, a service and release 1 of the site."""
    with LocalAccount(tmp_path_factory.mktemp("account")) as running:
        formation = running.clients.cloudformation
        formation.create_stack(StackName="jobs", TemplateBody=TEMPLATE)
        formation.get_waiter("stack_create_complete").wait(StackName="jobs", WaiterConfig={"Delay": 1})
        running.fargate.rollouts.seconds = 0.1
        running.pipeline.create_service(running.pipeline.register_release(1))
        yield running


def received(account: LocalAccount, queue: str) -> list[Any]:
    """Receive and delete all messages of a queue."""
    url = account.clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found: list[Any] = []
    while messages := account.clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            account.clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_lost_properties_of_a_schedule_are_restored(account: LocalAccount) -> None:
    def schedule() -> Any:
        return account.clients.scheduler.get_schedule(GroupName="jobs", Name="publish")

    assert "awsvpcConfiguration" not in schedule()["Target"]["EcsParameters"].get("NetworkConfiguration", {})
    assert account.repair_schedules() == 1
    network = schedule()["Target"]["EcsParameters"]["NetworkConfiguration"]["awsvpcConfiguration"]
    assert network == {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
    assert schedule()["ScheduleExpressionTimezone"] == "Europe/London"
    assert account.repair_schedules() == 0


def test_a_run_reaches_the_targets_of_the_rules_that_match_and_no_others(account: LocalAccount) -> None:
    account.repair_schedules()
    assert account.settled(10)
    received(account, "deployed")
    fired = account.scheduler.fire("jobs", "publish")
    task = account.wait_until_stopped(fired.tasks[0], 60)
    assert (task.stop_code, task.containers[0].exit_code) == ("EssentialContainerExited", 0)
    assert account.task_log(task.arn) == ["System check identified no issues (0 silenced)."]
    (event,) = received(account, "stopped")
    assert (event["detail"]["taskArn"], event["detail"]["startedBy"]) == (task.arn, "chronos-schedule/publish")
    assert received(account, "deployed") == []


def test_a_run_without_a_matching_rule_reaches_no_target(account: LocalAccount) -> None:
    network: Any = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    override: Any = {"name": "web", "command": ["python", "-V"]}
    answer = account.clients.ecs.run_task(
        cluster="app-prod",
        taskDefinition="webapp",
        networkConfiguration=network,
        overrides={"containerOverrides": [override]},
    )
    account.wait_until_stopped(answer["tasks"][0]["taskArn"], 60)
    assert received(account, "stopped") == []


def test_a_deploy_sends_the_services_events(account: LocalAccount) -> None:
    assert account.settled(10)
    received(account, "deployed")
    revision = account.pipeline.register_release(2)
    account.repair_schedules()
    account.pipeline.move_schedule("jobs", "publish", revision)
    target = account.clients.scheduler.get_schedule(GroupName="jobs", Name="publish")["Target"]
    assert target["EcsParameters"]["TaskDefinitionArn"] == revision
    assert target["EcsParameters"]["NetworkConfiguration"]["awsvpcConfiguration"]["Subnets"] == ["subnet-1"]
    account.pipeline.update_service(revision)
    assert account.settled(10)
    assert [event["detail"]["eventName"] for event in received(account, "deployed")] == [
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
    ]


def test_an_event_that_a_target_rejects_goes_to_the_dead_letter_queue(account: LocalAccount) -> None:
    queue = account.clients.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    queue_arn = account.clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    gone = "arn:aws:lambda:eu-west-2:111122223333:function:gone"
    account.clients.events.put_rule(Name="lost", EventPattern='{"source": ["aws.test"]}')
    account.clients.events.put_targets(
        Rule="lost", Targets=[{"Id": "gone", "Arn": gone, "DeadLetterConfig": {"Arn": queue_arn["QueueArn"]}}]
    )
    time.sleep(RULES_KEPT_SECONDS)
    event = {"source": "aws.test", "detail-type": "x", "detail": {}, "account": "111122223333", "region": "eu-west-2"}
    account.bus.publish({"id": "1", "version": "0", "time": "2026-05-06T11:00:00Z", "resources": [], **event})
    assert account.bus.idle(10)
    assert "Function not found" in account.bus.journal()[-1].error
    assert [event["source"] for event in received(account, "dead-letters")] == ["aws.test"]


def test_a_directory_holds_one_account(account: LocalAccount) -> None:
    with pytest.raises(AccountInUse, match="Stop it first"), LocalAccount(account.state):
        raise AssertionError("two accounts in one directory")


def test_functions_reach_the_local_ecs(account: LocalAccount) -> None:
    environment = account.endpoints.environment()
    assert environment["AWS_ENDPOINT_URL_ECS"] == account.fargate.url
    assert environment["AWS_ACCESS_KEY_ID"] == "111122223333"
    assert account.clients.of("sts").get_caller_identity()["Account"] == "111122223333"


def test_up_and_down_leave_nothing(tmp_path: Path) -> None:
    lines: list[str] = []
    running, started = detached.up(lines.append, tmp_path)
    assert started
    assert "Successfully created/updated stack - cronmend in eu-west-2" in lines
    assert detached.up(lines.append, tmp_path) == (running, False)
    assert detached.status(tmp_path) == running
    assert detached.down(tmp_path)
    assert ended(detached.endpoints(running))
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(running.messages, timeout=5)  # noqa: S310 - the account's own loopback
    assert detached.status(tmp_path) is None
    assert not detached.down(tmp_path)


def test_an_account_whose_process_is_killed_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from local.account import LocalAccount\n"
        "with LocalAccount(Path(sys.argv[1])) as account:\n"
        "    print(account.endpoints.aws, flush=True)\n"
        "    time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "account")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - written above
        assert parent.stdout
        endpoints = Endpoints(aws=parent.stdout.readline().strip(), ecs="")
        assert healthy(endpoints)
        parent.send_signal(signal.SIGKILL)
    assert ended(endpoints)


def test_an_interrupted_start_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if "sam build" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detached.up(interrupt, tmp_path)
    assert detached.status(tmp_path) is None
    assert not detached.down(tmp_path)


def test_an_interrupted_start_ends_a_process_that_does_not_react(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def freeze(_: str) -> None:
        pid = holder(tmp_path / detached.LOCK)
        assert pid
        monkeypatch.setattr(detached, "DOWN_SECONDS", 1)
        os.kill(pid, signal.SIGSTOP)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detached.up(freeze, tmp_path)
    assert holder(tmp_path / detached.LOCK) is None


def ended(endpoints: Endpoints) -> bool:
    """Whether the emulator stops answering, within the time that its guard needs."""
    deadline = time.monotonic() + 10
    while healthy(endpoints) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not healthy(endpoints)
