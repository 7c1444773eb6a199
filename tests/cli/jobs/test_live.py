from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from cli.jobs.answers import Answer, Home
from cli.jobs.differences import api_schedule
from cli.jobs.job import Job, jobs_of
from cli.jobs.live import problems
from cronmend.errors import Permanent
from tests.cli.jobs.samples import parsed, with_job

HOME = Home("111122223333", "eu-west-2")
EXECUTION, TASK, SCHEDULER = (HOME.arn("iam", f"role/{name}") for name in ("execution", "task", "scheduler"))
QUEUE = HOME.arn("sqs", "dead-letters")
WEBAPP = {
    "taskDefinitionArn": HOME.arn("ecs", "task-definition/webapp:12"),
    "family": "webapp",
    "revision": 12,
    "status": "ACTIVE",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "executionRoleArn": EXECUTION,
    "taskRoleArn": TASK,
    "containerDefinitions": [
        {
            "name": "web",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/ecs/webapp", "awslogs-stream-prefix": "web"},
            },
        },
        {"name": "sidecar"},
    ],
}


@dataclass
class FakeAccount:
    definitions: dict[str, Any] = field(default_factory=lambda: {"webapp": deepcopy(WEBAPP)})
    clusters: dict[str, Any] = field(default_factory=lambda: {"app-prod": {"status": "ACTIVE"}})
    subnets: dict[str, Any] = field(default_factory=lambda: {"subnet-0d0eab1bb38d5ca64": {"VpcId": "vpc-1"}})
    queues: dict[str, Any] = field(default_factory=lambda: {QUEUE: {}})
    groups: dict[str, Any] = field(default_factory=lambda: {"/ecs/webapp": {}})
    roles: dict[str, Any] = field(default_factory=lambda: {EXECUTION: {}, TASK: {}, SCHEDULER: {}})
    refused: set[str] = field(default_factory=set)
    closed: bool = False

    def task_definition(self, reference: str) -> Answer | None:
        return self.definitions.get(reference)

    def cluster(self, reference: str) -> Answer | None:
        if self.closed:
            raise Permanent("AccessDenied")
        return self.clusters.get(reference)

    def subnet(self, name: str) -> Answer | None:
        return self.subnets.get(name)

    def queue(self, arn: str) -> Answer | None:
        return self.queues.get(arn)

    def log_group(self, name: str) -> Answer | None:
        return self.groups.get(name)

    def role(self, arn: str) -> Answer | None:
        return self.roles.get(arn)

    def denied(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
        return action in self.refused


def job(*lines: str) -> Job:
    return jobs_of(parsed(with_job(*lines)))[0]


def found(account: FakeAccount, *lines: str, deployed: bool = True) -> list[tuple[str, str]]:
    wanted = job(*lines)
    schedule = api_schedule(wanted, HOME, SCHEDULER, QUEUE) if deployed else None
    return [(key, problem) for key, problem, _ in problems(wanted, account, HOME, schedule)]


def test_an_account_with_all_resources() -> None:
    assert found(FakeAccount()) == []
    assert found(FakeAccount(), deployed=False) == []
    assert found(FakeAccount(), 'roles = ["execution", "task"]') == []


def broken(**changes: Any) -> FakeAccount:
    account = FakeAccount()
    account.definitions["webapp"] |= changes
    return account


@pytest.mark.parametrize(
    ("account", "key", "message"),
    [
        (FakeAccount(definitions={}), "task_definition", "webapp has no ACTIVE revision"),
        (broken(status="INACTIVE"), "task_definition", "is INACTIVE"),
        (broken(networkMode="bridge"), "task_definition", "has the network mode bridge, but Fargate needs awsvpc"),
        (broken(requiresCompatibilities=["EC2"]), "launch_type", "is for EC2"),
        (broken(containerDefinitions=[{"name": "app"}]), "container", "webapp:12 has no container web"),
        (broken(containerDefinitions=[{"name": "web"}]), "container", "the log driver is not set"),
        (FakeAccount(groups={}), "container", "log group /ecs/webapp doesn't exist"),
        (FakeAccount(clusters={}), "cluster", "app-prod doesn't exist"),
        (FakeAccount(clusters={"app-prod": {"status": "INACTIVE"}}), "cluster", "app-prod is INACTIVE"),
        (FakeAccount(subnets={}), "subnets", "subnet-0d0eab1bb38d5ca64 doesn't exist"),
        (FakeAccount(queues={}), "schedule", "dead-letter queue"),
        (FakeAccount(queues={QUEUE: {"FifoQueue": "true"}}), "schedule", "FIFO"),
        (FakeAccount(roles={EXECUTION: {}, TASK: {}}), "schedule", f"its role {SCHEDULER} doesn't exist"),
        (FakeAccount(roles={EXECUTION: {}, SCHEDULER: {}}), "task_definition", f"its role {TASK} doesn't exist"),
        (FakeAccount(refused={"ecs:RunTask"}), "schedule", "isn't allowed ecs:RunTask on"),
        (FakeAccount(refused={"sqs:SendMessage"}), "schedule", f"isn't allowed sqs:SendMessage on {QUEUE}"),
        (FakeAccount(closed=True), "schedule", "couldn't be checked: AccessDenied"),
    ],
)
def test_a_missing_resource_is_reported_at_its_key(account: FakeAccount, key: str, message: str) -> None:
    ((reported_at, problem),) = found(account)
    assert reported_at == key
    assert message in problem


def test_a_role_that_can_pass_neither_role_is_reported_for_both() -> None:
    assert len(found(FakeAccount(refused={"iam:PassRole"}))) == 2


def test_roles_that_leave_out_one_that_the_task_needs() -> None:
    ((key, problem),) = found(FakeAccount(), 'roles = ["execution"]', deployed=False)
    assert (key, TASK in problem) == ("roles", True)


def test_subnets_of_two_networks() -> None:
    account = FakeAccount(subnets={"subnet-1": {"VpcId": "vpc-1"}, "subnet-2": {"VpcId": "vpc-2"}})
    ((key, problem),) = found(account, 'subnets = ["subnet-1", "subnet-2"]')
    assert (key, problem) == ("subnets", "the subnets are in several VPCs")
