"""The AWS account, as far as the jobs commands need it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.jobs.answers import Answer, Home
from cli.jobs.importers.rules import RULES
from cronmend.adapters.aws import ErrorAnswer, our_errors
from cronmend.errors import NotFound
from cronmend.jobs.identity import RULE
from cronmend.jobs.watched import Starter, of_schedule


class LiveSchedules:
    """EventBridge Scheduler, as far as `diff` and `import` read it and `pause` writes it."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()
        self._scheduler = self._session.client("scheduler")

    def home(self) -> Home:
        with our_errors("read the account of the credentials"):
            identity = self._session.client("sts").get_caller_identity()
        return Home(identity["Account"], self._scheduler.meta.region_name, identity["Arn"].split(":")[1])

    def all_in(self, group: str) -> Iterator[Answer]:
        """ListSchedules returns names only, so each schedule costs a GetSchedule. A missing group is empty."""
        with our_errors(f"read the schedules of group '{group}'"):
            for each in self._listed(group):
                yield self._scheduler.get_schedule(GroupName=group, Name=each["Name"])

    def starting_tasks(self, group: str) -> Iterator[str]:
        """The IDs of the schedules of a group, or of the rules, that start ECS tasks."""
        if group == RULES:
            yield from self._rules()
            return
        with our_errors(f"list the schedules of group '{group}'"):
            listed = self._listed(group)
        for each in listed:
            if of_schedule(each, ()).starter in (Starter.SCHEDULE, Starter.UNIVERSAL):
                yield f"{group}/{each['Name']}"

    def _listed(self, group: str) -> list[Answer]:
        """ListSchedules's summaries of a group; none if there is no such group."""
        try:
            pages = list(self._scheduler.get_paginator("list_schedules").paginate(GroupName=group))
        except self._scheduler.exceptions.ResourceNotFoundException:
            return []
        return [each for page in pages for each in page["Schedules"]]

    def _rules(self) -> Iterator[str]:
        for rule, targets in self.rules():
            if any(each.get("EcsParameters") for each in targets):
                yield f"{RULE}{rule['Name']}"

    def rules(self) -> Iterator[tuple[Answer, list[Answer]]]:
        """The rules of the default event bus that have a schedule, each with its targets."""
        events = self._session.client("events")
        with our_errors("read the rules of EventBridge"):
            rules = [rule for page in events.get_paginator("list_rules").paginate() for rule in page["Rules"]]
            for rule in (rule for rule in rules if rule.get("ScheduleExpression")):
                targets: list[Answer] = list(events.list_targets_by_rule(Rule=rule["Name"])["Targets"])
                yield rule, targets

    def tags_of(self, rule: str) -> Mapping[str, str]:
        with our_errors(f"read the tags of rule '{rule}'"):
            answer = self._session.client("events").list_tags_for_resource(ResourceARN=rule)
        return {each["Key"]: each["Value"] for each in answer["Tags"]}

    def get(self, group: str, name: str) -> Answer:
        with our_errors(f"read schedule '{group}/{name}'"):
            return self._scheduler.get_schedule(GroupName=group, Name=name)

    def find(self, group: str, name: str) -> Answer | None:
        try:
            return self.get(group, name)
        except NotFound:
            return None

    def update(self, schedule: Answer) -> None:
        """UpdateSchedule resets fields that are left out, so this sends all of them."""
        kept = self._scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape
        fields = {
            key: schedule[key] for key in (kept.members if kept else ()) if key in schedule and key != "ClientToken"
        }
        with our_errors(f"update schedule '{schedule['Name']}'"):
            self._scheduler.update_schedule(**fields)


@dataclass(slots=True)
class LiveAccount:
    """The resources that a schedule needs; None for one that doesn't exist. Each is asked for once."""

    session: boto3.Session = field(default_factory=boto3.Session)
    _known: dict[tuple[str, str], Answer | None] = field(default_factory=dict)

    def task_definition(self, reference: str) -> Answer | None:
        def ask() -> Answer:
            return self.session.client("ecs").describe_task_definition(taskDefinition=reference)["taskDefinition"]

        return self._once("task definition", reference, ask)

    def cluster(self, reference: str) -> Answer | None:
        def ask() -> Answer | None:
            return next(iter(self.session.client("ecs").describe_clusters(clusters=[reference])["clusters"]), None)

        return self._once("cluster", reference, ask)

    def clusters(self) -> Sequence[str]:
        with our_errors("list the clusters"):
            pages = list(self.session.client("ecs").get_paginator("list_clusters").paginate())
        return sorted(arn.rpartition("/")[2] for page in pages for arn in page["clusterArns"])

    def service(self, cluster: str, name: str) -> Answer | None:
        def ask() -> Answer | None:
            found = self.session.client("ecs").describe_services(cluster=cluster, services=[name])["services"]
            return next((dict(each) for each in found if each["status"] != "INACTIVE"), None)

        return self._once("service", f"{cluster}/{name}", ask)

    def services(self, cluster: str) -> Sequence[str]:
        with our_errors(f"list the services of cluster '{cluster}'"):
            pages = list(self.session.client("ecs").get_paginator("list_services").paginate(cluster=cluster))
        return sorted(arn.rpartition("/")[2] for page in pages for arn in page["serviceArns"])

    def subnet(self, name: str) -> Answer | None:
        def ask() -> Answer | None:
            client: Any = self.session.client("ec2")
            found: list[Answer] = client.describe_subnets(SubnetIds=[name])["Subnets"]
            return next(iter(found), None)

        return self._once("subnet", name, ask)

    def queue(self, arn: str) -> Answer | None:
        def ask() -> Answer:
            sqs = self.session.client("sqs")
            url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            attributes: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            return {"QueueUrl": url, **attributes}

        return self._once("queue", arn, ask)

    def log_group(self, name: str) -> Answer | None:
        def ask() -> Answer | None:
            groups = self.session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            return next((dict(each) for each in groups if each["logGroupName"] == name), None)

        return self._once("log group", name, ask)

    def role(self, arn: str) -> Answer | None:
        def ask() -> Answer:
            client: Any = self.session.client("iam")
            found: Answer = client.get_role(RoleName=arn.rpartition("/")[2])["Role"]
            return found

        return self._once("role", arn, ask)

    def denied(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Whether IAM's simulator denies the action to the role."""
        client: Any = self.session.client("iam")
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ]
        with our_errors(f"simulate {action} for {role}"):
            results = client.simulate_principal_policy(
                PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource], ContextEntries=entries
            )["EvaluationResults"]
        return any(result["EvalDecision"] != "allowed" for result in results)

    def _once(self, kind: str, name: str, ask: Callable[[], Answer | None]) -> Answer | None:
        if (kind, name) not in self._known:
            with our_errors(f"look up {kind} '{name}'"):
                try:
                    self._known[kind, name] = ask()
                except ClientError as error:
                    if not _is_not_found(error):
                        raise
                    self._known[kind, name] = None
        return self._known[kind, name]


def _is_not_found(error: ClientError) -> bool:
    answer = ErrorAnswer.of(error)
    absent = ("NotFound", "NoSuchEntity", "NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException")
    return any(word in answer.code for word in absent) or "Unable to describe task definition" in answer.message
