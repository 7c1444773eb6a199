"""EventBridge rules with an ECS target as schedules, and one adapter for both kinds of schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.errors import NotFound, Permanent
from cronmend.jobs.identity import RULE
from cronmend.jobs.run_task_request import from_rule
from cronmend.model import LiveSchedule, Missing

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient


class EventRules:
    """A job is ``events-rule/<rule>``; ``events-rule/<rule>/<target>`` if the rule has several ECS targets."""

    permissions = ("events:ListRules", "events:DescribeRule", "events:ListTargetsByRule")

    def __init__(self, client: "EventBridgeClient | None" = None) -> None:
        self._client = client or session().client("events", config=CONFIG)

    def named(self, prefix: str, cluster_arn: str, since: datetime | None = None) -> Sequence[LiveSchedule] | Missing:
        try:
            with our_errors(f"list the rules named {prefix}…"):
                pages = self._client.get_paginator("list_rules").paginate(NamePrefix=prefix)
                rules = [rule for page in pages for rule in page["Rules"]]
            found = (live for rule in rules for live in self._targets(rule))
            return tuple(live for live in found if live.cluster_arn == cluster_arn)
        except Permanent as error:
            return Missing(str(error))

    def get(self, job: str) -> LiveSchedule | Missing:
        name = job.removeprefix(RULE).split("/")[0]
        try:
            found = {live.job: live for live in self._of_rule(name)}
        except NotFound:
            return Missing(f"the rule {name} doesn't exist")
        except Permanent as error:
            return Missing(str(error))
        return found.get(job, Missing(f"the rule {name} has no such ECS target with constant input"))

    def _of_rule(self, name: str) -> Sequence[LiveSchedule]:
        with our_errors(f"read the rule {name}"):
            rule = self._client.describe_rule(Name=name)
        return self._targets(rule)

    def _targets(self, rule: Any) -> Sequence[LiveSchedule]:
        """The rule as DescribeRule or ListRules returns it."""
        with our_errors(f"list the targets of the rule {rule['Name']}"):
            pages = self._client.get_paginator("list_targets_by_rule").paginate(Rule=rule["Name"])
            targets: list[Any] = [each for page in pages for each in page["Targets"] if "EcsParameters" in each]
        fixed = [each for each in targets if "InputPath" not in each and "InputTransformer" not in each]
        return tuple(_live(rule, each, alone=len(targets) == 1) for each in fixed)


@dataclass(frozen=True, slots=True)
class AllSchedules:
    """Schedules of EventBridge Scheduler and rules of EventBridge, distinguished by the job's ID."""

    schedules: SchedulerSchedules
    rules: EventRules

    def named(self, prefix: str, cluster_arn: str, since: datetime | None = None) -> Sequence[LiveSchedule] | Missing:
        if prefix.startswith(RULE):
            return self.rules.named(prefix.removeprefix(RULE), cluster_arn, since)
        return self.schedules.named(prefix, cluster_arn, since)

    def get(self, job: str) -> LiveSchedule | Missing:
        return self.rules.get(job) if job.startswith(RULE) else self.schedules.get(job)


def _live(rule: Mapping[str, Any], target: Mapping[str, Any], *, alone: bool) -> LiveSchedule:
    """A rule's schedule is in UTC; a rule that reacts to events has no slots."""
    job = f"{RULE}{rule['Name']}" if alone else f"{RULE}{rule['Name']}/{target['Id']}"
    return LiveSchedule(
        job=job,
        arn=rule["Arn"],
        enabled=rule.get("State") != "DISABLED",
        expression=rule.get("ScheduleExpression", ""),
        timezone="UTC",
        cluster_arn=target["Arn"],
        parameters=from_rule(target["EcsParameters"]),
        target_input=target.get("Input", ""),
    )
