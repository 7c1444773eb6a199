"""EventBridge rules with an ECS target as schedules, and one adapter for both kinds of schedules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import denials
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.errors import NotFound, Permanent
from cronmend.jobs.identity import RULE
from cronmend.jobs.readable_rules import unreadable_rule
from cronmend.jobs.run_task_request import from_rule
from cronmend.model import LiveSchedule, Missing

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient


_SERVICE = "events"


class EventRules:
    """A job is ``events-rule/<rule>``; ``events-rule/<rule>/<target>`` if the rule has several ECS targets."""

    permissions = ("events:ListRules", "events:DescribeRule", "events:ListTargetsByRule")

    def __init__(self, client: "EventBridgeClient | None" = None) -> None:
        self._given = client

    @cached_property
    def _client(self) -> "EventBridgeClient":
        """Made at its first use: jobs that EventBridge Scheduler starts don't need it."""
        return self._given or session().client("events", config=CONFIG)

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        try:
            with denials(f"list the rules named {prefix}…", _SERVICE):
                pages = self._client.get_paginator("list_rules").paginate(NamePrefix=prefix)
                rules = [rule for page in pages for rule in page["Rules"]]
            found = [live for rule in rules for live in self._targets(rule)]
        except Permanent as error:
            return Missing(str(error))
        readable = [live for live in found if isinstance(live, LiveSchedule)]
        return _all_missing(found) or tuple(live for live in readable if live.cluster_arn == cluster_arn)

    def get(self, job: str) -> LiveSchedule | Missing:
        name = job.removeprefix(RULE).split("/")[0]
        try:
            found = self._of_rule(name)
        except NotFound:
            return Missing(f"the rule {name} doesn't exist on the default event bus")
        except Permanent as error:
            return Missing(str(error))
        readable = {live.job: live for live in found if isinstance(live, LiveSchedule)}
        return readable.get(job, _all_missing(found) or Missing(f"the rule {name} has no such ECS target"))

    def targets(self, job: str) -> Sequence[LiveSchedule]:
        """Each target of the job's rule whose run can be repeated; none if there is no such rule."""
        try:
            found = self._of_rule(job.removeprefix(RULE).split("/")[0])
        except NotFound:
            return ()
        return tuple(each for each in found if isinstance(each, LiveSchedule))

    def _of_rule(self, name: str) -> Sequence[LiveSchedule | Missing]:
        with denials(f"read the rule {name}", _SERVICE):
            rule = self._client.describe_rule(Name=name)
        return self._targets(rule)

    def _targets(self, rule: Any) -> Sequence[LiveSchedule | Missing]:
        """Each ECS target of a rule that DescribeRule or ListRules returned; Missing if its run can't be repeated."""
        with denials(f"list the targets of the rule {rule['Name']}", _SERVICE):
            pages = self._client.get_paginator("list_targets_by_rule").paginate(Rule=rule["Name"])
            targets: list[Any] = [each for page in pages for each in page["Targets"] if "EcsParameters" in each]
        alone = len(targets) == 1
        return tuple(
            Missing(why) if (why := unreadable_rule(rule, each)) else _live(rule, each, alone=alone) for each in targets
        )


class AllSchedules(Struct, frozen=True):
    """Schedules of EventBridge Scheduler and rules of EventBridge, distinguished by the job's ID."""

    schedules: SchedulerSchedules
    rules: EventRules

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        if prefix.startswith(RULE):
            return self.rules.named(prefix.removeprefix(RULE), cluster_arn, since)
        return self.schedules.named(prefix, cluster_arn, since, work)

    def get(self, job: str) -> LiveSchedule | Missing:
        return self.rules.get(job) if job.startswith(RULE) else self.schedules.get(job)


def _all_missing(found: Sequence[LiveSchedule | Missing]) -> Missing | None:
    """Why not one of the targets can be read; None if one can, or if there is none."""
    reasons = [each.reason for each in found if isinstance(each, Missing)]
    return Missing("; ".join(reasons)) if reasons and len(reasons) == len(found) else None


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
        dead_letters=target.get("DeadLetterConfig", {}).get("Arn", ""),
        role=target.get("RoleArn") or rule.get("RoleArn", ""),
    )
