"""Read what the stack watches: clusters, schedules and rules."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.doctor.facts import Cluster, Scheduled
from cli.on_call.stack import Stack
from cronmend.errors import UNREADABLE
from cronmend.jobs import watched
from cronmend.jobs.identity import JOB_VARIABLE, RULE
from cronmend.jobs.slots import unreadable
from cronmend.jobs.watched import Starter, Watch


@dataclass(frozen=True)
class AccountReader:
    stack: Stack

    def clusters(self) -> Sequence[Cluster]:
        client = self.stack.client("ecs")
        answer = client.describe_clusters(clusters=list(self.stack.cluster_arns))["clusters"]
        known = {each["clusterArn"]: each for each in answer}
        return [
            Cluster(arn.rpartition("/")[2], each.get("status", ""), self._services(client, arn) if each else 0)
            for arn in self.stack.cluster_arns
            for each in [known.get(arn, {})]
        ]

    def _services(self, client: Any, cluster: str) -> int:
        pages = client.get_paginator("list_services").paginate(cluster=cluster, PaginationConfig={"PageSize": 100})
        return sum(len(page["serviceArns"]) for page in pages)

    def scheduled(self) -> Sequence[Scheduled]:
        """All that start ECS tasks, or may: timers of this stack and other targets are left out."""
        found = [*self._schedules(), *self._rules()]
        return [each for each in found if each.verdict.watch is not Watch.NO_TASK]

    def _schedules(self) -> Iterator[Scheduled]:
        """What a target's input decides is read in full: a universal target, and a job of a watched cluster."""
        client = self.stack.client("scheduler")
        for page in client.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 100}):
            for summary in page["Schedules"]:
                verdict = watched.of_schedule(summary, self.stack.cluster_arns)
                name = f"{summary['GroupName']}/{summary['Name']}"
                if verdict.starter is not Starter.UNIVERSAL and verdict.watch is not Watch.FULLY:
                    yield Scheduled(name, verdict)
                    continue
                whole = client.get_schedule(GroupName=summary["GroupName"], Name=summary["Name"])
                verdict, target = watched.of_schedule(whole, self.stack.cluster_arns), whole["Target"]
                why = unreadable(
                    str(whole.get("ScheduleExpression", "")), whole.get("ScheduleExpressionTimezone", "UTC")
                )
                yield Scheduled(name, verdict, _passes(target), _gives_up_to(target), why)

    def _rules(self) -> Iterator[Scheduled]:
        client = self.stack.client("events")
        for bus in client.list_event_buses()["EventBuses"]:
            for page in client.get_paginator("list_rules").paginate(EventBusName=bus["Name"]):
                for rule in page["Rules"]:
                    answer = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])
                    yield from (self._target(rule, target) for target in answer["Targets"])

    def _target(self, rule: Mapping[str, Any], target: Mapping[str, Any]) -> Scheduled:
        verdict = watched.of_rule(rule, target, self.stack.cluster_arns)
        why = unreadable(str(rule.get("ScheduleExpression", "")))
        return Scheduled(f"{RULE}{rule['Name']}", verdict, gives_up_to=_gives_up_to(target), unread=why)


def _gives_up_to(target: Mapping[str, Any]) -> str:
    return str((target.get("DeadLetterConfig") or {}).get("Arn") or "").rpartition(":")[2]


def _passes(target: Mapping[str, Any]) -> str:
    """The job ID in the environment of the target's override; ``""`` if there is none."""
    try:
        overrides = json.loads(target.get("Input") or "{}").get("containerOverrides") or []
        pairs = [pair for each in overrides for pair in each.get("environment") or []]
        return next((str(pair["value"]) for pair in pairs if pair.get("name") == JOB_VARIABLE), "")
    except UNREADABLE:
        return ""
