"""A team's deploy pipeline: register a revision, move the schedule, update the service."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.aws import CLUSTER, REGION, Clients
from local.fargate import ages
from local.registry import reference
from local.schedules import update_request

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import AwsVpcConfigurationTypeDef

FAMILY = "webapp"
CONTAINER = "web"
SERVICE = "web"
REPOSITORY = "site"
LOG_GROUP = "/ecs/webapp"
STREAM_PREFIX = "web"
NETWORK: "AwsVpcConfigurationTypeDef" = {
    "subnets": ["subnet-0d0eab1bb38d5ca64"],
    "securityGroups": ["sg-0123456789abcdef0"],
}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of a deploy; the caller chooses their order.

    Args:
        environment: the variables of the site's task definition, mainly its database.
    """

    clients: Clients
    environment: Mapping[str, str]

    def create_base(self) -> None:
        """Create the cluster and the log group, which exist before any deploy."""
        self.clients.ecs.create_cluster(clusterName=CLUSTER)
        self.clients.logs.create_log_group(logGroupName=LOG_GROUP)

    def register_release(self, release: int | str, family: str = FAMILY) -> str:
        """Register a task-definition revision with this release's image; returns its ARN."""
        definition = self.clients.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="512",
            memory="1024",
            executionRoleArn="arn:aws:iam::111122223333:role/webapp-execution",
            taskRoleArn="arn:aws:iam::111122223333:role/webapp-task",
            containerDefinitions=[container(release, self.environment)],
        )["taskDefinition"]
        return definition["taskDefinitionArn"]

    def date_back(self, revision: str, age: timedelta) -> None:
        """Let the revision be this old, and with it the deploy that registered it."""
        self.clients.ecs.tag_resource(resourceArn=revision, tags=[ages.tag(age)])

    def create_service(self, revision: str, name: str = SERVICE) -> None:
        self.clients.ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=revision,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": NETWORK},
        )

    def update_service(self, revision: str, name: str = SERVICE) -> None:
        self.clients.ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=revision)

    def mark(self, word: str, **detail: object) -> None:
        """Send a deploy marker to Cronmend, as `aws events put-events` does in a real pipeline."""
        entry: Any = {"Source": "cronmend.deploy", "DetailType": word, "Detail": json.dumps(detail)}
        answer = self.clients.events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"EventBridge rejected the marker {word}: {answer['Entries']}")

    def run_task(self, revision: str, *command: str) -> str:
        """Start a one-off task, as a pipeline does for a migration; returns its ARN."""
        answer = self.clients.ecs.run_task(
            cluster=CLUSTER,
            taskDefinition=revision,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": NETWORK},
            overrides={"containerOverrides": [{"name": CONTAINER, "command": list(command)}]},
        )
        return answer["tasks"][0]["taskArn"]

    def move_schedule(self, group: str, name: str, revision: str) -> None:
        """Let the schedule run this revision, without other changes."""
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        target = schedule["Target"]
        target = {**target, "EcsParameters": {**target["EcsParameters"], "TaskDefinitionArn": revision}}
        self.clients.scheduler.update_schedule(**update_request({**schedule, "Target": target}))

    def revision_of(self, group: str, name: str) -> str:
        """What the schedule runs now."""
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        return str(schedule["Target"]["EcsParameters"]["TaskDefinitionArn"])

    def deregister(self, revision: str) -> None:
        self.clients.ecs.deregister_task_definition(taskDefinition=revision)

    def stop_task(self, task_arn: str) -> None:
        """Stop a task without a reason, as a person does in the console."""
        self.clients.ecs.stop_task(cluster=CLUSTER, task=task_arn)

    def reschedule(
        self,
        group: str,
        name: str,
        expression: str,
        start: datetime | None = None,
        flexible: timedelta = timedelta(0),
    ) -> None:
        """Give the schedule another expression, without other changes.

        Args:
            start: a rate counts from it, and a cron has no earlier slot; at most five minutes ago.
        """
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        times: dict[str, Any] = {"ScheduleExpression": expression}
        if flexible:
            times["FlexibleTimeWindow"] = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": flexible.seconds // 60}
        request: Any = update_request({**schedule, **times})
        if start:
            request["StartDate"] = start
        self.clients.scheduler.update_schedule(**request)

    def move_slots_away(self, group: str, now: datetime) -> None:
        """Let the group's jobs run half a day from now: near a slot, Cronmend waits for it instead of a re-run."""
        far = now + timedelta(hours=12)
        for page in self.clients.scheduler.get_paginator("list_schedules").paginate(GroupName=group):
            for each in page["Schedules"]:
                self.reschedule(group, each["Name"], f"cron({far.minute} {far.hour} * * ? *)")

    def switch(self, group: str, name: str, *, on: bool) -> None:
        """Enable or disable the schedule, as a person does in the console."""
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        state = "ENABLED" if on else "DISABLED"
        self.clients.scheduler.update_schedule(**update_request({**schedule, "State": state}))

    def let_run(self, group: str, name: str, command: Sequence[str]) -> Sequence[str]:
        """Give the job another command, without other changes; returns the one it had."""
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        override = json.loads(schedule["Target"]["Input"])
        (own,) = override["containerOverrides"]
        before, own["command"] = own["command"], list(command)
        target = {**schedule["Target"], "Input": json.dumps(override)}
        self.clients.scheduler.update_schedule(**update_request({**schedule, "Target": target}))
        return tuple(before)

    def resize(self, group: str, name: str, cpu: int, memory: int) -> None:
        """Give the job another size, without other changes."""
        schedule: Any = self.clients.scheduler.get_schedule(GroupName=group, Name=name)
        override = {**json.loads(schedule["Target"]["Input"]), "cpu": str(cpu), "memory": str(memory)}
        target = {**schedule["Target"], "Input": json.dumps(override)}
        self.clients.scheduler.update_schedule(**update_request({**schedule, "Target": target}))


def container(release: int | str, environment: Mapping[str, str], name: str = CONTAINER) -> Any:
    """A container definition with the site's image of this release, which logs to :data:`LOG_GROUP`."""
    return {
        "name": name,
        "image": reference(REPOSITORY, release),
        "essential": name == CONTAINER,
        "command": ["python", "manage.py", "runserver"],
        "environment": [{"name": variable, "value": value} for variable, value in environment.items()],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": STREAM_PREFIX,
            },
        },
    }


def serving(clients: Clients) -> tuple[str, Mapping[str, str]] | None:
    """The image's tag and the variables of the revision that the site's service runs, or else of the newest one.

    None if the account has no site.
    """
    ecs = clients.ecs
    used = [each["taskDefinition"] for each in ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]]
    try:
        definition = ecs.describe_task_definition(taskDefinition=[*used, FAMILY][0])["taskDefinition"]
    except ecs.exceptions.ClientException:
        return None
    site = definition["containerDefinitions"][0]
    return site["image"].rpartition(":")[2], {each["name"]: each["value"] for each in site.get("environment", ())}
